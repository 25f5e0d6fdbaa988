"""What a check gives: the report, versioned, the same for a terminal, JSON, a progress file or a gradebook.

docs/json.md describes the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

SCHEMA = 2

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


class Versions(Struct, frozen=True):
    """What a submission was checked with. `torch` is null where it is not installed."""

    learn_torch: str
    torch: str | None
    python: str


class Report(Struct, frozen=True):
    """The report on one submission.

    `seconds` is wall time; `device` is `cpu`, `cuda:0` or `simulated-cuda`. `file` is the name of the submission's
    file, without its folder; `sha256` is that of its bytes, null where it could not be read. `at` is when the verdict
    was there, in UTC. `grader` is a digest of the hidden tests and their conditions, null where they are not here.
    `language` is that of the texts. `notes` are there where a plugin has something to say.
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
    file: str
    sha256: str | None
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    versions: Versions
    grader: str | None
    language: str
    notes: list[Note] | msgspec.UnsetType = msgspec.UNSET


def verdict_of(checks: Sequence[CheckReport]) -> Verdict:
    """An exercise is passed when every check that carries points is; a grader that broke is an error."""
    if any(check.verdict == "error" for check in checks):
        return "error"
    if all(check.verdict == "passed" for check in checks if check.max_points > 0):
        return "passed"
    return "failed"


def to_json(report: Report | Sequence[Report]) -> str:
    """One JSON document, an object or a list of them, indented for people who look at it.

    Angle brackets, which stand in texts alone, are written as escapes: a page may hold the document as it is.
    """
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
