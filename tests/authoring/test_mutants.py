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


@pytest.mark.parametrize(
    "source",
    [
        "x = max(a, b)",
        "x = min(a, b)",
        "x = math.gcd(a, b)",
        "x = torch.maximum(a, b)",
        "x = all((a == b for a, b in zip(c, d)))",
        "x = [max(a, b) for a, b in zip(c, d)]",
        "x = torch.load(path, weights_only=True)",
        "x = DataLoader(data, shuffle=False)",
    ],
)
def test_what_would_do_the_same_is_not_made(source: str) -> None:
    swapped_or_left_out = {
        "x = max(b, a)", "x = min(b, a)", "x = math.gcd(b, a)", "x = torch.maximum(b, a)",
        "x = all((a == b for a, b in zip(d, c)))", "x = [max(a, b) for a, b in zip(d, c)]",
        "x = [max(b, a) for a, b in zip(c, d)]", "x = torch.load(path)", "x = DataLoader(data)",
    }  # fmt: skip
    assert not {becomes for _statement, becomes in changes(source)} & swapped_or_left_out


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("x = max(a, b, key=f)", "x = max(b, a, key=f)"),
        ("x = a.max(b, c)", "x = a.max(c, b)"),
        ("x = torch.sub(a, b)", "x = torch.sub(b, a)"),
        ("x = [a - b for a, b in zip(c, d)]", "x = [a - b for a, b in zip(d, c)]"),
        ("x = [a + b for a, b in zip(c, d)]", "x = [a + b for a, b in zip(d, c)]"),
        ("x = [a == 1 for a, b in zip(c, d)]", "x = [a == 1 for a, b in zip(d, c)]"),
        ("x = [a == b for a, b in zip(c, d) if a]", "x = [a == b for a, b in zip(d, c) if a]"),
        ("x = zip(c, d)", "x = zip(d, c)"),
        ("x = torch.load(path, weights_only=False)", "x = torch.load(path)"),
        ("x = DataLoader(data, shuffle=True)", "x = DataLoader(data)"),
    ],
)
def test_what_could_do_something_else_is_made(source: str, becomes: str) -> None:
    assert (source, becomes) in changes(source)


@pytest.mark.parametrize(
    ("source", "once"),
    [
        ("x = a if not b else c", ["x = a if b else c"]),
        ("x = a if b is None else c", ["x = a if b is not None else c"]),
        ("x = [a for a in b if a in c]", ["x = [a for a in b if a not in c]", "x = [a for a in b]"]),
        (
            "x = a if b < c else d",
            ["x = a if b <= c else d", "x = a if b >= c else d", "x = a if not b < c else d"],
        ),
    ],
)
def test_of_changes_that_do_the_same_one_is_made(source: str, once: list[str]) -> None:
    assert sorted(mutant.becomes for mutant in mutants_of(source)) == sorted(once)
