"""Recognise the known mistake in a submission by its behaviour, never by its code.

The failed checks run again with a public seed. The submission's answers are compared, check by check, with the answers
of each known mistake at that seed. `learn verify` writes these traces to a file beside the grader. The file holds the
sentences of the mistakes, but not their code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from learn_torch.course import Exercise, Text
from learn_torch.diagnosis import comparing
from learn_torch.judge import tracing
from learn_torch.judge.job import Outcome
from learn_torch.judge.tracing import CheckTrace
from learn_torch.report import Diagnosis, Report

SEED = 0
"""The random seed of all traces."""


class KnownMistake(Struct, frozen=True):
    """A mistake: its name, its sentence, and its traces in the checks that it fails."""

    name: str
    sentence: Text
    checks: dict[str, CheckTrace]


class Traces(Struct, frozen=True):
    """The file of traces of one exercise. `grader` is the digest of the grader that they were made with."""

    format_version: Literal[1]
    grader: str
    mistakes: tuple[KnownMistake, ...]


def digest_of(exercise: Exercise) -> str:
    """The digest of everything that a trace depends on besides the mistake: the grader and the format of traces."""
    digest = hashlib.sha256(f"{tracing.FORMAT} {exercise.manifest.device}".encode())
    for path in (exercise.grader, *exercise.fixtures):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def read_traces(exercise: Exercise) -> Traces | None:
    """The exercise's traces; None if there are none for the current grader."""
    try:
        traces = msgspec.json.decode(exercise.traces.read_bytes(), type=Traces)
        return traces if traces.grader == digest_of(exercise) else None
    except (OSError, msgspec.MsgspecError):
        return None


def diagnose(examine: Callable[..., Outcome], exercise: Exercise, report: Report) -> Diagnosis | None:
    """The known mistake that a submission makes, or None if none is recognised.

    Args:
        examine: runs checks on the submission again; see `Checker.examine`.
        exercise: the exercise of the submission.
        report: the report with its verdict.

    Raises:
        EngineError: the processes could not be started.
    """
    failed = [check.name for check in report.checks if check.verdict == "failed"]
    if not failed or report.verdict != "failed":
        return None
    traces = read_traces(exercise)
    limit = time_limit(exercise, report.seconds)
    if traces is None or not traces.mistakes or limit <= 0:
        return None
    outcome = examine(seed=SEED, only=failed, traced=True, time_limit=limit)
    found = match(outcome.traces, traces.mistakes)
    return None if found is None else Diagnosis(found.name, str(found.sentence))


def time_limit(exercise: Exercise, taken: float = 0.0) -> float:
    """Seconds for a traced run after a first run of `taken` seconds, so that learners do not wait twice as long."""
    whole = exercise.manifest.time_limit
    return min(whole / 2, whole - taken)


def match(traces: Mapping[str, CheckTrace], mistakes: Sequence[KnownMistake]) -> KnownMistake | None:
    """The mistake whose traces match these, in all the checks that the mistake fails.

    Checks that fail because something is not written yet are left out. If several mistakes match, the one that explains
    most checks wins. If two with different sentences explain equally many, there is no match.
    """
    left_out = {name for name, trace in traces.items() if comparing.unwritten(trace)}
    best: list[KnownMistake] = []
    most = 0
    for mistake in mistakes:
        own = mistake.checks.keys() - left_out
        if not own or not all(
            name in traces and comparing.alike(traces[name], mistake.checks[name]) for name in own
        ):
            continue
        if len(own) > most:
            best, most = [], len(own)
        if len(own) == most:
            best.append(mistake)
    return best[0] if len({mistake.sentence for mistake in best}) == 1 else None


def known_mistake(name: str, sentence: Text, traces: Mapping[str, CheckTrace]) -> KnownMistake:
    """A mistake with the traces of all checks, without those that it passes and those that say nothing about it."""
    failed = {
        check: trace
        for check, trace in traces.items()
        if any(test is not None for test in trace.values()) and not comparing.unwritten(trace)
    }
    return KnownMistake(name, sentence, failed)


def write_traces(exercise: Exercise, mistakes: Sequence[KnownMistake]) -> bytes:
    """The content of the file of traces: JSON with one line per mistake, so that a diff shows what has changed."""
    head = msgspec.json.encode({"format_version": 1, "grader": digest_of(exercise)})[1:-1]
    lines = b",\n".join(msgspec.json.encode(mistake) for mistake in mistakes)
    return b"{" + head + b',"mistakes":[\n' + lines + b"\n]}\n"
