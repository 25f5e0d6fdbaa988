"""What a check gives: the report, versioned, the same for a terminal, JSON, a progress file or a gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

SCHEMA = 1

Verdict = Literal["passed", "failed", "error"]


class CheckReport(Struct, frozen=True):
    """One check. `message` is empty where it passed; `output` is what the submission printed, where it did not."""

    name: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    message: str = ""
    help: str | msgspec.UnsetType = msgspec.UNSET
    output: str | msgspec.UnsetType = msgspec.UNSET


class Diagnosis(Struct, frozen=True):
    """A known mistake that a submission looks like: its name, and what to tell the learner."""

    mistake: str
    message: str


class Note(Struct, frozen=True):
    """What a plugin has to say; it changes no verdict."""

    plugin: str
    text: str


class Report(Struct, frozen=True):
    """A whole exercise. `seconds` is wall time, `device` is `cpu`, `cuda:0` or `simulated-cuda`.

    `notes` are there where a plugin has something to say.
    """

    schema: int
    exercise: str
    slug: str
    verdict: Verdict
    points: float
    max_points: float
    checks: tuple[CheckReport, ...]
    diagnosis: Diagnosis | None
    seconds: float
    device: str
    seed: int
    isolation: str
    notes: list[Note] | msgspec.UnsetType = msgspec.UNSET


def verdict_of(checks: Sequence[CheckReport]) -> Verdict:
    """An exercise is passed when every check that carries points is; a grader that broke is an error."""
    if any(check.verdict == "error" for check in checks):
        return "error"
    if all(check.verdict == "passed" for check in checks if check.max_points > 0):
        return "passed"
    return "failed"


def to_json(report: Report | list[Report]) -> str:
    """One JSON document, indented for people who look at it.

    Angle brackets, which stand in texts alone, are written as escapes: a page may hold the document as it is.
    """
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
