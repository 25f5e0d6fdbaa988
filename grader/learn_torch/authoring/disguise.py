"""Write a submission in another way: private names are others, and independent statements have changed places.

A mistake has to be recognised in every such dress, and a right solution has to pass. What changes here is nobody's
business but the learner's: local variables, parameters and attributes that the exercise does not name, and the order of
statements of which neither uses what the other touches.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from learn_torch.course import Exercise

Pair = tuple[str, str]
"""Two neighbouring statements, as text."""
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)


@dataclass(frozen=True)
class Disguise:
    """What may change in the submissions of an exercise.

    Args:
        kept: the names that the exercise speaks of.
        independent: neighbouring statements whose order makes no difference.
    """

    kept: frozenset[str]
    independent: frozenset[Pair]

    def of(self, source: bytes) -> bytes:
        """The same submission in this disguise."""
        return renamed(reordered(source.decode("utf-8-sig"), self.independent), self.kept).encode()


def names_in(exercise: Exercise) -> frozenset[str]:
    """The names that an exercise speaks of: those of its stub, and those in the code of its statement."""
    stub = exercise.stub.read_text("utf-8", "replace") if exercise.stub.is_file() else ""
    statements = [path.read_text("utf-8", "replace") for path in sorted(exercise.folder.glob("README*.md"))]
    texts = [code for text in (stub, *statements) for code in re.findall(r"`[^`]+`", text)]
    texts += [line for text in statements for line in re.findall(r"^(?: {4}|\t).*$", text, re.MULTILINE)]
    names = {name for text in texts for name in re.findall(r"[^\W\d]\w*", text)}
    for node in ast.walk(ast.parse(stub)):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
    return frozenset(names)


def renamed(source: str, kept: Iterable[str]) -> str:
    """The source with other private names. Names in `kept` stay, and what could be used from outside."""
    tree = ast.parse(source)
    names, attributes = _private_names(tree, frozenset(kept))
    _Renamer(_others(names, "value"), _others(attributes, "part")).visit(tree)
    return ast.unparse(tree)


def swaps(source: str) -> list[Pair]:
    """Neighbouring statements that may be independent: neither uses a name that the other touches.

    They may depend on each other all the same, as `loss.backward()` and `optimizer.step()` do: try whether a right
    solution stays right.
    """
    return [(ast.unparse(one), ast.unparse(other)) for _body, one, other in _neighbours(ast.parse(source))]


def reordered(source: str, independent: Iterable[Pair]) -> str:
    """The source with these pairs of statements swapped, from the top, each statement at most once."""
    tree, wanted = ast.parse(source), set(independent)
    moved: set[int] = set()
    for body, one, other in list(_neighbours(tree)):
        if {id(one), id(other)} & moved or (ast.unparse(one), ast.unparse(other)) not in wanted:
            continue
        place = body.index(one)
        body[place], body[place + 1] = other, one
        moved |= {id(one), id(other)}
    return ast.unparse(tree)


def _neighbours(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], ast.stmt, ast.stmt]]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            body = getattr(node, "body", None)
            if not isinstance(body, list):
                continue
            for one, other in pairwise(body):
                if (
                    isinstance(one, _SIMPLE)
                    and isinstance(other, _SIMPLE)
                    and not _touched(one) & _touched(other)
                ):
                    yield body, one, other


def _touched(statement: ast.stmt) -> set[str]:
    """The names in a statement; an attribute of `self` counts as a name of its own."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            found.add(f"self.{node.attr}")
        elif isinstance(node, ast.Name) and node.id != "self" and not _is_shared(node.id):
            found.add(node.id)
    return found


def _is_shared(name: str) -> bool:
    """Whether reading this name changes nothing that belongs to the submission."""
    return name in ("torch", "nn", "os", "np") or hasattr(builtins, name)


def _private_names(tree: ast.Module, kept: frozenset[str]) -> tuple[list[str], list[str]]:
    stored: dict[str, None] = {}
    untouchable = set(kept) | set(dir(builtins)) | {"self", "cls"}
    own: dict[str, None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                stored[name] = None
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                stored[name] = None
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                own[name] = None
            case ast.Attribute(value=value, attr=name) if not (
                isinstance(value, ast.Name) and value.id == "self"
            ):
                untouchable.add(name)
            case ast.keyword(arg=str(name)):
                untouchable.add(name)
            case ast.Constant(value=str(text)):
                untouchable.update(re.findall(r"\w+", text))
            case ast.alias(name=name, asname=other):
                untouchable.add((other or name).partition(".")[0])
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                untouchable.update(names)
            case ast.ClassDef(body=body):  # its attributes can be used from outside
                untouchable.update(_defined(body))
    untouchable.update(_defined(tree.body))
    names = [name for name in stored if name not in untouchable and not name.startswith("_")]
    return names, [name for name in own if name not in untouchable and not name.startswith("_")]


def _defined(body: Iterable[ast.stmt]) -> set[str]:
    """The names that statements of a module or a class define, not those inside of functions."""
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.add(statement.name)
            continue
        found |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return found


def _others(names: Iterable[str], kind: str) -> dict[str, str]:
    return {name: f"{kind}_{number}" for number, name in enumerate(names, 1)}


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: dict[str, str], attributes: dict[str, str]) -> None:
        self._names, self._attributes = names, attributes

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._names.get(node.arg, node.arg)
        if node.annotation is not None:
            self.visit(node.annotation)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        node.name = self._names.get(node.name, node.name) if node.name else None
        self.generic_visit(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            node.attr = self._attributes.get(node.attr, node.attr)
        return node
