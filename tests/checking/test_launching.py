"""One engine serves many checks: of one submission with many seeds, of many threads, of several processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import needs_fork, verdicts
from judge.test_processes import descendants
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, Exercise, course_root
from learn_torch.engine.engine import Engine
from learn_torch.errors import EngineError
from learn_torch.judge.job import TestResult as Result

REFERENCE = (course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py").read_bytes()
COUNTS = """\
import os, sys
sys.stored = getattr(sys, "stored", []) + [1]
files = os.listdir(".")
open("left behind", "w").close()
def answer():
    return {"imports": len(sys.stored), "files": len(files), "pid": os.getpid()}
"""


@pytest.fixture
def exercise(catalogue: Catalogue) -> Exercise:
    return catalogue.resolve("core/03")


def test_every_seed_has_its_outcome(checker: Checker, exercise: Exercise) -> None:
    found = checker.examine_seeds(exercise, REFERENCE, [3, 1, 2])
    assert [outcome.seed for outcome in found] == [3, 1, 2]
    assert {test.verdict for outcome in found for test in outcome.tests} == {"passed"}
    assert all(len(outcome.tests) == len(exercise.manifest.checks) for outcome in found)


def test_a_seed_gives_the_same_alone_and_after_others(checker: Checker, exercise: Exercise) -> None:
    wrong = REFERENCE.replace(b"//", b"/")
    several = checker.examine_seeds(exercise, wrong, [5, 6, 7], traced=True)
    alone = [checker.examine(exercise, wrong, seed=seed, traced=True) for seed in (5, 6, 7)]
    for one, other in zip(several, alone, strict=True):
        assert [(test.name, test.message) for test in one.tests] == [
            (test.name, test.message) for test in other.tests
        ]
        assert one.traces == other.traces
        assert one.shown == other.shown


def test_each_seed_has_a_worker_of_its_own(checker: Checker, make_exercise: Callable[..., Exercise]) -> None:
    grader = "def test_it(submission):\n    assert submission.answer()['imports'] == 1\n"
    found = checker.examine_seeds(make_exercise(grader), COUNTS.encode(), [1, 2, 3])
    assert [outcome.tests[0].verdict for outcome in found] == ["passed"] * 3


def test_the_next_seed_finds_an_empty_folder(
    checker: Checker, make_exercise: Callable[..., Exercise]
) -> None:
    grader = "def test_it(submission):\n    assert submission.answer()['files'] == 0\n"
    found = checker.examine_seeds(make_exercise(grader), COUNTS.encode(), [1, 2, 3])
    assert [outcome.tests[0].verdict for outcome in found] == ["passed"] * 3


def test_a_seed_that_loses_its_worker_leaves_the_others_alone(
    checker: Checker, make_exercise: Callable[..., Exercise]
) -> None:
    grader = "def test_it(submission, rng):\n    assert submission.answer(rng.random()) is True\n"
    source = b"import os\ndef answer(number):\n    return True if number < 0.5 else os._exit(0)\n"
    found = checker.examine_seeds(make_exercise(grader), source, range(12))
    kinds = {test.lost for outcome in found for test in outcome.tests}
    assert kinds == {"", "ended"}


def test_a_module_s_fixtures_end_with_each_seed(
    checker: Checker, make_exercise: Callable[..., Exercise]
) -> None:
    grader = (
        "import pytest\nbegun = []\n"
        "@pytest.fixture(scope='module')\ndef shared():\n    begun.append(1)\n    return len(begun)\n"
        "def test_it(shared, submission):\n    assert submission.answer() == shared\n"
        "def test_other(shared, submission):\n    assert submission.answer() == shared\n"
    )
    for first_failure in (False, True):
        found = checker.examine_seeds(
            make_exercise(grader), b"def answer():\n    return 0\n", [1, 2], first_failure=first_failure
        )
        assert ["== 1" in one.tests[0].message for one in found] == [True, False]
        assert ["== 2" in one.tests[0].message for one in found] == [False, True]


def test_each_result_is_told_when_it_is_there(checker: Checker, exercise: Exercise) -> None:
    told: list[Result] = []
    outcome = checker.examine_seeds(exercise, REFERENCE, [1], ended=told.append)[0]
    assert [result.name for result in told] == [check.name for check in exercise.manifest.checks]
    assert told == outcome.tests


@pytest.mark.skipif(sys.platform != "linux", reason="the time is counted elsewhere")
def test_a_result_says_how_long_judge_and_worker_computed(
    checker: Checker, make_exercise: Callable[..., Exercise]
) -> None:
    grader = "def test_slow(submission):\n    assert submission.answer(40_000_000)\ndef test_quick(submission):\n    assert submission.answer(1)\n"
    source = b"def answer(number):\n    while number:\n        number -= 1\n    return True\n"
    slow, quick = checker.examine(make_exercise(grader), source).tests
    assert slow.cpu > 10 * quick.cpu > 0


@needs_fork
def test_threads_share_one_engine(catalogue: Catalogue) -> None:
    before = descendants(os.getpid())
    exercises = [catalogue.resolve(name) for name in ("core/03", "core/04")]
    with Checker("fork") as checker:
        for one in exercises:
            checker.prepare(one)
        idle = len(descendants(os.getpid()) - before)

        def check(number: int) -> dict[str, str]:
            one = exercises[number % 2]
            source = (one.solutions / "solution.py").read_bytes() if number % 3 else b"1 / 0\n"
            return verdicts(checker.check(one, source))

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(check, range(12)))
        assert [set(one.values()) for one in found] == [
            {"passed"} if n % 3 else {"failed"} for n in range(12)
        ]
        assert idle == 3  # the engine, and a template for each exercise


JOINS = """
import sys
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack, course_root
exercise = Catalogue([CoursePack("learn-torch", course_root())]).resolve("core/03")
with Checker("fork", engine=sys.argv[1]) as checker:
    print(checker.check(exercise, (exercise.solutions / "solution.py").read_bytes()).verdict)
"""


@needs_fork
def test_another_process_may_join_an_engine() -> None:
    with Engine() as engine:
        address = engine.listen()
        for _time in range(2):  # the first to leave does not end it
            run = subprocess.run(
                [sys.executable, "-c", JOINS, address], capture_output=True, text=True, check=True
            )
            assert run.stdout == "passed\n"
        assert engine.base.exists()
    assert not engine.base.exists()


@needs_fork
def test_there_may_be_no_engine_to_join() -> None:
    with (
        pytest.raises(EngineError, match="no grading engine"),
        Checker("fork", engine="/nowhere/engine") as checker,
    ):
        checker.start()
