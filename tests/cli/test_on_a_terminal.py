"""What a terminal shows: narrow ones too, in both languages, and while a check runs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import command
from learn_torch.cli.terminal import _width
from learn_torch.course import course_root

pty = pytest.importorskip("pty", reason="no terminals here")

Learn = Callable[..., Any]
FILE = "exercises/core/03_conv_output_shape.py"
SOLUTION = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"


def on_terminal(*arguments: object, cwd: Path, columns: int = 80, **environment: str) -> str:
    """What `learn` writes on a terminal, with the sequences that colour it and move about in it."""
    ours, theirs = pty.openpty()
    made = command(*arguments, COLUMNS=str(columns), LINES="24", TERM="xterm-256color", **environment)
    process = subprocess.Popen(**made, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd)
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # Linux raises where the other side is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=120) in (0, 1), written
    return written.decode("utf-8")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("columns", [50, 80])
def test_list_keeps_mark_number_and_points(learn: Learn, tmp_path: Path, lang: str, columns: int) -> None:
    learn("init", "ws", "--lang", lang)
    (tmp_path / "ws" / FILE).write_bytes(SOLUTION.read_bytes())
    assert learn("check", "03", cwd=tmp_path / "ws").code == 0
    lines = plain(on_terminal("list", cwd=tmp_path / "ws", columns=columns)).splitlines()
    assert all(_width(line.rstrip()) <= columns for line in lines)
    (line,) = [line for line in lines if "core/03" in line]
    assert line.startswith("✓ ")
    assert line.rstrip().endswith(" 10/10")
    assert [line.split()[0 if line[0] == " " else 1] for line in lines if "core/" in line] == [
        f"core/0{n}" for n in range(1, 10)
    ]


def test_something_turns_until_the_verdict_and_the_lines_stay(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION.read_bytes())
    written = on_terminal("check", "03", cwd=workspace)
    assert "checking" in written
    shown, hidden = written.rindex("\x1b[?25h"), written.index("\x1b[?25l")
    assert hidden < shown  # the cursor comes back
    assert plain(written).count("✓") == 9


def test_piped_nothing_turns(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION.read_bytes())
    assert "checking" not in learn("check", "03", cwd=workspace).out


def test_a_terminal_that_is_not_unicode_gets_plain_signs(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION.read_bytes())
    written = on_terminal("check", "03", cwd=workspace, PYTHONUTF8="0", PYTHONIOENCODING="gbk")
    assert "\\u" not in written
    assert plain(written).count("  + ") == 9
