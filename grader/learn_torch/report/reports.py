"""The report on a check. Terminal, JSON, progress files and gradebooks all use the same, versioned report.

docs/json.md describes the JSON document.
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
    """One check. `message` is empty if it passed. `output` is what the submission printed, if it did not pass.

    `cause` is a key of why it failed, absent for a wrong value. Checks with the same key failed for the same reason. It
    begins with a kind: `file` (the file cannot be read), `import` (or not imported), `missing` (it lacks a name),
    `unwritten` (the stub still raises), `exception`, `type` (an answer of a wrong type), `lost` (no answer came),
    `after` (another check failed first, so that this one says nothing), `grader` (the grader broke).
    """

    name: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    message: str = ""
    help: str | msgspec.UnsetType = msgspec.UNSET
    output: str | msgspec.UnsetType = msgspec.UNSET
    cause: str | msgspec.UnsetType = msgspec.UNSET


class Cause(Struct, frozen=True):
    """Why several checks did not pass: their common key, the reason for the learner, and the checks' names."""

    cause: str
    message: str
    checks: tuple[str, ...]


class Diagnosis(Struct, frozen=True):
    """A known mistake that a submission looks like: its name, and what to tell the learner."""

    mistake: str
    message: str


class Note(Struct, frozen=True):
    """A text from a plugin. It changes no verdict."""

    plugin: str
    text: str


class Versions(Struct, frozen=True):
    """The versions that a submission was checked with. `torch` is null if it is not installed."""

    learn_torch: str
    torch: str | None
    python: str


class Report(Struct, frozen=True):
    """The report on one submission.

    `diagnoses` are the known mistakes that the submission seems to make, in the order in which to cure them;
    `diagnosis` is the first. `seconds` is wall time; `device` is `cpu`, `cuda:0` or `simulated-cuda`. `file` is the
    name of the submission's file, without its folder; `sha256` is the digest of its bytes, null if it could not be
    read. `at` is the time of the verdict, in UTC. `grader` is a digest of the hidden tests and their conditions, null
    if they are not here. `language` is the language of the texts. `notes` are the texts of plugins, absent if there
    are none. `causes` are the reasons for which several checks did not pass.
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
    causes: list[Cause] = []
    diagnoses: list[Diagnosis] = []


def verdict_of(checks: Sequence[CheckReport]) -> Verdict:
    """The verdict on an exercise. It is passed if every check with points passed. A check that is an error wins."""
    if any(check.verdict == "error" for check in checks):
        return "error"
    if all(check.verdict == "passed" for check in checks if check.max_points > 0):
        return "passed"
    return "failed"


def to_json(report: Report | Sequence[Report]) -> str:
    """One JSON document, an object or a list of objects, indented for human readers.

    Angle brackets are escaped, so that a web page can contain the document unchanged. They occur only in texts.
    """
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
