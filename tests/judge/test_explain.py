"""A message names the grader's own lines, wherever the grader is and whatever else is called `checks`."""

from __future__ import annotations

from pathlib import Path

import pytest

from learn_torch.judge import explain


def error_of(grader: Path, library: Path) -> BaseException:
    """The exception of a grader that calls a library which divides by zero, each in its own file."""
    names: dict[str, object] = {}
    exec(compile("def divide():\n    return 1 / 0\n", library, "exec"), names)
    with pytest.raises(ZeroDivisionError) as raised:
        exec(compile("\n\n\ndivide()\n", grader, "exec"), names)
    return raised.value


def test_a_broken_grader_is_named_by_its_own_line(tmp_path: Path) -> None:
    grader, library = tmp_path / "questions" / "test_01.py", tmp_path / "checks" / "library.py"
    message = explain.grader_error(error_of(grader, library), frozenset({str(grader)})).message
    assert f"line 4 of {grader}" in message
    assert str(library) not in message


def test_no_line_is_named_where_the_graders_files_have_no_part(tmp_path: Path) -> None:
    grader, library = tmp_path / "questions" / "test_01.py", tmp_path / "checks" / "library.py"
    message = explain.grader_error(error_of(library, library), frozenset({str(grader)})).message
    assert message.endswith("ZeroDivisionError: division by zero")
