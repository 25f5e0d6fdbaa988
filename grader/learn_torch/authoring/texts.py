"""Verify a course without running it: texts, order, files."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.mistakes import EDITS, WHOLE, is_chinese
from learn_torch.authoring.solutions import EQUIVALENT, Solutions
from learn_torch.course import Catalogue, Exercise, Text, Track
from learn_torch.errors import LearnError

FEWEST_ALTERNATIVES, FEWEST_MISTAKES = 2, 4
STATEMENTS = ("README.md", "README.zh.md")
_UNFINISHED = re.compile(r"\bTODO\b")
_CACHES = ("__pycache__", ".DS_Store", "Thumbs.db")


def check_track(track: Track, catalogue: Catalogue) -> Iterator[Finding]:
    """Check a whole track: order, names, required exercises, and stray files."""
    ids = [exercise.manifest.id for exercise in track.exercises]
    if ids != sorted(ids):
        yield finding(
            track.id, "order", f"the ids are not in order: {', '.join(ids)}", track.folder / "track.toml"
        )
    for what, names in (("id", ids), ("slug", [exercise.slug for exercise in track.exercises])):
        for name, count in Counter(names).items():
            if count > 1:
                yield finding(track.id, "order", f"{count} exercises have the {what} {name!r}")
    yield from _check_requirements(track, catalogue)
    yield from _stray_files(track)


def _check_requirements(track: Track, catalogue: Catalogue) -> Iterator[Finding]:
    known = {exercise.key: exercise for exercise in catalogue}
    for exercise in track.exercises:
        manifest = exercise.folder / "exercise.toml"
        for name in exercise.manifest.requires:
            if name not in known:
                yield finding(
                    exercise.key, "order", f"it requires {name!r}, which is not an exercise", manifest
                )
        if trail := _cycle(exercise, known):
            yield finding(exercise.key, "order", f"it requires itself: {' -> '.join(trail)}", manifest)


def _cycle(start: Exercise, known: dict[str, Exercise]) -> list[str]:
    """A cycle of required exercises from `start` back to itself, if there is one."""
    trails, seen = [[start.key]], set()
    while trails:
        trail = trails.pop()
        for name in known[trail[-1]].manifest.requires:
            if name == start.key:
                return [*trail, name]
            if name in known and name not in seen:
                seen.add(name)
                trails.append([*trail, name])
    return []


def _stray_files(track: Track) -> Iterator[Finding]:
    names = {exercise.name for exercise in track.exercises}
    root = track.pack.root
    shared = {name for exercise in track.exercises for name in exercise.manifest.fixtures}
    expected = {
        track.folder: {"track.toml", *names},
        root / "solutions" / track.id: names,
        root / "grader" / "checks" / track.id: {f"test_{name}.py" for name in names} | shared,
        root / "grader" / "traces" / track.id: {f"{name}.json" for name in names},
    }
    for exercise in track.exercises:
        expected[exercise.folder] = {"exercise.toml", "stub.py", "stub.zh.py", *STATEMENTS}
        expected[exercise.solutions] = {"solution.py", "run.py", "alternatives", EDITS, WHOLE, EQUIVALENT}
    for folder, allowed in expected.items():
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.name not in allowed and path.name not in _CACHES:
                yield finding(
                    track.id, "stray", f"no file of this name belongs here; allowed: {_few(allowed)}", path
                )


def _few(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:6]) + (", …" if len(listed) > 6 else "")


def check_exercise(exercise: Exercise) -> Iterator[Finding]:
    """Check texts in both languages, the stub's TODOs, the number of solutions, and the sentence of each mistake."""
    key, manifest = exercise.key, exercise.folder / "exercise.toml"
    for name in STATEMENTS:
        yield from _check_statement(exercise, exercise.folder / name)
    for what, both in _texts(exercise):
        if not is_chinese(both.zh):
            yield finding(key, "text", f"the {what} has no Chinese text: {both.zh!r}", manifest)
        if _UNFINISHED.search(both.en + both.zh):
            yield finding(key, "text", f"the {what} still has a TODO", manifest)
    yield from _check_stub(exercise)
    solutions = Solutions.of(exercise)
    if not solutions.reference.is_file():
        yield finding(key, "solutions", "there is no reference", solutions.reference)
    if (count := len(solutions.alternatives)) < FEWEST_ALTERNATIVES:
        text = f"{count} alternatives; at least {FEWEST_ALTERNATIVES} are needed"
        yield finding(key, "solutions", text, exercise.solutions / "alternatives")
    if solutions.reference.is_file():
        yield from _check_mistakes(key, solutions)
    try:
        solutions.equivalent_mutants()
    except LearnError as error:
        yield finding(key, "manifest", error.message, solutions.equivalents)
    if not exercise.grader.is_file():
        yield finding(key, "grader", "there is no grader", exercise.grader)


