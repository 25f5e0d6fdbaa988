"""Export a course: for students without solutions, for an exam also without graders, or complete."""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from learn_torch.authoring.mistakes import EDITS, read_mistakes
from learn_torch.course import CoursePack
from learn_torch.errors import LearnError, in_a_line
from learn_torch.language import _

Edition = Literal["student", "exam", "instructor"]
CONTENTS: dict[str, tuple[str, ...]] = {
    "student": ("exercises", "grader/checks", "grader/traces", "datasets"),
    "exam": ("exercises", "datasets"),
    "instructor": ("exercises", "grader/checks", "grader/traces", "datasets", "solutions"),
}
"""The folders that each edition of a course contains."""
WINDOW, GRADER_WINDOW = 3, 6
"""This many consecutive lines of a solution count as a part of it. A grader that trains shares a few by chance."""
_SHORTEST = 8
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


def export_course(pack: CoursePack, edition: str, out: Path) -> list[Path]:
    """Copy a course into a new folder. Make sure that an edition without solutions contains no part of one.

    Args:
        pack: the course.
        edition: one of `CONTENTS`.
        out: the folder to make; it may exist if it is empty.

    Returns:
        The files, relative to `out`.

    Raises:
        LearnError: `out` is not empty or cannot be written, or a part of a solution would be in the copy.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise LearnError(_("{path} exists and is not empty").format(path=out), _("use another --out DIR"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".learn-", dir=out.parent) as unfinished:
            copied = Path(unfinished) / "course"
            copied.mkdir()
            for name in CONTENTS[edition]:
                if (pack.root / name).is_dir():
                    shutil.copytree(pack.root / name, copied / name, ignore=_ignore_modules)
            if edition != "instructor":
                _insist_on_no_solution(pack, copied)
            if out.exists():
                for path in copied.iterdir():
                    os.replace(path, out / path.name)
            else:
                os.replace(copied, out)
    except OSError as error:
        raise LearnError(
            _("{path} cannot be written: {reason}").format(path=out, reason=in_a_line(error)),
            _("use another --out DIR"),
        ) from error
    return sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())


def _ignore_modules(folder: str, names: list[str]) -> set[str]:
    return _LEFT_OUT(folder, names)


def _insist_on_no_solution(pack: CoursePack, copied: Path) -> None:
    found = list(leaks(pack.root, copied))
    if found:
        places = "; ".join(f"{path.relative_to(copied)}: {lines[0]}" for path, lines in found[:5])
        raise LearnError(
            _("the export would contain parts of a solution: {places}").format(places=places),
            _("remove them from these files; nothing was written"),
        )


def leaks(root: Path, copied: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The files in a copy of the course at `root` that contain parts of its solutions, and these parts.

    A part of a solution is a stub without a gap; several consecutive lines of a solution that are in no stub; or a
    whole function or class of a solution that is in no stub, however short. In graders, which compute what they
    expect, only a longer run of lines counts.
    """
    stubs = list(map(_text, root.glob("exercises/*/*/stub*.py")))
    solutions = list(_solutions_of(root))
    lines = {
        size: _windows_of(solutions, size) - _windows_of(stubs, size) for size in (WINDOW, GRADER_WINDOW)
    }
    definitions = _definitions_of(solutions).keys() - _definitions_of(stubs).keys()
    for path in sorted(path for path in copied.rglob("*") if path.is_file()):
        grader = "checks" in path.relative_to(copied).parts
        size = GRADER_WINDOW if grader else WINDOW
        text = _text(path)
        found = lines[size] & _windows_of([text], size)
        if path.name in ("stub.py", "stub.zh.py") and "NotImplementedError" not in text:
            yield path, ("a stub without a gap",)
        elif found:
            yield path, min(found)
        elif not grader and (same := definitions & (theirs := _definitions_of([text])).keys()):
            yield path, (theirs[min(same)],)


def _solutions_of(root: Path) -> Iterator[str]:
    """The texts of all solutions, right and wrong. Mistakes are included both as edits and as whole sources."""
    for path in root.glob("solutions/**/*"):
        if path.name == EDITS or (path.suffix == ".py" and path.name != "run.py"):
            yield _text(path)
    for folder in root.glob("solutions/*/*"):
        for mistake in read_mistakes(folder)[0]:
            yield mistake.source.decode("utf-8", "replace")


def _definitions_of(texts: Iterable[str]) -> dict[str, str]:
    """Every top-level function and class of these texts: its syntax tree and its name."""
    found: dict[str, str] = {}
    for text in texts:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):  # not Python
            continue
        found |= {
            ast.dump(node): node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
    return found


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _windows_of(texts: Iterable[str], size: int) -> set[tuple[str, ...]]:
    return {
        tuple(lines[at : at + size])
        for lines in map(_telling_lines, texts)
        for at in range(len(lines) - size + 1)
    }


def _telling_lines(text: str) -> list[str]:
    lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#") and not _says_nothing(line)]


def _says_nothing(line: str) -> bool:
    return len(line) < _SHORTEST or line.startswith(("import ", "from ", "def ", "class ", "@", '"""'))
