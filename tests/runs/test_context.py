"""What a run says is safe to show, whatever its folders and files are called."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from learn_torch.runs.context import RunContext

NAMES = ("\x1b[31mred", "::error::x", "##vso[task.x]y", "##teamcity[x]")


def test_names_of_folders_and_files_are_shown_escaped() -> None:
    shown = io.StringIO()
    console = Console(file=shown, width=200)
    context = RunContext(console=console, errors=console, seed=0, out=Path("runs"))
    for name in NAMES:
        context.say(name)
        context.warn(name)
        context.table(("class", "images"), [(name, "3")])
    text = shown.getvalue()
    assert "\x1b" not in text
    assert "##vso[" not in text
    assert "##teamcity[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "\\x1b[31mred" in text
