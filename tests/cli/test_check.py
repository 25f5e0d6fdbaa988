"""`learn check`: verdicts, exit codes, JSON, bad input, and progress that survives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from learn_torch.course import Catalogue, course_root

Learn = Callable[..., Any]
FILE = "exercises/core/03_conv_output_shape.py"
SOLUTION = (course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py").read_bytes()


def test_the_stubs_of_a_fresh_workspace_fail_and_none_errors(
    learn: Learn, workspace: Path, catalogue: Catalogue
) -> None:
    done = learn("check", "--all", "--json", cwd=workspace)
    assert done.code == 1
    assert [report["exercise"] for report in done.json] == [exercise.key for exercise in catalogue]
    for report in done.json:
        assert report["verdict"] == "failed"
        assert {check["verdict"] for check in report["checks"]} == {"failed"}, report
        assert all("NotImplementedError" in check["message"] for check in report["checks"])


def test_a_solution_passes_and_the_next_exercise_is_another(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION)
    done = learn("check", "03", cwd=workspace)
    assert done.code == 0, done.out
    assert "passed: 10/10 points" in done.out
    assert "conv_output_shape" not in learn("next", cwd=workspace).out


def test_json_is_one_document_with_the_promised_keys(learn: Learn, workspace: Path) -> None:
    done = learn("check", "03", "--json", "--seed", 5, cwd=workspace)
    assert done.err == ""
    assert done.json["schema"] == 2
    assert {*done.json} == {
        "schema", "exercise", "slug", "verdict", "points", "max_points", "checks", "diagnosis", "seconds", "device",
        "seed", "isolation", "file", "sha256", "at", "versions", "grader", "language", "causes",
        "diagnoses",
    }  # fmt: skip
    assert done.json["seed"] == 5
    assert done.json["device"] == "cpu"
    assert {"name", "title", "verdict", "points", "max_points", "message"} <= {*done.json["checks"][0]}


def test_without_room_for_a_temporary_folder_it_is_said(learn: Learn, workspace: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import tempfile, sys\n"
            "tempfile.mkdtemp = lambda **_: (_ for _ in ()).throw(OSError(28, 'No space left on device'))\n"
            "from learn_torch.cli import main\n"
            "sys.argv = ['learn', 'check', '03']\n"
            "main()\n",
        ],
        cwd=workspace,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_several_names_give_a_list(learn: Learn, workspace: Path) -> None:
    assert isinstance(learn("check", "03", "06", "--json", cwd=workspace).json, list)


def test_a_file_needs_no_workspace(learn: Learn, tmp_path: Path) -> None:
    path = tmp_path / "03_conv_output_shape.py"
    path.write_bytes(SOLUTION)
    assert learn("check", "--file", path, "--json").json["verdict"] == "passed"
    other = tmp_path / "homework.py"
    other.write_bytes(SOLUTION)
    assert learn("check", "conv_output_shape", "--file", other).code == 0
    done = learn("check", "--file", other)
    assert done.code == 2
    assert "learn check 03 --file" in done.err


def replace_by_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.unlink(), "there is no file"),
        (lambda path: (path.unlink(), path.mkdir()), "is a folder"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b" \n\n"), "is empty"),
        (lambda path: path.write_bytes("x = '中文'\n".encode("gbk")), "not UTF-8: line 1"),
        (lambda path: path.write_bytes(b"#" * 2**21), "larger than 1 MiB"),
        (replace_by_fifo, "not a regular file"),
        (
            lambda path: (path.rename(path.with_suffix(".kept")), path.symlink_to(path.with_suffix(".kept"))),
            "is a link",
        ),
    ],
    ids=["missing", "folder", "empty", "blank", "gbk", "huge", "fifo", "link"],
)
def test_a_submission_that_is_none_fails_every_check_with_the_reason(
    learn: Learn, workspace: Path, make: Callable[[Path], object], words: str
) -> None:
    if words == "not a regular file" and not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    make(workspace / FILE)
    done = learn("check", "03", "--json", cwd=workspace)
    assert done.code == 1
    assert done.json["verdict"] == "failed"
    assert all(words in check["message"] for check in done.json["checks"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("x = '中文'\n".encode("gbk"), "is not UTF-8: line 1 has the byte 0xd6"),
        (b"x = 1\ny = '\0'\n", "has a NUL byte in line 2"),
        ("x = 1\n".encode("utf-16"), "is not UTF-8"),
        (b"", "is empty"),
        (b'{"cells": [], "nbformat": 4}', "is a notebook"),
        (b"x = (\n", "is not valid Python: SyntaxError"),
        (b"# coding: nothing\nx = 1\n", "unknown encoding: nothing"),
    ],
    ids=["gbk", "nul", "utf-16", "empty", "notebook", "syntax", "unknown encoding"],
)
def test_a_file_that_python_would_refuse_is_a_submission_that_fails(
    learn: Learn, tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "03_conv_output_shape.py"
    path.write_bytes(data)
    done = learn("check", "03", "--file", path, "--json")
    assert done.code == 1
    (cause,) = done.json["causes"]
    assert words in cause["message"]
    assert len(cause["checks"]) == len(done.json["checks"])
    assert learn("check", "03", "--file", path).out.count(words) == 1


def test_a_file_may_declare_its_encoding(learn: Learn, tmp_path: Path) -> None:
    path = tmp_path / "03_conv_output_shape.py"
    path.write_bytes("# -*- coding: gbk -*-\n# 中文\n".encode("gbk") + SOLUTION)
    assert learn("check", "--file", path).code == 0
    path.write_bytes("# -*- coding: gbk -*-\nraise ValueError('中文')\n".encode("gbk"))
    (cause,) = learn("check", "--file", path, "--json").json["causes"]
    assert "ValueError: 中文\n  line 2\n    raise ValueError('中文')" in cause["message"]


def test_a_file_by_name_that_is_not_there_is_wrong_use(learn: Learn) -> None:
    done = learn("check", "03", "--file", "nowhere.py")
    assert done.code == 2
    assert "there is no file" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["03", "--device", "gpu"],
        ["03", "--launch", "magic"],
        ["--all", "03"],
        ["03", "06", "--file", "x.py"],
        ["03", "--seed", "-1"],
        ["03", "--nonsense"],
    ],
)
def test_wrong_use_is_exit_2(learn: Learn, workspace: Path, arguments: list[str]) -> None:
    done = learn("check", *arguments, cwd=workspace)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_card_that_is_not_there_is_said_not_replaced(learn: Learn, workspace: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a card here")
    done = learn("check", "03", "--device", "cuda", cwd=workspace)
    assert done.code == 2
    assert torch.__version__ in done.err
    assert done.out == ""


def test_markup_and_control_codes_of_a_submission_stay_text(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_text(
        "def conv_output_shape(*a, **k):\n    print('[bold]x[/bold] \\x1b[31m ::error::')\n    raise ValueError('[/nope] \\x1b[2J')\n"
    )
    done = learn("check", "03", cwd=workspace)
    assert done.code == 1
    assert "[bold]x[/bold]" in done.out
    assert "[/nope]" in done.out
    assert "\x1b" not in done.out


@pytest.mark.skipif(os.name != "posix", reason="needs limits on files")
def test_old_progress_survives_when_new_progress_cannot_be_written(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION)
    assert learn("check", "03", cwd=workspace).code == 0
    progress = workspace / ".learn" / "progress" / "core-03_conv_output_shape.json"
    before = progress.read_bytes()
    # A file that may not grow stands in for a full disk: the limit is inherited by `learn` alone.
    (workspace / FILE).write_bytes(b"nonsense(\n")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import resource, signal, sys\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
            "from learn_torch.cli import main\n"
            "sys.argv = ['learn', 'check', '03']\n"
            "main()\n",
        ],
        cwd=workspace,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "progress could not be saved" in done.stderr
    assert progress.read_bytes() == before
    assert [path.name for path in progress.parent.iterdir()] == [progress.name]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_workspace_is_checked_all_the_same(learn: Learn, workspace: Path) -> None:
    workspace.chmod(0o500)
    try:
        done = learn("check", "03", cwd=workspace)
    finally:
        workspace.chmod(0o700)
    assert done.code == 1
    assert "progress could not be saved" in done.err


def test_a_workspace_where_no_progress_can_be_kept_is_checked_all_the_same(
    learn: Learn, workspace: Path
) -> None:
    (workspace / ".learn").write_text("a file is in the way")
    done = learn("check", "03", cwd=workspace)
    assert done.code == 1
    assert "progress could not be saved" in done.err


def test_two_checks_at_once_both_answer_and_keep_both_results(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION)
    command = [sys.executable, "-m", "learn_torch.cli", "check"]
    both = [
        subprocess.Popen([*command, name], cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in ("03", "06")
    ]
    for process, code in zip(both, (0, 1), strict=True):
        _out, complaint = process.communicate(timeout=120)
        assert process.returncode == code, complaint
    assert len(list((workspace / ".learn" / "progress").iterdir())) == 2


@pytest.mark.skipif(os.name != "posix", reason="needs head")
def test_a_pipe_that_closes_early_is_no_traceback(workspace: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m learn_torch.cli show 03 | head -n 1",
        shell=True,
        cwd=workspace,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""


def test_chinese_messages(learn: Learn, tmp_path: Path) -> None:
    learn("init", "ws", "--lang", "zh")
    (tmp_path / "ws" / FILE).write_text(
        "def conv_output_shape(*a, **k):\n    return (1, 2)\n", encoding="utf-8"
    )
    done = learn("check", "03", "--json", cwd=tmp_path / "ws")
    assert done.json["checks"][0]["title"] == "普通卷积"
    message = done.json["checks"][0]["message"]
    assert "返回" in message
    assert "came back" not in message


def test_each_check_has_its_line_before_the_details(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_text("def conv_output_shape(*a, **k):\n    print('hello')\n    return (1, 2)\n")
    lines = learn("check", "03", cwd=workspace).out.splitlines()
    assert lines[1].startswith("  ✗ a plain convolution (0/1)")
    last = max(n for n, line in enumerate(lines) if line.startswith("  ✗"))
    first = next(n for n, line in enumerate(lines) if "came back" in line)
    assert last < first
    assert any("hello" in line for line in lines[first:])


def test_the_line_of_a_check_is_printed_before_the_next_check_ends(
    learn: Learn, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learn_torch.cli.live import Live

    seen = []
    ended = Live.ended

    def slowly(self: Live, check: Any) -> None:
        ended(self, check)
        sys.stdout.flush()
        seen.append(check.name)

    monkeypatch.setattr(Live, "ended", slowly)
    (workspace / FILE).write_bytes(SOLUTION)
    out = learn("check", "03", cwd=workspace).out
    assert len(seen) == out.count("✓") > 1


def test_an_untouched_stub_is_told_in_one_line(learn: Learn, workspace: Path) -> None:
    out = learn("check", "03", cwd=workspace).out
    told = [line for line in out.splitlines() if "✗" in line]
    assert told == ["  ✗ not written yet: `conv_output_shape`, `same_padding` (9 checks)"]


def test_a_file_that_is_not_python_needs_no_engine(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_text("def conv_output_shape(:\n    pass\n")
    # Without torch, no engine can start.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from learn_torch.engine import engine\n"
            "engine.Engine = None\n"
            "import learn_torch.checking.launching as launching\n"
            "launching.Engine = None\n"
            "from learn_torch.cli import main\n"
            "main(['check', '03', '--json'])\n",
        ],
        cwd=workspace,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "is not valid Python: SyntaxError" in done.stdout


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_json_is_utf8_on_any_console(learn: Learn, tmp_path: Path, encoding: str) -> None:
    learn("init", "ws", "--lang", "zh")
    (tmp_path / "ws" / FILE).write_text("def f(:\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding, "LEARN_LANG": "zh"}
    for arguments in (["check", "03", "--json"], ["doctor", "--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "learn_torch.cli", *arguments],
            cwd=tmp_path / "ws",
            env=environment,
            capture_output=True,
            timeout=300,
            check=False,
        )
        text = done.stdout.decode("utf-8")
        assert "\\u" not in text
        assert any("\u4e00" <= character <= "\u9fff" for character in text)
