"""Find checks that a submission could recognise, by running the reference with a few seeds.

A submission that recognises a check can give the right answers there and nowhere else. docs/graders.md has the rules.
Only signs that give no false alarm for a good grader are reported here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from learn_torch.authoring.behaviour import verdict_on
from learn_torch.authoring.bench import Bench
from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.plan import RECOGNITION, Plan
from learn_torch.course import Exercise
from learn_torch.judge.job import Outcome


async def check_recognisable(plan: Plan, bench: Bench) -> list[Finding]:
    """Report checks that show the same with every seed. If the reference does not pass, other rules report that."""
    exercise, reference = plan.exercise, plan.solutions.reference
    if not reference.is_file():
        return []
    outcomes = await bench.examine(
        exercise, reference.read_bytes(), range(RECOGNITION), what="reference, traced", traced=True
    )
    if any(verdict_on(exercise, outcome) != "passed" for outcome in outcomes):
        return []
    return [*_same_names(exercise, outcomes), *_same_questions(exercise, outcomes)]


def _same_names(exercise: Exercise, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    statement = _statement_of(exercise)
    first, *others = (outcome.shown for outcome in outcomes)
    for check, tests in sorted(first.items()):
        for test, shown in tests.items():
            files = shown.files
            if all(_told(path, statement) for path in files):
                continue
            if all(files == other[check][test].files for other in others):
                names = ", ".join(files[:4]) + (", …" if len(files) > 4 else "")
                message = (
                    f"{check} can be recognised: its files have the same names with every seed: "
                    f"{names}; draw at least some of the names at random"
                )
                yield finding(exercise.key, "recognisable", message, exercise.grader)
                break


def _told(path: str, statement: str) -> bool:
    """Whether the statement names this file, so that learners' own files have the same name."""
    parts = PurePath(path).parts
    return all(re.search(rf"(?<![\w.-]){re.escape(part)}(?![\w-])", statement) for part in parts)


def _statement_of(exercise: Exercise) -> str:
    try:
        return (exercise.folder / "README.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _same_questions(exercise: Exercise, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    worth = {check.name for check in exercise.manifest.checks if check.points}
    seen = [
        {
            (check, test): shown.asked
            for check in worth
            for test, shown in outcome.shown.get(check, {}).items()
        }
        for outcome in outcomes
    ]
    with_files = any(shown.files for tests in outcomes[0].shown.values() for shown in tests.values())
    if seen[0] and not with_files and all(one == seen[0] for one in seen):
        message = "every check with points asks the same with every seed, so a list of answers would pass: draw input"
        yield finding(exercise.key, "recognisable", message, exercise.grader)
