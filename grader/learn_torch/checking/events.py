"""What a check tells while it runs, in this order: a `Started`, a `CheckEnded` for each check, a `VerdictReached`, a
`Diagnosed` where a mistake was looked for, a `Finished`. A check that is cancelled, or that cannot be made, just stops.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from learn_torch.report import CheckReport, Diagnosis, Report


class Started(Struct, frozen=True, tag="started"):
    """A check begins: nothing has been read yet.

    Args:
        exercise: `core/03`.
        file: the submission's file name.
        device: what it is judged on.
    """

    exercise: str
    file: str
    device: str


class CheckEnded(Struct, frozen=True, tag="check"):
    """One check of the exercise has its verdict."""

    check: CheckReport


class VerdictReached(Struct, frozen=True, tag="verdict"):
    """The verdict is there and stays as it is. Whoever keeps results keeps this one: a diagnosis may still fail.

    Args:
        report: without a diagnosis and without notes.
    """

    report: Report


class Diagnosed(Struct, frozen=True, tag="diagnosis"):
    """A known mistake was looked for.

    Args:
        diagnosis: None where there is no telling.
    """

    diagnosis: Diagnosis | None


class Finished(Struct, frozen=True, tag="finished"):
    """Everything is there. `report` is what the check returns."""

    report: Report


Event = Started | CheckEnded | VerdictReached | Diagnosed | Finished
Listener = Callable[[Event], object]


def nobody(_event: Event) -> None:
    """Listens to nothing."""
