"""Mutants of a reference: small changes of its syntax tree. A grader should notice each of them.

Source of the idea: mutation testing; DeMillo, Lipton, Sayward, "Hints on Test Data Selection", 1978.
"""

from __future__ import annotations

import ast
import copy
import difflib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from learn_torch.authoring.equivalence import negated, normal_form

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
_TWINS = ("mean sum", "max min", "amax amin", "argmax argmin", "eval train", "rows cols")
_OTHER_NAME = {a: b for pair in _TWINS for a, b in (pair.split(), pair.split()[::-1])}
"""Pairs of names that replace each other: reductions, and the modes of a model."""
_TRANSPARENT = ("to", "detach", "cpu", "cuda", "clone", "contiguous")
"""Methods whose result is similar to their object, so that the code still runs without the call."""
_GUARDS = ("no_grad", "inference_mode", "enable_grad")
_Change = Callable[[Any], ast.AST | None]
"""Takes a node of a fresh copy of the tree. Changes it in place, or returns its replacement."""


@dataclass(frozen=True)
class Mutant:
    """A changed reference.

    Args:
        source: the whole module.
        statement: the original statement, on one line, as `ast.unparse` writes it.
        becomes: the statement after the change.
        diff: the difference of both modules, as `diff -u` prints it.
    """

    source: str
    statement: str
    becomes: str
    diff: str


@functools.cache
def mutants_of(source: str) -> tuple[Mutant, ...]:
    """All mutants of a module, without those that are known to behave like the module or like another mutant.

    Raises:
        SyntaxError: the source is not Python.
    """
    original = ast.parse(source)
    reference, seen = ast.unparse(original), {normal_form(original)}
    found = []
    for tree, statement, becomes in _changed_trees(source):
        form = normal_form(tree)
        if form not in seen:
            seen.add(form)
            text = ast.unparse(tree)
            found.append(Mutant(text + "\n", statement, becomes, _diff(reference, text)))
    return tuple(found)


def _diff(one: str, other: str) -> str:
    lines = difflib.unified_diff(
        one.splitlines(), other.splitlines(), "reference", "mutant", lineterm="", n=1
    )
    return "\n".join(lines)


def _changed_trees(source: str) -> Iterator[tuple[ast.Module, str, str]]:
    tree = ast.parse(source)
    # A change is applied to a fresh copy. The node has the same number in both trees.
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes_of(node):
            mutated = copy.deepcopy(tree)
            nodes = list(ast.walk(mutated))
            parents = {id(child): parent for parent in nodes for child in ast.iter_child_nodes(parent)}
            target = nodes[number]
            if _is_left_alone(target, parents):
                continue
            statement = _statement(target, parents)
            before = _headline(statement)
            replaced = change(target)
            if replaced is not None:
                _replace(target, replaced, parents)
                if statement is target:
                    statement = replaced
            after = _headline(statement)
            ast.fix_missing_locations(mutated)
            yield mutated, before, after if after != before else _dropped(before)


def _dropped(statement: str) -> str:
    return f"{statement} # changed"


def _is_left_alone(node: ast.AST, parents: dict[int, ast.AST]) -> bool:
    """Whether this node is a text for people, which is not changed: a message, a docstring, an annotation."""
    child: ast.AST = node
    while (parent := parents.get(id(child))) is not None:
        if isinstance(parent, ast.JoinedStr | ast.FormattedValue):
            return True
        if isinstance(parent, ast.Raise) and child is not node:
            return True
        if isinstance(parent, ast.AnnAssign | ast.arg | ast.FunctionDef) and child in (
            getattr(parent, "annotation", None),
            getattr(parent, "returns", None),
        ):
            return True
        child = parent
    return False


def _statement(node: ast.AST, parents: dict[int, ast.AST]) -> ast.AST:
    while not isinstance(node, ast.stmt):
        node = parents[id(node)]
    return node


def _headline(statement: ast.AST) -> str:
    """A statement on one line; only the first line of a compound statement."""
    text = ast.unparse(statement)
    if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return " ".join(text.split("\n")[0].split()) if hasattr(statement, "body") else " ".join(text.split())
    return " ".join(line for line in text.split("\n") if line.startswith(("@", "def ", "class ")))


def _replace(old: ast.AST, new: ast.AST, parents: dict[int, ast.AST]) -> None:
    parent = parents[id(old)]
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list) and any(item is old for item in value):
            value[:] = [new if item is old else item for item in value]


# --- what can be changed ---------------------------------------------------------------------------------------------


def _changes_of(node: ast.AST) -> Iterator[_Change]:
    match node:
        case ast.Compare(ops=operators):
            for at, operator in enumerate(operators):
                for other in _COMPARISONS.get(type(operator), ()):
                    yield _setting("ops", at, other())
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            if type(operator) in _ARITHMETIC:
                yield _setting("op", None, _ARITHMETIC[type(operator)]())
        case ast.BoolOp(op=operator):
            yield _setting("op", None, ast.Or() if isinstance(operator, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield lambda target: target.operand
        case ast.Constant(value=bool(value)):
            yield _setting("value", None, not value)
        case ast.Constant(value=int(value) | float(value)):
            yield _setting("value", None, value + 1)
            yield _setting("value", None, value - 1)
        case ast.Constant(value=str(value)) if value in _OTHER_NAME:
            yield _setting("value", None, _OTHER_NAME[value])
        case ast.Attribute(attr=name) if name in _OTHER_NAME:
            yield _setting("attr", None, _OTHER_NAME[name])
        case ast.Call():
            yield from _changes_of_a_call(node)
    yield from _negations(node)
    yield from _omissions(node)


def _setting(name: str, at: int | None, value: object) -> _Change:
    def change(target: Any) -> None:
        if at is None:
            setattr(target, name, value)
        else:
            getattr(target, name)[at] = value

    return change


def _without(name: str, at: int) -> _Change:
    def change(target: ast.AST) -> None:
        del getattr(target, name)[at]

    return change


def _changes_of_a_call(call: ast.Call) -> Iterator[_Change]:
    for number in range(len(call.keywords)):
        yield _without("keywords", number)
    if len(call.args) >= 2 and not any(isinstance(arg, ast.Starred) for arg in call.args[:2]):

        def swap(target: Any) -> None:
            target.args[:2] = target.args[1::-1]

        yield swap
    if isinstance(call.func, ast.Attribute) and call.func.attr in _TRANSPARENT:
        yield lambda target: target.func.value


def _negations(node: ast.AST) -> Iterator[_Change]:
    def negate(target: Any) -> None:
        target.test = negated(target.test)

    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        yield negate
    if isinstance(node, ast.comprehension):
        for number, condition in enumerate(node.ifs):
            yield _without("ifs", number)
            yield _setting("ifs", number, negated(copy.deepcopy(condition)))


def _omissions(node: ast.AST) -> Iterator[_Change]:
    match node:
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break() | ast.Assert():
            yield lambda target: ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield lambda target: ast.Pass()
        case ast.With(items=items) if any(_is_guard(item.context_expr) for item in items):
            yield lambda target: ast.If(ast.Constant(True), target.body, [])
        case ast.FunctionDef(decorator_list=decorators):
            for number in range(len(decorators)):
                yield _without("decorator_list", number)


def _is_guard(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Call) and ast.unparse(expression.func).rpartition(".")[2] in _GUARDS
