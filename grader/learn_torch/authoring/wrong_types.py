"""Submissions that return the wrong type. A grader must fail them with a message, whatever comes back.

Each is the reference with one spoilt function or method, which returns something wrong. Some kinds of wrong results
are made from the right one, so they still run the original function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_SPOILERS = """

def _learn_other_shape(value):
    import torch
    if isinstance(value, torch.Tensor):
        return value.unsqueeze(0)
    if isinstance(value, (tuple, list)):
        return value + value[-1:] if value else type(value)((0,))
    if isinstance(value, (bool, int, float, str)):
        return [value]
    raise ZeroDivisionError("spoilt")


def _learn_other_dtype(value):
    import torch
    if isinstance(value, torch.Tensor):
        return value.to(torch.int16 if value.dtype != torch.int16 else torch.float64)
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float)):
        return complex(value)
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (tuple, list)):
        return set(map(str, value))
    raise ZeroDivisionError("spoilt")


def _learn_spoil(function, kind):
    def spoilt(*args, **kwargs):
        if kind == "None":
            return None
        if kind == "a str":
            return "spoilt"
        if kind == "NaN":
            return float("nan")
        if kind == "an exception":
            raise ZeroDivisionError("spoilt")
        value = function(*args, **kwargs)
        return _learn_other_shape(value) if kind == "another shape" else _learn_other_dtype(value)
    return spoilt
"""
KINDS = ("None", "a str", "NaN", "an exception", "another shape", "another dtype")


@dataclass(frozen=True)
class WrongTypes:
    """A spoilt reference.

    Args:
        place: the function or method that is spoilt.
        kind: what it returns instead: one of `KINDS`.
        source: the whole module.
    """

    place: str
    kind: str
    source: str

    @property
    def what(self) -> str:
        """A description for messages."""
        return f"{self.place} {'raises' if self.kind == 'an exception' else 'returns'} {self.kind}"


def wrong_types_of(source: str, functions: tuple[str, ...]) -> Iterator[WrongTypes]:
    """Spoil each of the contract's functions and classes in each way.

    Raises:
        SyntaxError: the source is not Python.
    """
    for place in _places(ast.parse(source), functions):
        for kind in KINDS:
            spoilt = f"{place} = _learn_spoil({place}, {kind!r})\n"
            yield WrongTypes(place, kind, f"{source}{_SPOILERS}\n\n{spoilt}")


def _places(tree: ast.Module, functions: tuple[str, ...]) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            yield node.name
        elif isinstance(node, ast.ClassDef) and node.name in functions:
            yield node.name
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name != "__init__":
                    yield f"{node.name}.{method.name}"
