"""Keep the file of traces of an exercise up to date. Known mistakes are recognised by these traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from learn_torch.authoring.findings import Finding, finding
from learn_torch.course import Exercise
from learn_torch.diagnosis.comparing import alike
from learn_torch.diagnosis.matching import KnownMistake, read_traces, write_traces
from learn_torch.errors import in_a_line
from learn_torch.files import write_atomically


def check_traces(exercise: Exercise, mistakes: Sequence[KnownMistake], *, write: bool) -> Iterator[Finding]:
    """Report stale traces, or rewrite them.

    Args:
        exercise: the exercise.
        mistakes: the mistakes with their current traces.
        write: rewrite the file if it is stale.
    """
    if not exercise.solutions.is_dir():  # a student edition has traces, but no solutions to make them from
        return
    if _are_the_same(exercise, mistakes):
        return
    if not write:
        message = "the traces are stale: `learn verify --write` updates them"
        yield finding(exercise.key, "diagnosis", message, exercise.traces)
        return
    try:
        if mistakes:
            write_atomically(exercise.traces, write_traces(exercise, mistakes))
        else:
            exercise.traces.unlink()
    except OSError as error:
        message = f"the traces are stale and cannot be written: {in_a_line(error)}"
        yield finding(exercise.key, "diagnosis", message, exercise.traces)


def _are_the_same(exercise: Exercise, mistakes: Sequence[KnownMistake]) -> bool:
    """Whether the file holds these mistakes. The last digits may differ, as they do between machines."""
    if not mistakes:
        return not exercise.traces.exists()
    before = read_traces(exercise) if exercise.grader.is_file() else None
    return (
        before is not None
        and len(before.mistakes) == len(mistakes)
        and all(map(_is_the_same, before.mistakes, mistakes))
    )


def _is_the_same(one: KnownMistake, other: KnownMistake) -> bool:
    return (one.name, one.sentence, one.source, one.checks.keys()) == (
        other.name,
        other.sentence,
        other.source,
        other.checks.keys(),
    ) and all(alike(trace, other.checks[check]) for check, trace in one.checks.items())
