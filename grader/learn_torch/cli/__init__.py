"""The command line: one command a file, which parses, calls the library and prints.

`main` is the edge: here, and only here, a `LearnError` becomes a message and an exit code.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from learn_torch.cli.terminal import err, prepare_streams
from learn_torch.errors import LearnError
from learn_torch.language import _, preferred_language, use_language

if TYPE_CHECKING:
    import typer


def make_app() -> typer.Typer:
    """The commands, with their help in the language in use."""
    import typer

    from learn_torch.cli import (
        check,
        hint,
        init,
        list_,
        next_,
        plugins,
        reset,
        show,
        version,
    )

    app = typer.Typer(
        help=_("Learn PyTorch by doing: write code, `learn check`, understand."),
        no_args_is_help=True,
        add_completion=False,
        # Our own bugs keep their plain traceback.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(version.options)
    app.command(help=_("Make a workspace: a folder with every exercise's stub."))(init.init)
    app.command("list", help=_("List the exercises and how far you are."))(list_.list_exercises)
    app.command(help=_("Show an exercise's statement."))(show.show)
    app.command(help=_("Show an exercise's hints, from a nudge to nearly the answer."))(hint.hint)
    app.command("next", help=_("Show the next exercise that you have not passed."))(next_.next_exercise)
    app.command(help=_("Check your code: the named exercises, or the next one."))(check.check)
    app.command(help=_("Put an exercise's stub back; your file is kept as a backup."))(reset.reset)
    app.command(help=_("List the plugins and what they bring."))(plugins.plugins)
    return app


def main() -> None:
    """Run `learn` and exit: 0 passed, 1 not passed, 2 wrong use, 3 a grader broke, 130 interrupted."""
    prepare_streams()
    use_language(preferred_language())
    try:
        make_app()()
    except LearnError as error:
        report(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err().print(_("interrupted"))
        sys.exit(130)
    except BrokenPipeError:  # `learn list | head`
        sys.stderr.close()
        sys.exit(1)


def report(error: LearnError) -> None:
    """Say what is wrong and what to do next, on standard error."""
    from rich.text import Text

    console = err()
    console.print(Text.assemble((_("error: "), "bold red"), error.message))
    if error.hint:
        console.print(Text.assemble((_("try: "), "bold"), error.hint))
