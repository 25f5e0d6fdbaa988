"""`learn doctor`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.terminal import out
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.doctor import Fact

_MARKS = {"ok": ("✓", "green"), "note": ("-", "yellow"), "problem": ("✗", "bold red")}


def command() -> Command:
    """`learn doctor`."""
    return Command("doctor", doctor, _("Check the installation."))


def doctor(
    json: Annotated[
        bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))
    ] = False,
) -> None:
    """Check whether everything is installed and works."""
    import msgspec

    from learn_torch.doctor import check_installation

    health = check_installation()
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(health), indent=2).decode() + "\n")
    else:
        for finding in health.findings:
            _print(finding)
        problems = sum(finding.state == "problem" for finding in health.findings)
        out().print(_("Everything works.") if health.ok else _("Problems: {n}").format(n=problems))
    raise typer.Exit(0 if health.ok else 1)


def _title(name: str) -> str:
    # Names of packages and devices are the same in every language.
    titles = {
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


def _print(finding: Fact) -> None:
    from rich.text import Text

    mark, style = _MARKS[finding.state]
    console = out()
    console.print(Text.assemble((mark, style), " ", (_title(finding.name), "bold"), ": ", finding.found))
    if finding.advice:
        console.print(Text("  → " + finding.advice))
