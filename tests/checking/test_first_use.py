"""What a submission could need is loaded before its clock starts."""

from __future__ import annotations

from collections.abc import Callable

from conftest import messages
from learn_torch.checking import first_use
from learn_torch.checking.checker import Checker
from learn_torch.course import Exercise
from learn_torch.report import Report

GRADER = "from learn_torch.testing import *\ndef test_it(submission):\n    assert_value(submission.answer(), True)\n"
LOADED = "import sys\nTHERE = {name!r} in sys.modules\ndef answer():\n    return THERE\n"


def test_an_exercise_names_modules_by_the_imports_of_its_files(
    make_exercise: Callable[..., Exercise],
) -> None:
    exercise = make_exercise(GRADER, imports="[]")
    exercise.stub.write_text("import torch\n")
    alternatives = exercise.solutions / "alternatives"
    alternatives.mkdir(parents=True)
    (alternatives / "one.py").write_text("def answer():\n    from torch.utils import data\n    import os\n")
    (exercise.solutions / "solution.py").write_text("import wave\n")
    assert set(first_use.modules_of(exercise)) == {"torch", "torch.utils", "torch.utils.data"}


def test_what_the_files_of_an_exercise_import_is_loaded(
    make_exercise: Callable[..., Exercise], checker: Checker
) -> None:
    exercise = make_exercise(GRADER, imports="[]")
    exercise.stub.write_text("from torch.utils import tensorboard\nimport nothing_of_this_name\n")
    report = checker.check(exercise, LOADED.format(name="torch.utils.tensorboard").encode())
    assert report.verdict == "passed", messages(report)


def test_what_a_submission_speaks_of_is_loaded(grade: Callable[..., Report]) -> None:
    for words, name in (
        ("torchvision", "torchvision"),
        ("torch.optim.SGD", "torch._dynamo"),
        ("torch.use_deterministic_algorithms(True)", "torch._inductor.config"),
        ("torch.device('meta')", "sympy"),
    ):
        report = grade(GRADER, f"# {words}\n" + LOADED.format(name=name))
        assert report.verdict == "passed", (name, messages(report))


def test_files_that_cannot_be_read_name_nothing(make_exercise: Callable[..., Exercise]) -> None:
    exercise = make_exercise(GRADER)
    exercise.stub.write_text("def :\n")
    assert first_use.modules_of(exercise) == []