def _check_mistakes(key: str, solutions: Solutions) -> Iterator[Finding]:
    for fault in solutions.faults:
        yield finding(key, fault.rule, fault.message, fault.path, fault.line)
    if (count := len(solutions.mistakes)) < FEWEST_MISTAKES and not solutions.faults:
        text = f"{count} mistakes; at least {FEWEST_MISTAKES} are needed"
        yield finding(key, "solutions", text, solutions.exercise.solutions / EDITS)
    for mistake in solutions.mistakes:
        if _UNFINISHED.search(mistake.sentence.en + mistake.sentence.zh):
            text = f"the sentence of {mistake.name} still has a TODO"
            yield finding(key, "text", text, mistake.path, mistake.line)


def _texts(exercise: Exercise) -> Iterator[tuple[str, Text]]:
    manifest = exercise.manifest
    yield "title", manifest.title
    for number, hint in enumerate(manifest.hints, 1):
        yield f"hint {number}", hint
    for check in manifest.checks:
        yield f"title of {check.name}", check.title
        if check.help is not None:
            yield f"help of {check.name}", check.help


def _check_statement(exercise: Exercise, path: Path) -> Iterator[Finding]:
    try:
        text = path.read_text("utf-8")
    except OSError:
        yield finding(exercise.key, "text", "the statement is missing", path)
        return
    except UnicodeDecodeError as error:
        yield finding(exercise.key, "text", f"the statement is not UTF-8: {error}", path)
        return
    if len(text.split()) < 10:
        yield finding(exercise.key, "text", "the statement is almost empty", path)
    if path.name.endswith(".zh.md") and not is_chinese(text):
        yield finding(exercise.key, "text", "the statement has no Chinese text", path)
    if _UNFINISHED.search(text):
        yield finding(exercise.key, "text", "the statement still has a TODO", path)
    for name in exercise.manifest.functions:
        if not re.search(rf"\b{re.escape(name)}\b", text):
            yield finding(exercise.key, "text", f"the statement does not name `{name}`", path)


def _check_stub(exercise: Exercise) -> Iterator[Finding]:
    tree = yield from _check_gaps(exercise, exercise.stub)
    if tree is None:
        return
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for name in exercise.manifest.functions:
        if name not in defined:
            yield finding(exercise.key, "stub", f"it does not define `{name}`", exercise.stub)
    if not exercise.stub_zh.exists():
        return
    chinese = yield from _check_gaps(exercise, exercise.stub_zh)
    if chinese is None:
        return
    if not is_chinese(exercise.stub_zh.read_text("utf-8")):
        yield finding(exercise.key, "stub", "it has no Chinese text", exercise.stub_zh)
    if _code(chinese) != _code(tree):
        message = "its code differs from that of stub.py: only comments and docstrings may differ"
        yield finding(exercise.key, "stub", message, exercise.stub_zh)


def _check_gaps(exercise: Exercise, stub: Path) -> Generator[Finding, None, ast.Module | None]:
    """Check the gaps of a stub. Returns its syntax tree if it can be read."""
    try:
        text = stub.read_text("utf-8")
        tree = ast.parse(text)
    except OSError:
        yield finding(exercise.key, "stub", "the stub is missing", stub)
        return None
    except (SyntaxError, ValueError) as error:
        yield finding(exercise.key, "stub", f"not valid Python: {error}", stub)
        return None
    if not text.count("# TODO") == text.count("raise NotImplementedError") >= 1:
        message = "every gap needs a comment `# TODO` and a line `raise NotImplementedError`: one of them is missing"
        yield finding(exercise.key, "stub", message, stub)
    return tree


def _code(tree: ast.Module) -> str:
    """The syntax tree without docstrings."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            del node.body[0]
    return ast.dump(tree)
