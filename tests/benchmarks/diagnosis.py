"""What diagnosing a failed check takes, and whether each known mistake is told: `python tests/benchmarks/diagnosis.py`.

From a ready engine, one after the other: the check, and then the diagnosis of the core track's mistakes. A number N as
argument takes every Nth of them.
"""

from __future__ import annotations

import statistics
import sys
import time
from functools import partial

from learn_torch.authoring.solutions import Solutions
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack, course_root
from learn_torch.diagnosis.matching import diagnose

total = told = 0
print(
    f"{'exercise':28}{'mistakes':>9}{'told':>6}{'check, median':>15}{'diagnosis, median':>19}{'longest':>10}"
)
with Checker() as checker:
    for exercise in Catalogue([CoursePack("learn-torch", course_root())]):
        mistakes = [mistake for mistake in Solutions.of(exercise).mistakes if mistake.way == 1]
        mistakes = mistakes[:: int(sys.argv[1]) if sys.argv[1:] else 1]
        checker.check(exercise, mistakes[0].source)
        checks, diagnoses, right = [], [], 0
        for mistake in mistakes:
            source = mistake.source
            started = time.perf_counter()
            report = checker.check(exercise, source)
            checked = time.perf_counter()
            found = diagnose(partial(checker.examine, exercise, source), exercise, report)
            diagnoses.append(time.perf_counter() - checked)
            checks.append(checked - started)
            right += [one.mistake for one in found] == [mistake.name]
        total, told = total + len(mistakes), told + right
        print(
            f"{exercise.key + ' ' + exercise.slug:28}{len(mistakes):9}{right:6}{statistics.median(checks):13.3f} s"
            f"{statistics.median(diagnoses):17.3f} s{max(diagnoses):8.3f} s",
            flush=True,
        )
print(f"{told} of {total} told")
