"""Mutants: small changes, each different, none of what only people read."""

from __future__ import annotations

import pytest

from learn_torch.authoring.mutants import mutants_of


def changes(source: str) -> set[tuple[str, str]]:
    return {(mutant.statement, mutant.becomes) for mutant in mutants_of(source)}


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("x = a < b", {"x = a <= b", "x = a >= b"}),
        ("x = a == b", {"x = a != b"}),
        ("x = a is None", {"x = a is not None"}),
        ("x = a in b", {"x = a not in b"}),
        ("x = a + b", {"x = a - b"}),
        ("x = a // b", {"x = a / b"}),
        ("x = a and b", {"x = a or b"}),
        ("x = not a", {"x = a"}),
        ("x = -a", {"x = a"}),
        ("x = 3", {"x = 4", "x = 2"}),
        ("x = True", {"x = False"}),
        ("x = f(a, b)", {"x = f(b, a)"}),
        ("x = f(dim=d)", {"x = f()"}),
        ("x = a.to(device)", {"x = a"}),
        ("x = a.detach()", {"x = a"}),
        ("x = a.mean()", {"x = a.sum()"}),
        ("x = f(reduction='mean')", {"x = f(reduction='sum')", "x = f()"}),
        ("model.eval()", {"model.train()", "pass"}),
        ("optimizer.step()", {"pass"}),
        ("x -= a", {"x += a", "pass"}),
        ("x.a = b", {"pass"}),
        ("x = a if b else c", {"x = a if not b else c"}),
        ("x = [a for a in b if c]", {"x = [a for a in b]", "x = [a for a in b if not c]"}),
    ],
)
def test_each_kind_of_change(source: str, becomes: set[str]) -> None:
    assert changes(source) == {(source, after) for after in becomes}


def test_guards_are_dropped() -> None:
    assert ("with torch.no_grad():", "if True:") in changes("with torch.no_grad():\n    f()")
    assert changes("@torch.no_grad()\ndef f():\n    return a") == {("@torch.no_grad() def f():", "def f():")}


def test_what_people_read_is_left_alone() -> None:
    source = '''def f(a: int = None) -> "3":
    """Docstring, 1."""
    raise ValueError(f"{a + 1} is wrong, {3}")
'''
    assert changes(source) == {("raise ValueError(f'{a + 1} is wrong, {3}')", "pass")}


def test_no_mutant_comes_twice_and_none_is_the_reference() -> None:
    source = "def f(a, b):\n    return a + 1 if a > b else b - 1\n"
    found = [mutant.source for mutant in mutants_of(source)]
    assert len(found) == len(set(found)) > 5
    assert source not in found
    for text in found:
        compile(text, "mutant", "exec")


def test_a_mutant_is_shown_as_a_difference() -> None:
    (mutant, *_more) = mutants_of("def f(a):\n    b = a + 1\n    return b\n")
    lines = mutant.diff.splitlines()
    assert "-    b = a + 1" in lines
    assert any(line.startswith("+    b = a") for line in lines)
