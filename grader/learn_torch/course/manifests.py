"""The manifests of a course: `exercise.toml` and `track.toml`, as typed structs.

Unknown keys, wrong types and wrong values are errors that name the file and the line.
"""

from __future__ import annotations

import graphlib
import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from learn_torch.errors import ManifestError
from learn_torch.escaping import harmless
from learn_torch.language import _, language

NonEmpty = Annotated[str, Meta(min_length=1)]
Identifier = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")]
Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """A text for learners, in both languages. `str(text)` is in the current language and escaped for display."""

    en: NonEmpty
    zh: NonEmpty

    def __str__(self) -> str:
        return harmless(self.zh if language() == "zh" else self.en)


class CheckManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """One check: the name of the test function, its title for learners, and its points.

    `help` is shown under the check when it fails with a wrong value. It says what to think about, never what the tests
    expect. `after` names checks that have to pass for this one to say anything: where one of them fails, too, the
    report says only which.
    """

    name: Annotated[str, Meta(pattern=r"^test_[A-Za-z0-9_]+\Z")]
    title: Text
    points: Annotated[float, Meta(ge=0)] = 1.0
    help: Text | None = None
    after: tuple[NonEmpty, ...] = ()


class ExerciseManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`exercise.toml`.

    `time_limit` is for the whole grader, in seconds. `budget` is how many seconds a check of the reference may take.
    `memory` is how much a worker may use in addition to what it uses at its start. `fixtures` are files beside the
    grader, with pytest fixtures that several graders share.
    """

    format_version: Literal[1]
    id: Annotated[str, Meta(pattern=r"^\d{2,3}\Z")]
    slug: Slug
    title: Text
    topics: tuple[NonEmpty, ...]
    functions: Annotated[tuple[Identifier, ...], Meta(min_length=1)]
    checks: Annotated[tuple[CheckManifest, ...], Meta(min_length=1)]
    hints: Annotated[tuple[Text, ...], Meta(min_length=1)]
    requires: tuple[NonEmpty, ...] = ()
    device: Literal["cpu", "simulated-cuda"] = "cpu"
    imports: tuple[NonEmpty, ...] = ("torch",)
    time_limit: Annotated[float, Meta(gt=0, le=600)] = 10.0
    budget: Annotated[float, Meta(gt=0, le=600)] = 2.0
    memory: Annotated[str, Meta(pattern=r"^\d+ (MiB|GiB)\Z")] = "1 GiB"
    processes: bool = False
    data: tuple[NonEmpty, ...] = ()
    fixtures: tuple[Annotated[str, Meta(pattern=r"^(?!test_)[a-z_][a-z0-9_]*\.py\Z")], ...] = ()

    @property
    def memory_bytes(self) -> int:
        """The memory allowance in bytes."""
        number, unit = self.memory.split()
        return int(number) * (2**20 if unit == "MiB" else 2**30)


class TrackManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`track.toml`: the folders of the exercises, in order."""

    format_version: Literal[1]
    id: Slug
    title: Text
    exercises: Annotated[tuple[NonEmpty, ...], Meta(min_length=1)]


Manifest = TypeVar("Manifest", bound=Struct)


def read_manifest(path: Path, kind: type[Manifest]) -> Manifest:
    """Read a TOML file into `kind`.

    Raises:
        ManifestError: the file is missing, is not TOML, or does not match `kind`; with file, line and what is allowed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ManifestError(
            _("{path} cannot be read: {error}").format(path=path, error=error.strerror or error)
        ) from error
    return decode_manifest(data, kind, path)


def decode_manifest(data: bytes | str, kind: type[Manifest], path: Path) -> Manifest:
    """Like `read_manifest`, from data that was already read. `path` is for messages."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(_("{path}: is not UTF-8 (byte {n})").format(path=path, n=error.start)) from error
    try:
        found = msgspec.toml.decode(text, type=kind)
        if isinstance(found, ExerciseManifest):
            _insist_on_order(found, text, path)
        return found
    except msgspec.ValidationError as error:
        what, _sep, where = str(error).partition(" - at `")
        if "format_version" in where:
            raise ManifestError(
                f"{path}:{line_of(text, 'format_version')}: {what}",
                _(
                    "this learn-torch reads format_version 1; for a newer course: "
                    "pip install --upgrade learn-torch"
                ),
            ) from error
        unknown = re.search(r"unknown field `([^`]+)`", what)
        trail = where.rstrip("`").removeprefix("$").lstrip(".")
        if unknown:
            trail = f"{trail}.{unknown[1]}".lstrip(".")
        hint = _("allowed here: {names}").format(names=_allowed(kind, trail)) if unknown else ""
        place = f"{path}:{line_of(text, trail)}: " + (f"{trail}: " if trail and not unknown else "")
        raise ManifestError(f"{place}{what}", hint) from error
    except msgspec.DecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        place = f"{path}:{line[1] if line else 1}"
        raise ManifestError(_("{place}: not valid TOML: {error}").format(place=place, error=error)) from error


def _insist_on_order(manifest: ExerciseManifest, text: str, path: Path) -> None:
    """Raise ManifestError where `after` names no other check, or goes round in a circle."""
    after = {check.name: check.after for check in manifest.checks}
    places = [f"{path}:{line_of(text, f'checks[{n}].after')}: checks[{n}].after" for n in range(len(after))]
    for check, place in zip(manifest.checks, places, strict=False):
        if unknown := [name for name in check.after if name not in after]:
            raise ManifestError(
                _("{place}: there is no check {name}").format(place=place, name=unknown[0]),
                _("the checks are: {names}").format(names=", ".join(after)),
            )
    try:
        graphlib.TopologicalSorter(after).prepare()
    except graphlib.CycleError as error:
        name = error.args[1][0]
        raise ManifestError(
            _("{place}: {name} would come after itself").format(
                place=places[list(after).index(name)], name=name
            )
        ) from error


def line_of(text: str, trail: str) -> int:
    """The line of a path such as `checks[2].points`, or the closest line that can be found."""
    lines = text.splitlines()
    at = 0
    for part in trail.split("."):
        key, _bracket, index = part.partition("[")
        if not key or key == "...":
            continue
        tables = [n for n, line in enumerate(lines) if line.strip() == f"[[{key}]]"]
        if tables and index.rstrip("]").isdigit():
            at = tables[min(int(index.rstrip("]")), len(tables) - 1)]
            continue
        pattern = re.compile(rf"(^|[\s{{,\[]){re.escape(key)}\s*[=\]]")
        at = next((n for n in range(at, len(lines)) if pattern.search(lines[n])), at)
    return at + 1


def _allowed(kind: type[Struct], trail: str) -> str:
    """The fields of the struct that holds the last part of a trail: those of Text for `hints[0].de`."""
    for part in trail.split(".")[:-1]:
        fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
        kind = _struct_in(fields[part.partition("[")[0]]) or kind
    return ", ".join(kind.__struct_fields__)


def _struct_in(hint: object) -> type[Struct] | None:
    if isinstance(hint, type) and issubclass(hint, Struct):
        return hint
    return next(filter(None, map(_struct_in, get_args(hint))), None)
