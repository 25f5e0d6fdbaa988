"""A submission in disguise has other private names and another order of independent statements, and does the same."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from authoring.conftest import Course
from learn_torch.authoring.disguise import Disguise, names_in, renamed, reordered, swaps
from learn_torch.authoring.verify import VerifyReport
from learn_torch.course import Catalogue, course_root

REFERENCES = sorted((course_root() / "solutions").glob("*/*/solution.py"))
SOURCE = """
import torch

LIMIT = 3


class Net(torch.nn.Module):
    shared = 1

    def __init__(self, width):
        super().__init__()
        self.layers = torch.nn.Linear(width, width)
        self.seen = 0

    def forward(self, images):
        inner = self.layers(images)
        return [inner for inner in inner] if LIMIT else helper(images, number=self.seen)


def helper(x, number):
    try:
        total = x + number
    except TypeError as problem:
        raise ValueError("total") from problem
    return total
"""


def test_private_names_change_and_nothing_else() -> None:
    changed = renamed(SOURCE, {"images"})
    names = {node.id for node in ast.walk(ast.parse(changed)) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(ast.parse(changed)) if isinstance(node, ast.Attribute)}
    assert not {"inner", "width", "problem"} & names
    assert not {"layers", "seen"} & attributes
    # What others may use: names of the module, attributes of the class, names that the exercise speaks of, arguments
    # that are passed by name, and names that occur in texts.
    assert {"LIMIT", "helper", "images", "number", "total", "torch"} <= names
    assert "shared = 1" in changed


def test_neighbours_change_places_where_neither_uses_what_the_other_touches() -> None:
    source = "def f(a, b):\n    x = a + 1\n    y = b + 1\n    z = x + y\n    return z\n"
    assert swaps(source) == [("x = a + 1", "y = b + 1")]
    assert reordered(source, swaps(source)).index("y = b") < reordered(source, swaps(source)).index("x = a")
    assert reordered(source, []) == ast.unparse(ast.parse(source))


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.parent.name)
def test_every_reference_can_be_disguised(path: Path, catalogue: Catalogue) -> None:
    exercise = catalogue.resolve(f"{path.parents[1].name}/{path.parent.name}")
    source = path.read_bytes()
    changed = Disguise(names_in(exercise), frozenset(swaps(source.decode()))).of(source)
    defined = [
        node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    assert [
        n.name for n in ast.parse(changed).body if isinstance(n, ast.FunctionDef | ast.ClassDef)
    ] == defined


def test_a_grader_that_uses_a_name_of_the_reference_is_a_finding(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.change("solution.py", "def mean_of_squares(x):\n", "def mean_of_squares(x, *, inner=1):\n")
    course.change("grader", "mean_of_squares(x)", "mean_of_squares(x, inner=1)")
    (told,) = [one.message for one in verify().findings if one.rule == "names"]
    assert "fails where only private names of the reference are others" in told
