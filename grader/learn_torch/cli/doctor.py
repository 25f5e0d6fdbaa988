"""`learn doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from learn_torch.cli.place import insist_on_plugins, plugins_here
from learn_torch.cli.terminal import marks, out, print_document, turning
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.doctor import Courses, Fact


def command() -> Command:
    """`learn doctor`."""
    return Command("doctor", doctor, _("Check the installation."))


def doctor(
    context: typer.Context,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help=_("Show every package and every promise of the isolation.")),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))
    ] = False,
) -> None:
    """Check whether everything is installed and works."""
    from learn_torch.doctor import check_installation

    courses = _courses_here(context)
    if json:
        import msgspec

        health = check_installation(courses=courses)
        print_document(msgspec.json.format(msgspec.json.encode(health), indent=2))
    else:
        with _Lines(verbose=verbose) as lines:
            health = check_installation(courses=courses, listen=lines.add)
        problems = sum(finding.state == "problem" for finding in health.findings)
        out().print(_("Everything works.") if health.ok else _("Problems: {n}").format(n=problems))
    raise typer.Exit(0 if health.ok else 1)


def _courses_here(context: typer.Context) -> Courses:
    """Switches to the workspace's language now. What is wrong with the workspace is raised when it is asked for."""
    try:
        plugins, workspace = plugins_here(context, need_workspace=False)
        if workspace is not None:
            insist_on_plugins(workspace, plugins)
    except LearnError as error:
        problem = error

        def fail() -> NoReturn:
            raise problem

        return fail
    return lambda: (plugins, workspace.root if workspace else None)


class _Lines:
    """Prints facts as they are found out, on one screen: packages that work share a line, promises have none.

    Args:
        verbose: give every fact its line.
    """

    def __init__(self, *, verbose: bool) -> None:
        self._verbose, self._console = verbose, out()
        self._packages: list[str] = []
        self._turning = turning(self._console, _("checking"))
        signs = marks()
        self._marks = {
            "ok": (signs.passed, "green"),
            "note": ("-", "yellow"),
            "problem": (signs.failed, "bold red"),
        }

    def add(self, fact: Fact) -> None:
        """Print a fact, or keep it for a line with others."""
        from learn_torch.doctor import PACKAGES

        if not self._verbose and fact.state == "ok" and fact.name in PACKAGES:
            self._packages.append(f"{fact.name} {fact.found}")
            return
        self._print_packages()
        if self._verbose or not _is_promise(fact):
            self._print(fact)

    def _print_packages(self) -> None:
        from learn_torch.doctor import Fact

        if self._packages:
            self._print(Fact("packages", "ok", _(", ").join(self._packages)))
            self._packages.clear()

    def _print(self, fact: Fact) -> None:
        from rich.text import Text

        mark = self._marks[fact.state]
        self._console.print(Text.assemble(mark, " ", (_title(fact.name), "bold"), ": ", fact.found))
        if fact.advice:
            self._console.print(Text("  → " + fact.advice))

    def __enter__(self) -> _Lines:
        self._turning.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._turning.__exit__(*error)


def _is_promise(fact: Fact) -> bool:
    return fact.state != "problem" and fact.name.startswith(("isolation: ", "isolation with processes: "))


def _title(name: str) -> str:
    # Names of packages and devices are the same in every language.
    titles = {
        "packages": _("packages"),
        "torchvision with torch": _("torchvision with torch"),
        "isolation": _("isolation"),
        "isolation with processes": _("isolation with processes"),
        "reading files": _("reading files"),
        "writing files": _("writing files"),
        "file modes": _("file modes"),
        "network": _("network"),
        "new processes": _("new processes"),
        "other processes": _("other processes"),
        "shared memory": _("shared memory"),
        "privileges": _("privileges"),
        "system calls": _("system calls"),
        "limits": _("limits"),
        "engine": _("engine"),
        "temporary folder": _("temporary folder"),
        "cache folder": _("cache folder"),
        "plugins": _("plugins"),
        "courses": _("courses"),
        "a check": _("a check"),
    }
    return ": ".join(titles.get(part, part) for part in name.split(": "))
