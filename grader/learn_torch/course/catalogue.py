"""Packs, tracks and exercises, and how a name finds one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from learn_torch.course.manifests import ExerciseManifest, TrackManifest, read_manifest
from learn_torch.errors import ManifestError, UnknownExercise
from learn_torch.language import _, language


@dataclass(frozen=True)
class CoursePack:
    """Tracks that a plugin contributes: a folder with `exercises`, `solutions`, `grader/checks` and `datasets`.

    Args:
        name: its name in `learn plugins`.
        root: the folder that holds these four.
    """

    name: str
    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root))  # a plugin may give a str

    def tracks(self) -> list[Track]:
        """The pack's tracks, by folder name.

        Raises:
            ManifestError: a manifest is wrong, or a folder that a track names is missing.
        """
        manifests = sorted((self.root / "exercises").glob("*/track.toml"))
        return [Track(self, path.parent, read_manifest(path, TrackManifest)) for path in manifests]


@dataclass(frozen=True)
class Track:
    """An ordered set of exercises."""

    pack: CoursePack
    folder: Path
    manifest: TrackManifest

    @property
    def id(self) -> str:
        """The track's name, as in `core/03`."""
        return self.manifest.id

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises in the track's order."""
        found = []
        for name in self.manifest.exercises:
            path = self.folder / name / "exercise.toml"
            if not path.exists():
                raise ManifestError(
                    f"{self.folder / 'track.toml'}: there is no {name}/exercise.toml beside it"
                )
            exercise = Exercise(self, path.parent, read_manifest(path, ExerciseManifest))
            if name != exercise.name:
                raise ManifestError(f"{path}: id and slug say {exercise.name!r}, but its folder is {name!r}")
            found.append(exercise)
        return found


@dataclass(frozen=True)
class Exercise:
    """One exercise and where its files are."""

    track: Track
    folder: Path
    manifest: ExerciseManifest = field(repr=False)

    @property
    def key(self) -> str:
        """Its full name: `core/03`."""
        return f"{self.track.id}/{self.manifest.id}"

    @property
    def slug(self) -> str:
        """Its name in words: `conv_output_shape`."""
        return self.manifest.slug

    @property
    def name(self) -> str:
        """Its folder's name: `03_conv_output_shape`."""
        return f"{self.manifest.id}_{self.manifest.slug}"

    @property
    def file(self) -> str:
        """The submission's path inside a workspace, with forward slashes."""
        return f"exercises/{self.track.id}/{self.name}.py"

    @property
    def stub(self) -> Path:
        """The file that a learner fills in, with comments in English."""
        return self.folder / "stub.py"

    @property
    def stub_zh(self) -> Path:
        """The same file with comments in Chinese. A course need not have it."""
        return self.folder / "stub.zh.py"

    def stub_in(self, lang: str) -> Path:
        """The file that a learner fills in, with comments in this language if there are any."""
        return self.stub_zh if lang == "zh" and self.stub_zh.is_file() else self.stub

    def is_stub(self, source: bytes) -> bool:
        """Whether a submission is still the stub, in any language."""
        text = source.replace(b"\r\n", b"\n")
        return any(one.is_file() and one.read_bytes() == text for one in (self.stub, self.stub_zh))

    @property
    def statement(self) -> Path:
        """The statement in the current language."""
        return self.statement_in(language())

    def statement_in(self, lang: str) -> Path:
        """The statement in this language."""
        return self.folder / ("README.zh.md" if lang == "zh" else "README.md")

    @property
    def grader(self) -> Path:
        """The hidden grader."""
        return self.track.pack.root / "grader" / "checks" / self.track.id / f"test_{self.name}.py"

    @property
    def fixtures(self) -> list[Path]:
        """The files with fixtures that its grader shares with other graders."""
        return [self.grader.with_name(name) for name in self.manifest.fixtures]

    @property
    def traces(self) -> Path:
        """The answers of its known mistakes, for diagnosis. `learn verify` writes this file."""
        return self.track.pack.root / "grader" / "traces" / self.track.id / f"{self.name}.json"

    @property
    def solutions(self) -> Path:
        """The folder with reference, alternatives, mistakes and reference run."""
        return self.track.pack.root / "solutions" / self.track.id / self.name

    @property
    def max_points(self) -> float:
        """The points of all its checks together."""
        return sum(check.points for check in self.manifest.checks)


class Catalogue:
    """All tracks of all packs. All names of exercises are resolved here."""

    def __init__(self, packs: Iterable[CoursePack]) -> None:
        self.tracks: list[Track] = [track for pack in packs for track in pack.tracks()]
        ids = [track.id for track in self.tracks]
        for track in self.tracks:
            if ids.count(track.id) > 1:
                raise ManifestError(
                    f"two course packs provide a track called {track.id!r}",
                    "remove one of them: `learn plugins` lists what each plugin provides",
                )

    def __iter__(self) -> Iterator[Exercise]:
        return (exercise for track in self.tracks for exercise in track.exercises)

    def resolve(self, name: str, default_track: str | None = None) -> Exercise:
        """The exercise that `name` means: `03`, `3`, `core/03`, `conv_output_shape`, `core/conv_output_shape`.

        Args:
            name: what the user wrote.
            default_track: the track that wins if several have an exercise of this name.

        Raises:
            UnknownExercise: no exercise has this name, or more than one has; the message lists the closest names.
        """
        wanted, _slash, track = name.strip().strip("/").rpartition("/")[::-1]
        matches = [
            exercise
            for exercise in self
            if (not track or exercise.track.id == track) and wanted in _names(exercise)
        ]
        if len(matches) > 1 and default_track:
            matches = [e for e in matches if e.track.id == default_track] or matches
        if len(matches) == 1:
            return matches[0]
        if matches:
            candidates = ", ".join(f"{e.track.id}/{e.slug}" for e in matches)
            raise UnknownExercise(
                _("{name!r} is ambiguous: {names}").format(name=name, names=candidates),
                _("write it with its track"),
            )
        raise UnknownExercise(_("there is no exercise {name!r}").format(name=name), self._nearest(wanted))

    def _nearest(self, wanted: str) -> str:
        import difflib

        by_name = {alias: exercise for exercise in self for alias in sorted(_names(exercise))}
        near = difflib.get_close_matches(wanted.lower(), by_name, n=3, cutoff=0.5)
        near += [alias for alias in by_name if len(wanted) > 2 and wanted.lower() in alias]
        if near:
            found = dict.fromkeys(f"{by_name[alias].key} {by_name[alias].slug}" for alias in near)
            return _("did you mean {names}?").format(names=_(", or ").join(list(found)[:3]))
        return _("`learn list` shows them all")


def _names(exercise: Exercise) -> set[str]:
    number = exercise.manifest.id
    return {number, number.lstrip("0") or "0", exercise.slug, exercise.name, exercise.name + ".py"}
