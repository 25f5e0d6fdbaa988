"""A workspace: found from anywhere inside it, made by `learn init`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from learn_torch import devices
from learn_torch.course import Catalogue, DataSet, Exercise
from learn_torch.course.manifests import decode_manifest
from learn_torch.errors import ForeignWorkspace, ManifestError, WorkspaceError
from learn_torch.escaping import printable
from learn_torch.files import write_atomically
from learn_torch.language import LANGUAGES, _
from learn_torch.workspace.results import Results

SETTINGS_FILE = "learn.toml"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """`learn.toml`.

    `device` is the default of `learn check --device`. Exercises about devices cannot be judged on the CPU, so with
    `--all` a `device` of `cpu` applies only to the others. `plugins` are the plugins that this workspace needs: names
    of installed plugins, and folders of courses such as `./my_exercises`.
    """

    format_version: Literal[1]
    tracks: Annotated[tuple[str, ...], Meta(min_length=1)] = ("core",)
    default_track: str = "core"
    lang: Literal["en", "zh"] = "en"
    device: Annotated[str, Meta(pattern=devices.CHECKED_ON)] = "auto"
    plugins: tuple[str, ...] = ()


def is_folder(plugin: str) -> bool:
    """Whether a plugin of `learn.toml` is a folder such as `./my_exercises`, not the name of an installed plugin."""
    return plugin.startswith(".") or "/" in plugin or "\\" in plugin


def has_settings(folder: Path) -> bool:
    """Whether there is a `learn.toml` in a folder."""
    try:
        return (folder / SETTINGS_FILE).is_file()
    except OSError:  # a folder without permission to look into it
        return False


def _read_own(path: Path) -> bytes:
    """Read a `learn.toml`. In a shared folder, the file or a symbolic link to it may belong to another user."""
    try:
        _insist_on_owner(path, path.lstat())
        _insist_on_owner(path, path.stat())
        with path.open("rb") as file:
            _insist_on_owner(path, os.fstat(file.fileno()))
            return file.read()
    except OSError as error:
        raise ManifestError(
            _("{path} cannot be read: {error}").format(path=path, error=error.strerror or error)
        ) from error


def _insist_on_owner(path: Path, found: os.stat_result) -> None:
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise ForeignWorkspace(
            _("{file} belongs to another user, who could decide what is checked and run").format(file=path),
            _("work in a folder of your own: `learn init DIR`; or, if you trust the file, become its owner"),
        )


@dataclass(frozen=True)
class Workspace:
    """A learner's folder.

    Args:
        root: the folder that holds `learn.toml`.
        settings: what `learn.toml` says.
        text: the bytes of `learn.toml`.
    """

    root: Path
    settings: Settings
    text: bytes

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """The workspace in this folder itself.

        Raises:
            WorkspaceError: there is none.
            ForeignWorkspace: its `learn.toml` belongs to another user.
            ManifestError: its `learn.toml` is wrong; with file and line.
        """
        path = root / SETTINGS_FILE
        if not has_settings(root):
            raise WorkspaceError(
                _("{file} does not exist").format(file=path),
                _("make one with `learn init DIR` and work inside it"),
            )
        data = _read_own(path)
        return cls(root, decode_manifest(data, Settings, path), data)

    @classmethod
    def find_if_any(cls, start: Path) -> Workspace | None:
        """The workspace that `start` lies in, or None.

        The search ends at the first `learn.toml`, even if that file is wrong.

        Raises:
            ForeignWorkspace: its `learn.toml` belongs to another user.
            ManifestError: its `learn.toml` is wrong; with file and line.
        """
        return next((cls.at(folder) for folder in (start, *start.parents) if has_settings(folder)), None)

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """Like `find_if_any`, but raises WorkspaceError if there is none."""
        if (workspace := cls.find_if_any(start)) is not None:
            return workspace
        raise WorkspaceError(
            _("there is no workspace here: no {file} in {folder} or above it").format(
                file=SETTINGS_FILE, folder=start
            ),
            _("make one with `learn init DIR` and work inside it"),
        )

    def exercises(self, catalogue: Catalogue) -> list[Exercise]:
        """The exercises of this workspace's tracks, in order.

        Raises:
            WorkspaceError: it names a track that no installed course has.
        """
        known = {track.id: track for track in catalogue.tracks}
        for name in (*self.settings.tracks, self.settings.default_track):
            if name not in known:
                raise WorkspaceError(
                    _("{file} names a track {name!r} that no installed course has").format(
                        file=self.root / SETTINGS_FILE, name=name
                    ),
                    _("tracks: {names}").format(names=", ".join(known)),
                )
        return [exercise for name in self.settings.tracks for exercise in known[name].exercises]

    def course_folders(self) -> list[Path]:
        """The folders among its plugins."""
        return [self.root / name for name in self.settings.plugins if is_folder(name)]

    def submission(self, exercise: Exercise) -> Path:
        """The learner's file for an exercise."""
        return self.root / exercise.file

    def put_images(self, exercise: Exercise, data_set: DataSet) -> bool:
        """Put a few images of a data set beside the learner's file, into `data/NAME`, unless that folder exists.

        Returns whether there are new images. Raises OSError, and whatever the data set raises.
        """
        folder = self.submission(exercise).parent / "data" / data_set.name
        if folder.exists():
            return False
        import tempfile

        with tempfile.TemporaryDirectory(prefix=".learn-", dir=folder.parents[1]) as unfinished:
            drawn = Path(unfinished) / "images"
            drawn.mkdir()
            has_images = data_set.put_samples(drawn)
            if has_images:
                folder.parent.mkdir(exist_ok=True)
                drawn.rename(folder)
        return has_images

    def add(self, exercise: Exercise) -> bool:
        """Put the stub and the statement of an exercise into the workspace, unless they exist.

        Returns whether the stub was new. Raises OSError.
        """
        path = self.submission(exercise)
        statement = path.with_suffix(".md")
        if not statement.exists():
            write_atomically(statement, exercise.statement_in(self.settings.lang).read_bytes())
        if path.exists():
            return False
        write_atomically(path, exercise.stub_in(self.settings.lang).read_bytes())
        return True

    def reset(self, exercise: Exercise) -> Path | None:
        """Restore the stub, move the learner's file to `.learn/backups`, and make the exercise open again.

        Returns the path of the backup, or None if there was no file or it was still the stub.

        Raises:
            WorkspaceError: the file could not be kept, so nothing was changed.
        """
        path = self.submission(exercise)
        backup = None
        try:
            if path.exists() and not exercise.is_stub(written := path.read_bytes()):
                stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
                backup = self.root / ".learn" / "backups" / f"{exercise.track.id}-{exercise.name}-{stamp}.py"
                write_atomically(backup, written)
            write_atomically(path, exercise.stub_in(self.settings.lang).read_bytes())
            Results(self.root).forget(exercise)
        except OSError as error:
            raise WorkspaceError(f"{path}: {error.strerror or error}", _("nothing was changed")) from error
        return backup


