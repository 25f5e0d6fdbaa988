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


Edits = Annotated[tuple[tuple[NonEmpty, str], ...], Meta(min_length=1)]


class Edited(Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake as edits of a right solution.

    Args:
        name: its name: `eval_forgotten`.
        en: the sentence for the learner.
        zh: the same in Chinese.
        edits: pairs of an old and a new text. Each old text occurs exactly once in the base. All edits apply to the
            original text of the base, not to the result of another edit, and no two may touch the same text.
        also: other ways of making the same mistake, each as edits of the same base, where the answers are others.
        of: the base, if it is not the reference: `alternatives/os_path`.
    """

    name: Slug
    en: NonEmpty
    zh: NonEmpty
    edits: Edits
    also: tuple[Edits, ...] = ()
    of: Annotated[str, Meta(pattern=r"^alternatives/\w+\Z")] | None = None


class EditedMistakes(Struct, frozen=True, forbid_unknown_fields=True):
    """`mistakes.toml`, beside the reference."""

    format_version: Literal[1]
    mistakes: tuple[Edited, ...]


@dataclass(frozen=True)
class Mistake:
    """A known wrong solution.

    Args:
        name: its name: `eval_forgotten`.
        source: the whole submission.
        sentence: the sentence for the learner.
        path: the file that defines it.
        line: its first line there.
        way: which of several ways of making this mistake, from 1.
    """

    name: str
    source: bytes
    sentence: Text
    path: Path
    line: int
    way: int = 1

    @property
    def label(self) -> str:
        """What to call this way of making it: `eval_forgotten`, `eval_forgotten/2`."""
        return self.name if self.way == 1 else f"{self.name}/{self.way}"


@dataclass(frozen=True)
class Fault:
    """The reason why a mistake, or a whole file of mistakes, cannot be used.

    Args:
        rule: the broken rule, as in findings.
        message: what is wrong.
        path: the file.
        line: the line in the file.
    """

    rule: str
    message: str
    path: Path
    line: int | None = None


def read_mistakes(folder: Path) -> tuple[tuple[Mistake, ...], tuple[Fault, ...]]:
    """Read the mistakes in an exercise's folder of solutions.

    Returns:
        The mistakes that can be used, sorted by name, and what is wrong with the others.
    """
    found: dict[str, Mistake] = {}
    faults = []
    for one in (*_edited(folder), *_whole(folder / WHOLE)):
        if isinstance(one, Fault):
            faults.append(one)
        elif one.label in found:
            faults.append(Fault("mistake", f"there is another mistake {one.label!r}", one.path, one.line))
        else:
            found[one.label] = one
    return tuple(sorted(found.values(), key=lambda one: (one.name, one.way))), tuple(faults)


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
        if not is_chinese(entry.zh):
            yield Fault("text", f"{entry.name}: `zh` is not a Chinese sentence: {entry.zh!r}", path, line)
            continue
        for way, edits in enumerate((entry.edits, *entry.also), 1):
            try:
                source = _source_of(entry, edits, folder).encode()
            except ManifestError as error:
                where = f"{entry.name}: " if way == 1 else f"{entry.name}, also {way - 1}: "
                yield Fault("mistake", where + error.message, path, line)
            else:
                yield Mistake(entry.name, source, Text(entry.en, entry.zh), path, line, way)


def _source_of(entry: Edited, edits: Edits, folder: Path) -> str:
    """The base with the edits applied. Raises ManifestError if they do not fit, or if the result is not Python."""
    what, path = entry.of or "the reference", folder / f"{entry.of or 'solution'}.py"
    try:
        base = path.read_text("utf-8-sig")  # converts line ends to "\n"
    except OSError as error:
        raise ManifestError(f"{what} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{what} is not UTF-8: {error}") from error
    source = _apply(edits, base, what)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise ManifestError(f"{what} with these edits is not valid Python: {error}") from error
    return source


def _apply(edits: Sequence[tuple[str, str]], base: str, what: str) -> str:
    places = []
    for old, new in edits:
        start = base.find(old)
        if start < 0:
            raise ManifestError(f"{what} has changed, it does not contain:\n{old}")
        if base.find(old, start + 1) >= 0:
            raise ManifestError(f"{what} has changed, it contains more than once:\n{old}")
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
    """The sentence in the docstring of a mistake: English, an empty line, Chinese.

    Raises:
        ManifestError: there is no such docstring, or the source is not Python.
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
    """Whether the text contains a Chinese character."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
