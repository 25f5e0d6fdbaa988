"""Known wrong solutions: edits of a right one in `mistakes.toml`, or whole files in the folder `mistakes`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from learn_torch.course import Text
from learn_torch.course.manifests import NonEmpty, Slug, decode_manifest, line_of
from learn_torch.errors import ManifestError

EDITS, WHOLE = "mistakes.toml", "mistakes"


class Edited(Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake as edits of a right solution.

    Args:
        name: what it is called: `eval_forgotten`.
        en: what it tells the learner.
        zh: the same in Chinese.
        edits: old and new texts. Each old text occurs exactly once in the base. All edits are of the base as it is
            written: none sees what another one makes of it, and no two touch the same text.
        of: the base, where another one than the reference says it better: `alternatives/os_path`.
    """

    name: Slug
    en: NonEmpty
    zh: NonEmpty
    edits: Annotated[tuple[tuple[NonEmpty, str], ...], Meta(min_length=1)]
    of: Annotated[str, Meta(pattern=r"^alternatives/\w+\Z")] | None = None


class EditedMistakes(Struct, frozen=True, forbid_unknown_fields=True):
    """`mistakes.toml`, beside the reference."""

    format_version: Literal[1]
    mistakes: tuple[Edited, ...]


@dataclass(frozen=True)
class Mistake:
    """A known wrong solution.

    Args:
        name: what it is called: `eval_forgotten`.
        source: the whole submission.
        sentence: what it tells the learner.
        path: the file that it is written in.
        line: where it begins there.
    """

    name: str
    source: bytes
    sentence: Text
    path: Path
    line: int


@dataclass(frozen=True)
class Fault:
    """Why a mistake, or all of a file, cannot be used.

    Args:
        rule: which promise is broken, as in findings.
        message: what is wrong.
        path: the file.
        line: where in the file.
    """

    rule: str
    message: str
    path: Path
    line: int | None = None


def read_mistakes(folder: Path) -> tuple[tuple[Mistake, ...], tuple[Fault, ...]]:
    """Read what an exercise's folder of solutions has of mistakes.

    Returns:
        Those that can be used, by name, and what is wrong with the others.
    """
    found: dict[str, Mistake] = {}
    faults = []
    for one in (*_edited(folder), *_whole(folder / WHOLE)):
        if isinstance(one, Fault):
            faults.append(one)
        elif one.name in found:
            faults.append(Fault("mistake", f"there is another mistake {one.name!r}", one.path, one.line))
        else:
            found[one.name] = one
    return tuple(found[name] for name in sorted(found)), tuple(faults)


def _edited(folder: Path) -> Iterator[Mistake | Fault]:
    path = folder / EDITS
    if not path.is_file():
        return
    data = path.read_bytes()
    try:
        entries = decode_manifest(data, EditedMistakes, path).mistakes
    except ManifestError as error:
        yield Fault("manifest", f"{error.message} {error.hint}".strip(), path)
        return
    text = data.decode("utf-8-sig")
    for number, entry in enumerate(entries):
        line = line_of(text, f"mistakes[{number}]")
        try:
            source = _source_of(entry, folder)
        except ManifestError as error:
            yield Fault("mistake", f"{entry.name}: {error.message}", path, line)
            continue
        if is_chinese(entry.zh):
            yield Mistake(entry.name, source.encode(), Text(entry.en, entry.zh), path, line)
        else:
            yield Fault("text", f"{entry.name}: `zh` is no Chinese sentence: {entry.zh!r}", path, line)


def _source_of(entry: Edited, folder: Path) -> str:
    """What the edits make of their base. Raises ManifestError: they do not fit it, or what they make is no Python."""
    what, path = entry.of or "the reference", folder / f"{entry.of or 'solution'}.py"
    try:
        base = path.read_text("utf-8-sig")  # with "\n" at the ends of lines, however it was checked out
    except OSError as error:
        raise ManifestError(f"{what} is not there: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{what} is not UTF-8: {error}") from error
    source = _apply(entry.edits, base, what)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise ManifestError(f"what the edits make of {what} is not valid Python: {error}") from error
    return source


def _apply(edits: Sequence[tuple[str, str]], base: str, what: str) -> str:
    places = []
    for old, new in edits:
        start = base.find(old)
        if start < 0:
            raise ManifestError(f"{what} has changed, this is not in it:\n{old}")
        if base.find(old, start + 1) >= 0:
            raise ManifestError(f"{what} has changed, this is in it more than once:\n{old}")
        places.append((start, start + len(old), new))
    places.sort()
    for (_start, end, _new), (start, after, _other) in pairwise(places):
        if start < end:
            raise ManifestError(f"two edits touch the same text:\n{base[start : min(end, after)]}")
    for start, end, new in reversed(places):
        base = base[:start] + new + base[end:]
    return base


def _whole(folder: Path) -> Iterator[Mistake | Fault]:
    for path in sorted(folder.glob("*.py")):
        source = path.read_bytes()
        try:
            yield Mistake(path.stem, source, _sentence_of(source), path, 1)
        except ManifestError as error:
            yield Fault("text", error.message, path, 1)


def _sentence_of(source: bytes) -> Text:
    """What the docstring of a mistake tells the learner: English, an empty line, Chinese.

    Raises:
        ManifestError: it does not, or is no Python.
    """
    try:
        text = ast.get_docstring(ast.parse(source)) or ""
    except (SyntaxError, ValueError) as error:
        raise ManifestError(f"not valid Python: {error}") from error
    english, _empty, chinese = text.partition("\n\n")
    english, chinese = " ".join(english.split()), re.sub(r"(?<![ -~])\s*\n\s*", "", chinese.strip())
    if not english or not is_chinese(chinese):
        raise ManifestError(
            "its docstring is not a sentence in English, an empty line, and the sentence in Chinese"
        )
    return Text(en=english, zh=chinese.replace("\n", " "))


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