def make_workspace(
    root: Path, catalogue: Catalogue, lang: str, courses: Sequence[Path] = ()
) -> tuple[Workspace, list[Path]]:
    """Make a workspace in `root`, or complete an existing one. Existing files are not changed.

    Returns the workspace and the learner's files that already existed.

    Args:
        root: the folder.
        catalogue: its tracks are the workspace's, if this is new.
        lang: the language of a new workspace.
        courses: folders of courses that a new workspace uses.

    Raises:
        WorkspaceError: the folder cannot be made or written, or its `learn.toml` belongs to another user.
        ManifestError: its `learn.toml` is wrong.
    """
    with _explained(root):
        root.mkdir(parents=True, exist_ok=True)
        settings = root / SETTINGS_FILE
        if not settings.exists():
            write_atomically(settings, _settings_text(root, catalogue, lang, courses).encode())
        if not (root / ".gitignore").exists():
            write_atomically(root / ".gitignore", b".learn/\n")
        workspace = Workspace.at(root)
        kept = [workspace.submission(e) for e in workspace.exercises(catalogue) if not workspace.add(e)]
    return workspace, kept


def change_settings(
    workspace: Workspace, catalogue: Catalogue, *, lang: str, courses: Sequence[Path]
) -> tuple[Workspace, int]:
    """Change the language of a workspace, and let it use more courses. Comments in `learn.toml` stay.

    Statements and stubs that the learner has not changed are replaced by those in the new language.

    Returns the workspace with its new settings, and the number of files in it that were replaced.

    Raises:
        WorkspaceError: a file cannot be written.
    """
    import tomlkit  # takes longer to load than most commands

    document = tomlkit.parse(workspace.text.decode("utf-8-sig"))
    settings = workspace.settings
    if lang != settings.lang:
        document["lang"] = lang
    if courses:
        names = [plugin_of(folder, workspace.root) for folder in courses]
        tracks = [track.id for track in catalogue.tracks if track.pack.root in courses]
        document["plugins"] = [*settings.plugins, *names]
        document["tracks"] = [*dict.fromkeys((*settings.tracks, *tracks))]
    with _explained(workspace.root):
        write_atomically(workspace.root / SETTINGS_FILE, tomlkit.dumps(document).encode())
        changed = Workspace.at(workspace.root)
        replaced = sum(_translate(changed, exercise) for exercise in workspace.exercises(catalogue))
    return changed, replaced


