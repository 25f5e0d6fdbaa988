"""Recognise the known mistake in a submission by its behaviour, never by its code.

The failed checks run again with a public seed. The submission's answers are compared, check by check, with the answers
of each known mistake at that seed. `learn verify` writes these traces to a file beside the grader. The file holds the
sentences of the mistakes, but not their code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from msgspec import Struct

from learn_torch.course import Exercise, Text
from learn_torch.diagnosis import comparing
from learn_torch.judge import tracing
from learn_torch.judge.job import Outcome
from learn_torch.judge.tracing import CheckTrace, TestTrace
from learn_torch.report import CheckReport, Diagnosis, Report

SEED = 0
"""The random seed of all traces."""


class KnownMistake(Struct, frozen=True):
    """A mistake: its name, its sentence, and its traces in the checks that it fails.

    `source` is the digest of the submission that made them. Several may have the same name: ways of one mistake.
    """

    name: str
    sentence: Text
    checks: dict[str, CheckTrace]
    source: str = ""


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
    failed = [check.name for check in report.checks if check.verdict == "failed" and _may_tell(check)]
    if not failed or report.verdict != "failed":
        return []
    traces = read_traces(exercise)
    if traces is None or not traces.mistakes:
        return []
    outcome = examine(seed=SEED, only=failed, traced=True, time_limit=time_limit(exercise))
    found = recognise(outcome.traces, traces.mistakes)
    return [Diagnosis(mistake.name, str(mistake.sentence)) for mistake in found]


def _may_tell(check: CheckReport) -> bool:
    """Whether a failed check can tell a mistake: not if its time ran out, which would take all the time again."""
    cause = check.cause if isinstance(check.cause, str) else ""
    return not cause.startswith(("lost:time", "lost:no time left", "unwritten", "import", "file"))


def time_limit(exercise: Exercise) -> float:
    """Seconds for a traced run. As for every check, the time that it waits for a processor does not count."""
    return exercise.manifest.time_limit / 2


def recognise(traces: Mapping[str, CheckTrace], mistakes: Sequence[KnownMistake]) -> list[KnownMistake]:
    """The mistakes that explain these traces, in the order of the checks. A submission may make several.

    A mistake shows in *places*: the tests of one check that ask for the same functions of the submission. There it
    matches if the same tests fail with the same answers. A submission may make a mistake in one function and not in
    another, so all places of a function may be without failures, but no place of a matching function. What is not
    written yet is left out.

    First come the mistakes that match wherever they show, those that explain most places before the others. Then, for
    places that are still unexplained, come mistakes that match in some places, while another mistake can explain why
    the others do not match, and those that match in most. Where two with different sentences explain the same equally
    well, neither is named; nor is a mistake where another one matches as well that fails more of what has failed here.
    """
    return _Recognition(traces, mistakes).found()


Names = frozenset[str]
Place = tuple[str, Names]
"""A check, and the names that some of its tests ask the submission for."""


@dataclass
class _Candidate:
    """A mistake and its places: those where it matches, where nothing fails, and where something else fails.

    `explained` are the tests that fail as the mistake does, with their checks, and `disturbed` those that fail in
    another way.
    """

    mistake: KnownMistake
    matching: set[Place] = field(default_factory=set)
    absent: set[Place] = field(default_factory=set)
    other: set[Place] = field(default_factory=set)
    explained: set[tuple[str, str]] = field(default_factory=set)
    disturbed: set[tuple[str, str]] = field(default_factory=set)

    @property
    def weight(self) -> tuple[int, int]:
        return len(self.matching), -len(self.absent)


class _Recognition:
    def __init__(self, traces: Mapping[str, CheckTrace], mistakes: Sequence[KnownMistake]) -> None:
        self._traces, self._order = traces, list(traces)
        found = [self._compare(mistake) for mistake in mistakes]
        self._candidates = [one for one in found if one.matching]
        self._open = {place for one in self._candidates for place in one.matching}
        """The places that no mistake explains yet."""
        self._named: list[tuple[_Candidate, set[Place]]] = []

    def found(self) -> list[KnownMistake]:
        self._name([one for one in self._candidates if _is_whole(one)])
        self._name([one for one in self._candidates if not _is_whole(one) and self._is_hidden(one)])
        self._name([one for one in self._candidates if not _is_whole(one) and self._is_likely(one)])
        self._named.sort(key=lambda named: min(self._order.index(check) for check, _names in named[1]))
        return [candidate.mistake for candidate, _places in self._named]

    def _compare(self, mistake: KnownMistake) -> _Candidate:
        result = _Candidate(mistake)
        for place, tests in _places_of(mistake).items():
            check, names = place
            here = {
                test: trace
                for test, trace in self._traces.get(check, {}).items()
                if trace is not None and (test in tests or frozenset(trace.names) == names)
            }
            if any(map(comparing.unwritten_test, here.values())):
                continue
            if not here:
                result.absent.add(place)
            elif here.keys() == tests.keys() and all(
                comparing.same_test(trace, tests[test]) for test, trace in here.items()
            ):
                result.matching.add(place)
                result.explained |= {(check, test) for test in here}
            else:
                result.other.add(place)
                result.disturbed |= {(check, test) for test in here}
        return result

    def _name(self, candidates: Sequence[_Candidate]) -> None:
        """Name the mistakes that explain most of the open places, one after the other."""
        while True:
            left = [one for one in candidates if one.matching & self._open]
            if not left:
                return
            most = max(one.weight for one in left)
            best, *others = [one for one in left if one.weight == most]
            places = best.matching & self._open
            rivals = [one for one in others if one.matching & places]
            rivals += [
                one
                for one in self._candidates
                if one.matching >= best.matching and one.other > best.other and not one.absent
            ]
            if all(one.mistake.sentence == best.mistake.sentence for one in rivals):
                self._named.append((best, places))
            for one in (best, *rivals):
                self._open -= one.matching

    def _is_hidden(self, candidate: _Candidate) -> bool:
        """Whether others explain the places in which a mistake does not match, and some place tells it for certain."""
        others = [one for one in self._candidates if one.mistake.sentence != candidate.mistake.sentence]
        disturbing = [one for one in others if one.matching - candidate.matching]
        explained = {test for one in disturbing for test in one.explained | one.disturbed}
        certain = candidate.matching - {place for one in others for place in one.matching}
        return bool(certain) and candidate.disturbed <= explained and not _absent_where_it_matches(candidate)

    def _is_likely(self, candidate: _Candidate) -> bool:
        """Whether a mistake matches in most of its places, in two at least, and nothing else explains those."""
        explained = len(candidate.matching & self._open)
        return explained >= max(len(candidate.other), 2) and not _absent_where_it_matches(candidate)


def _is_whole(candidate: _Candidate) -> bool:
    return not candidate.other and not _absent_where_it_matches(candidate)


def _absent_where_it_matches(candidate: _Candidate) -> bool:
    """Whether nothing fails in places of a function in which the mistake matches elsewhere."""
    matching = {names for _check, names in candidate.matching}
    return any(names in matching for _check, names in candidate.absent)


def _places_of(mistake: KnownMistake) -> dict[Place, dict[str, TestTrace]]:
    found: dict[Place, dict[str, TestTrace]] = {}
    for check, tests in mistake.checks.items():
        for test, trace in tests.items():
            if trace is not None:
                found.setdefault((check, frozenset(trace.names)), {})[test] = trace
    return found


def known_mistake(
    name: str,
    sentence: Text,
    traces: Mapping[str, CheckTrace],
    disguised: Mapping[str, CheckTrace] | None = None,
    source: bytes = b"",
) -> KnownMistake:
    """A mistake with the traces of all checks, without those that it passes and those that say nothing about it.

    Args:
        name: its name.
        sentence: its sentence.
        traces: its traces.
        disguised: the traces of the same mistake, written in another way; empty if it was not run. Only what both have
            in common is kept.
        source: the submission.
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
    return KnownMistake(name, sentence, failed, source_digest(source))


def source_digest(source: bytes) -> str:
    """The digest of a submission, to see whether its traces are stale."""
    return hashlib.sha256(source.replace(b"\r\n", b"\n")).hexdigest()[:16]


def write_traces(exercise: Exercise, mistakes: Sequence[KnownMistake]) -> bytes:
    """The content of the file of traces: JSON with one line per mistake, so that a diff shows what has changed."""
    head = msgspec.json.encode({"format_version": 1, "grader": digest_of(exercise)})[1:-1]
    lines = b",\n".join(msgspec.json.encode(mistake) for mistake in mistakes)
    return b"{" + head + b',"mistakes":[\n' + lines + b"\n]}\n"
