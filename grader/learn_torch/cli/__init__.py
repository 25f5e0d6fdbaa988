"""The command line. Each command has its own file, which parses, calls the library and prints.

This file imports only modules that the interpreter has already loaded, not even `__future__`. `python -m
learn_torch.cli` searches the current folder first for every module, and that folder may hold submissions. So `main`
takes it off the path before anything else.
"""

import gc
import os
import site
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from learn_torch.checking.checking import MakeChecker


def main(arguments: "Sequence[str] | None" = None, *, make_checker: "MakeChecker | None" = None) -> None:
    """Run `learn` and exit.

    Exit codes: 0 passed, 1 not passed, 2 wrong use, 3 a grader or learn itself failed, 128 + n after signal n.

    Args:
        arguments: the arguments after `learn`; by default those of the process.
        make_checker: makes the checker for commands that run checks. It takes the same arguments as
            `learn_torch.checking.checker.Checker`, which is the default.
    """
    _leave_the_current_folder_alone()
    gc.disable()  # until the command begins: loading modules creates no garbage
    from learn_torch.cli.edge import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments), make_checker))


def _leave_the_current_folder_alone() -> None:
    # A file `torch.py` or `rich.py` beside the submissions must not be imported in place of the library. An empty
    # entry in PYTHONPATH also stands for the current folder.
    try:
        here = os.path.realpath(os.curdir)
    except FileNotFoundError:  # it has been deleted, so relative paths lead nowhere
        sys.path[:] = [p for p in sys.path if os.path.isabs(p)]
        return
    sys.path[:] = [p for p in sys.path if p and (os.path.realpath(p) != here or p in site.getsitepackages())]
