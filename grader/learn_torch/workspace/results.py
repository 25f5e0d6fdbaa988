"""A learner's progress: one small file per exercise, so that two checks at once do not write the same file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from learn_torch.course import Exercise
from learn_torch.files import write_atomically
from learn_torch.report import Report, Verdict


class Result(Struct, frozen=True):
    """The last verdict on an exercise. `ever_passed`: this or an earlier one was a pass; a reset forgets it."""

    exercise: str
    verdict: Verdict
    points: float
    max_points: float
    at: datetime
    seed: int
    ever_passed: bool = False
    format_version: int = 1

    def __post_init__(self) -> None:
        if self.verdict == "passed":
            msgspec.structs.force_setattr(self, "ever_passed", True)


class Results:
    """The results kept in a workspace, under `.learn/progress`."""

    def __init__(self, root: Path) -> None:
        self._folder = root / ".learn" / "progress"

    def of(self, exercise: Exercise) -> Result | None:
        """The last verdict on an exercise; None if there is none or its file is damaged."""
        try:
            return msgspec.json.decode(self._file(exercise).read_bytes(), type=Result)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def passed(self, exercise: Exercise) -> bool:
        """Whether an exercise has been passed since its last reset."""
        result = self.of(exercise)
        return result is not None and result.ever_passed

    def record(self, exercise: Exercise, report: Report) -> None:
        """Save a verdict. Raises OSError if it cannot be written; the earlier result is kept."""
        result = Result(
            report.exercise,
            report.verdict,
            report.points,
            report.max_points,
            report.at,
            report.seed,
            ever_passed=self.passed(exercise),
        )
        write_atomically(self._file(exercise), msgspec.json.encode(result))

    def forget(self, exercise: Exercise) -> None:
        """Make an exercise open again. Raises OSError."""
        self._file(exercise).unlink(missing_ok=True)

    def _file(self, exercise: Exercise) -> Path:
        return self._folder / f"{exercise.track.id}-{exercise.name}.json"
