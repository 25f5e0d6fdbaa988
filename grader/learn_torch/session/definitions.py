"""The source of a grader's definitions for the worker, with neutral names.

A submission can see the definitions in its worker. A class named `Watch` would tell it what the grader checks. So
definitions are sent without docstrings and under neutral names, and messages show the original names.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from learn_torch.wire.encoding import CannotCross

_CONSONANTS, _VOWELS = "bdfghklmnprstvz", "aeiou"
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class NeutralNames:
    """Neutral names for definitions: the same for the same seed, whatever was defined before.

    Args:
        seed: the session's seed, which the worker does not know.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._originals: dict[str, str] = {}
        self.sources: dict[object, tuple[str, str, str]] = {}
        """A cache for `source_of`, by definition: a check may send the same definition many times."""

    def name_of(self, original: str) -> str:
        """The neutral name of `original` in the worker."""
        digest = hashlib.sha256(f"{self._seed}/names/{original}".encode()).digest()
        letters = (
            f"{_CONSONANTS[one % len(_CONSONANTS)]}{_VOWELS[other % len(_VOWELS)]}"
            for one, other in zip(digest[:5], digest[5:10], strict=True)
        )
        name = "".join(letters)
        name = name.capitalize() if original[:1].isupper() else name
        self._originals[name] = original
        return name

    def readable(self, text: str) -> str:
        """`text` with the original names instead of the neutral ones."""
        if not self._originals:
            return text
        words = "|".join(map(re.escape, self._originals))
        return re.sub(rf"\b(?:{words})\b", lambda found: self._originals[found[0]], text)


def source_of(definition: Callable[..., Any] | type, names: NeutralNames) -> tuple[str, str, str]:
    """A function or class for the worker: its source, its neutral name, and its original name.

    Raises:
        CannotCross: it is neither, or it uses variables of an enclosing function.
    """
    if definition not in names.sources:
        names.sources[definition] = _source_of(definition, names)
    return names.sources[definition]


def _source_of(definition: Callable[..., Any] | type, names: NeutralNames) -> tuple[str, str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(definition)))
    node = tree.body[0]
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        raise CannotCross("sandbox.define takes a function or a class")
    code = getattr(definition, "__code__", None)
    if code is not None and code.co_freevars:
        raise CannotCross(f"{node.name} uses names from around it: {', '.join(code.co_freevars)}")
    node.decorator_list = []
    parameters = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    neutral = {name: names.name_of(name) for name in _defined(tree) if name not in parameters}
    _Renaming(neutral).visit(tree)
    return ast.unparse(tree), node.name, definition.__name__


def _defined(node: ast.AST) -> Iterator[str]:
    """The names of functions and classes. Methods keep their names."""
    for child in ast.iter_child_nodes(node):
        is_method = isinstance(node, ast.ClassDef) and isinstance(child, _Function)
        if isinstance(child, _Defined) and not is_method:
            yield child.name
        yield from _defined(child)


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._in_class = False

    def _visit_definition(self, node: _Defined) -> ast.AST:
        if not (self._in_class and isinstance(node, _Function)):
            node.name = self._names.get(node.name, node.name)
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        outside, self._in_class = self._in_class, isinstance(node, ast.ClassDef)
        self.generic_visit(node)
        self._in_class = outside
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_definition

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._names.get(name, name) for name in node.names]
        return node
