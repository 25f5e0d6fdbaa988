"""Make new exercises and courses from templates: files that explain themselves, with a small exercise that works.

Everything that must be replaced is marked TODO. `learn verify` lists what is left.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from pathlib import Path

import tomlkit
import tomlkit.items

from learn_torch.course.manifests import TrackManifest, decode_manifest, read_manifest
from learn_torch.errors import LearnError, in_a_line
from learn_torch.files import write_atomically
from learn_torch.language import _

TEMPLATES = Path(__file__).with_name("templates")
FIRST_EXERCISE = "01_mean_of_squares"


def new_exercise(root: Path, track: str, name: str) -> list[Path]:
    """Add an exercise to a track of the course in `root`. The track is made if it does not exist.

    Args:
        root: the folder that holds `exercises`, `solutions` and `grader/checks`.
        track: the track's name.
        name: `NN_slug`.

    Returns:
        The files that were made.

    Raises:
        LearnError: the name is not valid, or a file exists already; nothing is overwritten.
    """
    found = re.fullmatch(r"(\d{2,3})_([a-z][a-z0-9_]*)", name)
    if found is None or keyword.iskeyword(found[2]) or not re.fullmatch(r"[a-z][a-z0-9_]*", track):
        raise LearnError(
            _("{name!r} is not a valid name for an exercise").format(name=f"{track}/{name}"),
            _("use TRACK/NN_slug in lower case: core/10_batch_norm"),
        )
    words = {"ID": found[1], "SLUG": found[2], "TRACK": track}
    folder = _folder_of(root, track)
    places = {
        "exercises": folder / name,
        "solutions": root / "solutions" / track / name,
    }
    files = {
        place / file: text
        for part, place in places.items()
        for file, text in _templates(TEMPLATES / "exercise" / part, words).items()
    }
    grader = root / "grader" / "checks" / track / f"test_{name}.py"
    files[grader] = _templates(TEMPLATES / "exercise" / "checks", words)["grader.py"]
    manifest = folder / "track.toml"
    if manifest.is_file():
        text, changed = _with_exercise(manifest, name), {manifest}
    else:
        template = _templates(TEMPLATES / "course" / "package", words)["track.toml"]
        text, changed = template.replace(FIRST_EXERCISE, name), set[Path]()
    return _write({**files, manifest: text}, may_be_there=changed)


def new_course(folder: Path) -> list[Path]:
    """Make a course with one exercise. It can be used directly or installed with pip.

    Args:
        folder: the folder to make; its name is the name of the course.

    Raises:
        LearnError: the name is not valid for a package, or the folder is not empty.
    """
    package = folder.name.replace("-", "_").lower()
    taken = ("learn_torch", "core")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", package) or keyword.iskeyword(package) or package in taken:
        raise LearnError(
            _("{name!r} is not a valid name for a course").format(name=folder.name),
            _("use letters, digits and hyphens, with a letter first: my-course"),
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LearnError(_("{path} exists and is not empty").format(path=folder))
    words = {"NAME": folder.name, "PACKAGE": package, "TRACK": package}
    templates = _templates(TEMPLATES / "course", words)
    files = {folder / name: text for name, text in templates.items() if "/" not in name}
    files[folder / package / "__init__.py"] = templates["package/__init__.py"]
    return [*_write(files), *new_exercise(folder / package, package, FIRST_EXERCISE)]


def _folder_of(root: Path, track: str) -> Path:
    """The folder of a track. Its name may differ from the track's."""
    for path in sorted(root.glob("exercises/*/track.toml")):
        if read_manifest(path, TrackManifest).id == track:
            return path.parent
    return root / "exercises" / track


def _templates(folder: Path, words: Mapping[str, str]) -> dict[str, str]:
    """The filled-in templates of a folder: file names and their texts."""
    found = {}
    for path in sorted(folder.rglob("*.template")):
        text = path.read_text("utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        found[path.relative_to(folder).with_suffix("").as_posix()] = text
    return found


def _with_exercise(manifest: Path, name: str) -> str:
    """The text of `track.toml` with one more exercise, inserted in order. The rest is unchanged."""
    names = read_manifest(manifest, TrackManifest).exercises
    if name in names:
        raise LearnError(_("{path} has {name!r} already").format(path=manifest, name=name))
    document = tomlkit.parse(manifest.read_text("utf-8-sig"))
    listed = document["exercises"]
    assert isinstance(listed, tomlkit.items.Array)
    listed.insert(next((at for at, one in enumerate(names) if one > name), len(names)), name)
    changed = tomlkit.dumps(document)
    try:
        decode_manifest(changed, TrackManifest, manifest)
    except LearnError as error:  # tomlkit puts no comma between an item, a comment and a new item
        raise LearnError(
            _("{path} has no list `exercises` to add to").format(path=manifest),
            _("put a list on its own line: exercises = [...]"),
        ) from error
    return changed


def _write(files: Mapping[Path, str], may_be_there: Collection[Path] = ()) -> list[Path]:
    there = [path for path in files if path.exists() and path not in may_be_there]
    if there:
        raise LearnError(_("{path} exists already; nothing was written").format(path=there[0]))
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
        except OSError as error:
            raise LearnError(
                _("{path} cannot be written: {reason}").format(path=path, reason=in_a_line(error))
            ) from error
    return list(files)
