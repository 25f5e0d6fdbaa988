"""Exit codes say what they mean: 1 is "not passed", and nothing else ends with it."""

from __future__ import annotations

import glob
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import command
from learn_torch.course import course_root

Learn = Callable[..., Any]
SOLUTION = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")

PLUGIN = """
import learn_torch
from learn_torch.plugins.contributions import Command

def boom():
    {body}

@learn_torch.hookimpl
def learn_commands():
    return [Command("boom", boom, "Boom.")]
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('out of order \\x1b[2J')", "ValueError: out of order"),
        ("raise EOFError('no more')", "EOFError: no more"),
        ("raise BrokenPipeError(32, 'of a worker')", "BrokenPipeError"),
        ("raise OSError(28, 'no space')", "OSError"),
        ("raise MemoryError", "MemoryError"),
        ("boom()", "RecursionError"),
        ("import typer; raise typer.Abort", "Abort"),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else None,
)
def test_whatever_breaks_in_learn_prints_its_traceback_and_exits_with_3(
    learn: Learn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, told: str
) -> None:
    (tmp_path / "breaks.py").write_text(PLUGIN.format(body=body), "utf-8")
    info = tmp_path / "breaks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: breaks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[learn]\nbreaks = breaks\n")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    try:
        done = learn("boom", cwd=tmp_path / "elsewhere")
    finally:
        sys.modules.pop("breaks", None)
    assert done.code == 3
    assert "Traceback" in done.err
    assert told in done.err
    assert "\x1b" not in done.err


FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def ended(*arguments: object, shell: str, cwd: Path, **environment: str) -> tuple[int, str]:
    """The exit code of `learn` behind a redirection or before a pipe, and its standard error."""
    made = command(*arguments, **environment)
    done = subprocess.run(
        ["bash", "-c", f'("$@"; echo "code $?" >&2) {shell}', "bash", *made["args"]],
        env=made["env"], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", timeout=120,
    )  # fmt: skip
    told, _word, code = done.stderr.rpartition("code ")
    return int(code), told


@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["list"], ["show", "03"], ["check", "--help"]]
)
def test_a_full_standard_output_is_said(tmp_path: Path, arguments: list[str], unbuffered: str) -> None:
    code, told = ended(*arguments, shell="> /dev/full", cwd=tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert code == 3
    assert told.startswith("error: standard output cannot be written: No space left on device\n")
    assert "Traceback" not in told


@needs_full
@pytest.mark.parametrize("form", [["--json"], []])
def test_a_passed_check_that_cannot_be_told_is_no_failed_one(tmp_path: Path, form: list[str]) -> None:
    code, told = ended("check", "03", "--file", SOLUTION, *form, shell="> /dev/full", cwd=tmp_path)
    assert code == 3
    assert "standard output cannot be written" in told
    assert "Traceback" not in told


@needs_full
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["chek"], 2), (["next"], 2), (["list"], 0), (["check", "03", "--file", str(SOLUTION)], 0)],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_full_standard_error_changes_no_exit_code(tmp_path: Path, arguments: list[str], code: int) -> None:
    made = command(*arguments)
    with FULL.open("w") as full:
        assert subprocess.run(**made, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=full).returncode == code


@posix
@pytest.mark.parametrize(
    "arguments", [["--help"], ["list"], ["show", "03"], ["check", "03", "--file", SOLUTION]]
)
def test_a_reader_that_goes_ends_it_as_sigpipe_would(tmp_path: Path, arguments: list[Any]) -> None:
    code, told = ended(*arguments, shell="| true", cwd=tmp_path)
    # Whoever reads may have gone only after the last word.
    assert code in (141, 0)
    assert told == ""


@posix
def test_a_reader_that_is_gone_before_the_first_word(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(**command("list"), cwd=tmp_path, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_crash(tmp_path: Path, closed: str) -> None:
    made = command("check", "03", "--file", SOLUTION)
    done = subprocess.run(
        ["bash", "-c", f'"$@" {closed}', "bash", *made["args"]], env=made["env"], cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0


@pytest.mark.parametrize("launch", ["auto", "subprocess"])
def test_an_interpreter_that_may_not_be_executed_is_said(tmp_path: Path, launch: str) -> None:
    forbidden = tmp_path / "python"
    forbidden.write_text("#!/bin/sh\n")
    forbidden.chmod(0o600)
    arguments = ["check", "03", "--file", str(SOLUTION), "--json", "--launch", launch]
    code = f"import sys; sys.executable = {str(forbidden)!r}; from learn_torch.cli import main; main({arguments})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=command()["env"])
    assert (done.returncode, done.stdout) == (3, "")
    assert f"Python cannot be started, {forbidden}: " in done.stderr
    assert "Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
@pytest.mark.parametrize("launch", ["auto", "subprocess"])
def test_a_signal_that_ends_a_check_cleans_up(
    start: Callable[..., Any], tmp_path: Path, name: str, launch: str
) -> None:
    number = getattr(signal, name)
    folders = tmp_path / "folders"
    folders.mkdir()
    (tmp_path / "03.py").write_text("open('started', 'w').close()\nwhile True:\n    pass\n")
    check = start("check", "03", "--file", "03.py", "--launch", launch, TMPDIR=str(folders))
    while not glob.glob(f"{folders}/*/*/scratch/started"):
        assert check.poll() is None
        time.sleep(0.02)
    for _again in range(3 if name == "SIGHUP" else 1):  # the kernel and the shell both hang up
        check.send_signal(number)
    _out, told = check.communicate(timeout=30)
    assert check.returncode == 128 + number, told
    assert list(folders.iterdir()) == []
    assert told == ""


@posix
def test_nohup_is_heeded(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys, runpy; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "sys.argv = ['learn', '--version']\n"
        "from learn_torch.cli import main\n"
        "try:\n    main()\nfinally:\n    os.kill(os.getpid(), signal.SIGHUP)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60)
    assert done.returncode == 0


@posix
@pytest.mark.parametrize("name", ["-dash", "two words", "it's", "$HOME", "`id`", "--", "plain", "~"])
def test_the_cd_that_init_prints_works(learn: Learn, tmp_path: Path, name: str) -> None:
    done = learn("init", "--", name)
    assert done.code == 0
    line = next(line for line in done.out.splitlines() if line.startswith("  cd "))
    script = f"{line}\npwd"
    shown = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert shown.stdout == f"{tmp_path / name}\n"
    assert "cd ./-dash" in line or name != "-dash"
