"""A message of Python or torch that is hard to read is followed by what it means."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import messages
from learn_torch.report import Report

GRADER = """
from learn_torch.testing import *

def test_it(submission):
    submission.answer()
"""
BEFORE = """
import torch
from pathlib import Path

class Net(torch.nn.Module):
    def __init__(self):
        self.layer = torch.nn.Linear(4096, 64)

"""


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("torch.nn.Linear(4096, 64)(torch.ones(2, 1024))", "A layer for rows of 4096 numbers was given rows of 1024"),
        ("Net()", "`__init__` of a module begins with `super().__init__()`."),
        ("None.add_scalar", "What stands before `.add_scalar` is None here."),
        ("Path('data') + '/ants'", "A path is not joined with `+`"),
        ("torch.tensor([[1, 2]]).softmax(1)", "The tensor holds integers (int64)"),
        ("None + 1", "return None + 1"),
    ],
)  # fmt: skip
def test_what_a_message_means(grade: Callable[..., Report], expression: str, words: str) -> None:
    report = grade(GRADER, f"{BEFORE}def answer():\n    return {expression}\n")
    assert messages(report)["it"].splitlines()[-1].strip().startswith(words)
