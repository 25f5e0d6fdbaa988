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


def diagnose(examine: Callable[..., Outcome], exercise: Exercise, report: Report) -> list[Diagnosis]:
    """The known mistakes that a submission makes, in the order of the checks.

    Args:
        examine: runs checks on the submission again; see `Checker.examine`.
        exercise: the exercise of the submission.
        report: the report with its verdict.

    Raises:
        EngineError: the processes could not be started.
    """
    failed = [check.name for check in report.checks if check.verdict == "failed"]
    if not failed or report.verdict != "failed":
        return []
    traces = read_traces(exercise)
    limit = time_limit(exercise, report.seconds)
    if traces is None or not traces.mistakes or limit <= 0:
        return []
    outcome = examine(seed=SEED, only=failed, traced=True, time_limit=limit)
    found = recognise(outcome.traces, traces.mistakes)
    return [Diagnosis(mistake.name, str(mistake.sentence)) for mistake in found]


def time_limit(exercise: Exercise, taken: float = 0.0) -> float:
    """Seconds for a traced run after a first run of `taken` seconds, so that learners do not wait twice as long."""
    whole = exercise.manifest.time_limit
    return min(whole / 2, whole - taken)


def recognise(traces: Mapping[str, CheckTrace], mistakes: Sequence[KnownMistake]) -> list[KnownMistake]:
    """The mistakes that explain these traces, in the order of the checks. A submission may make several.

    Checks that fail because something is not written yet are left out. A mistake comes into question if all checks that
    it fails have failed here. First come the mistakes whose traces match in all of these checks, those that explain
    most checks before the others. Then, for checks that are still unexplained, come the mistakes that match in some
    checks, while another mistake can explain why the others do not match. Where two with different sentences explain
    the same equally well, neither is named.
    """
    return _Recognition(traces, mistakes).found()


class _Recognition:
    def __init__(self, traces: Mapping[str, CheckTrace], mistakes: Sequence[KnownMistake]) -> None:
        self._order = list(traces)
        left_out = {name for name, trace in traces.items() if comparing.unwritten(trace)}
        failed = {name for name, trace in traces.items() if any(trace.values())}
        self._open = failed - left_out
        """The checks that no mistake explains yet."""
        self._named: list[tuple[KnownMistake, set[str]]] = []
        self._fails: dict[int, set[str]] = {}
        self._matches: dict[int, set[str]] = {}
        self._mistakes = list(mistakes)
        for number, mistake in enumerate(mistakes):
            own = set(mistake.checks) - left_out
            if own and own <= failed:
                alike = {name for name in own if comparing.alike(traces[name], mistake.checks[name])}
                self._fails[number], self._matches[number] = own, alike

    def found(self) -> list[KnownMistake]:
        whole = [number for number, own in self._fails.items() if self._matches[number] == own]
        self._name(whole)
        self._name([number for number in self._fails if number not in whole and self._is_hidden(number)])
        self._named.sort(key=lambda named: min(map(self._order.index, named[1])))
        return [mistake for mistake, _checks in self._named]

    def _name(self, numbers: list[int]) -> None:
        """Name the mistakes that explain most of the open checks, one after the other."""
        while True:
            explained = {number: self._matches[number] & self._open for number in numbers}
            best = max(
                ((len(self._matches[n]), n) for n, checks in explained.items() if checks), default=None
            )
            if best is None:
                return
            equal = [n for n, checks in explained.items() if checks and len(self._matches[n]) == best[0]]
            # The first one and those that compete with it: they explain some of the same checks.
            rivals = [n for n in equal if explained[n] & explained[equal[0]]]
            if len({self._mistakes[n].sentence for n in rivals}) == 1:
                self._named.append((self._mistakes[equal[0]], explained[equal[0]]))
            for number in rivals:
                self._open -= explained[number]

    def _is_hidden(self, number: int) -> bool:
        """Whether others explain the checks in which a mistake does not match, and some check tells it for certain."""
        others = [
            n
            for n in self._matches
            if self._matches[n] and self._mistakes[n].sentence != self._mistakes[number].sentence
        ]
        disturbed = self._fails[number] - self._matches[number]
        elsewhere = {
            check for n in others for check in self._fails[n] if self._matches[n] - self._matches[number]
        }
        certain = self._matches[number] - {check for n in others for check in self._matches[n]}
        return disturbed <= elsewhere and bool(certain)


def known_mistake(
    name: str,
    sentence: Text,
    traces: Mapping[str, CheckTrace],
    disguised: Mapping[str, CheckTrace] | None = None,
) -> KnownMistake:
    """A mistake with the traces of all checks, without those that it passes and those that say nothing about it.

    Args:
        name: its name.
        sentence: its sentence.
        traces: its traces.
        disguised: the traces of the same mistake, written in another way; empty if it was not run. Only what both have
            in common is kept.
    """
    if disguised:
        both = {
            check: comparing.in_common(trace, disguised[check])
            for check, trace in traces.items()
            if check in disguised
        }
        traces = {check: trace for check, trace in both.items() if trace is not None}
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
