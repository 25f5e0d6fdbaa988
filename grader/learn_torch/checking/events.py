"""The events of a check, in this order: `Started`; `CheckEnded` for each check; `VerdictReached`; `Diagnosed`, if a
known mistake was looked for; `Finished`. A check that is cancelled or cannot run sends no further events.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from learn_torch.report import CheckReport, Diagnosis, Report


class Started(Struct, frozen=True, tag="started"):
    """A check begins. The submission has been read, if it can be, and nothing of it has run.

    Args:
        exercise: `core/03`.
        file: the submission's file name.
        device: the device that it is judged on.
    """

    exercise: str
    file: str
    device: str


class CheckEnded(Struct, frozen=True, tag="check"):
    """One check of the exercise has its verdict. Its message and help are those of this check alone: the report, which
    knows the others, may say less.
    """

    check: CheckReport


class VerdictReached(Struct, frozen=True, tag="verdict"):
    """The final verdict. Save results at this event: the diagnosis that follows may fail.

    Args:
        report: the report without a diagnosis and without notes.
    """

    report: Report


class Diagnosed(Struct, frozen=True, tag="diagnosis"):
    """The search for known mistakes has ended.

    Args:
        diagnoses: the mistakes, in the order in which to cure them; empty if none is recognised.
    """

    diagnoses: tuple[Diagnosis, ...]


class Finished(Struct, frozen=True, tag="finished"):
    """The check is complete. `report` is what the check returns."""

    report: Report


Event = Started | CheckEnded | VerdictReached | Diagnosed | Finished
Listener = Callable[[Event], object]


def nobody(_event: Event) -> None:
    """A listener that ignores all events."""
