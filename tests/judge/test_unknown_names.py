"""A name that Python does not know is answered with what was probably meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import messages
from learn_torch.report import Report

Grade = Callable[..., Report]
GRADER = """
from PIL import Image
from learn_torch.testing import *

def test_it(submission):
    assert_value(submission.answer(1), 3)
"""
CLASS = """
import torch

class Numbers:
    def __init__(self):
        self.image_names = []

    def count(self, wanted):
        return {}

def answer(x):
    return Numbers().count(x)
"""


def last_line(grade: Grade, submission: str) -> str:
    return messages(grade(GRADER, submission))["it"].splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("len(image_names)", "Is `self.image_names` meant?"),
        ("count(wanted)", "Is `self.count` meant?"),
        ("self.image_name", "The class has `image_names`: is one of the two names misspelt?"),
        ("wantd", "Is `wanted` meant?"),
        ("Nubmers", "Is `Numbers` meant?"),
        ("pritn(wanted)", "Is `print` meant?"),
        ("math.ceil(2.5)", "Is an import missing? `import math`"),
        ("nn.Linear(1, 1)", "Is an import missing? `from torch import nn`"),
        ("torch.cuda.is_avaliable()", "Is `is_available` meant?"),
        ("torch.tensor([1]).revrse()", "return torch.tensor([1]).revrse()"),
        ("torch.tensor([1.0]).maen()", "Is `mean` meant?"),
        ("__import__('PIL.Image').Image.new('L', (1, 1)).covert('RGB')", "Is `convert` meant?"),
        ("torch.zeros(2, 2).max(dim=1).max()", "`max` or `min` of an axis gives two tensors"),
    ],
)
def test_what_was_meant(grade: Grade, expression: str, words: str) -> None:
    assert last_line(grade, CLASS.format(expression)).startswith(words)


def test_a_name_of_another_function_is_not_meant(grade: Grade) -> None:
    submission = "def other():\n    optimizer = 1\n\ndef answer(x):\n    return optimiser\n"
    assert last_line(grade, submission) == "return optimiser"


def test_a_longer_name_that_begins_alike_is_not_meant(grade: Grade) -> None:
    assert last_line(grade, "def answer(x):\n    pytestmark = 1\n    return pytest\n") == "return pytest"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from torch import Tesnor", "Is `Tensor` meant?"),
        ("import trch", "Is `torch` meant?"),
        ("from helpers import answer", "A submission is checked alone"),
    ],
)
def test_what_an_import_meant(grade: Grade, line: str, words: str) -> None:
    assert last_line(grade, f"{line}\ndef answer(x):\n    return 3\n").startswith(words)