def _translate(workspace: Workspace, exercise: Exercise) -> int:
    """Replace statement and stub of an exercise if nobody has changed them. Returns how many were replaced."""
    lang, path = workspace.settings.lang, workspace.submission(exercise)
    statements = {exercise.statement_in(one).read_bytes() for one in LANGUAGES}
    replaced = 0
    for file, wanted, ours in (
        (path.with_suffix(".md"), exercise.statement_in(lang), statements.__contains__),
        (path, exercise.stub_in(lang), exercise.is_stub),
    ):
        text = wanted.read_bytes()
        if file.is_file() and (found := file.read_bytes()) != text and ours(found):
            write_atomically(file, text)
            replaced += 1
    return replaced


def plugin_of(course: Path, root: Path) -> str:
    """How `learn.toml` in `root` names the folder of a course: relative if it lies inside the workspace.

    Raises:
        WorkspaceError: TOML cannot spell its path.
    """
    if not str(course).isprintable():  # bytes that are no UTF-8, or control characters
        raise WorkspaceError(
            _(
                "{file} cannot name the course {folder}: its path has characters that cannot be printed"
            ).format(file=SETTINGS_FILE, folder=printable(str(course))),
            _("rename the folder"),
        )
    if course.is_relative_to(root.resolve()):
        return f"./{course.relative_to(root.resolve()).as_posix()}"
    return str(course)


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = error.filename or root
        raise WorkspaceError(
            f"{place}: {error.strerror or error}", _("choose a folder that you can write to")
        ) from error


def _settings_text(root: Path, catalogue: Catalogue, lang: str, courses: Sequence[Path]) -> str:
    import json

    tracks = [track.id for track in catalogue.tracks]
    plugins = json.dumps([plugin_of(folder, root) for folder in courses], ensure_ascii=False)
    return (
        "format_version = 1\n"
        f"tracks = {json.dumps(tracks)}\n"
        f"default_track = {json.dumps(tracks[0])}\n"
        f'lang = "{lang}"         # en | zh\n'
        'device = "auto"     # auto: what each exercise asks for; or cpu | simulated-cuda | cuda | cuda:1\n'
        "                    # (with --all, cpu is for the exercises that are judged there)\n"
        f"plugins = {plugins}        # names of installed plugins, and folders of courses, such as "
        '"./my_exercises"\n'
    )
