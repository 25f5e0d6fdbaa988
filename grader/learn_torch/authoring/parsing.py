"""Find graders that parse a file written by the submission. Works on the grader's source alone.

An attacker may have written these bytes, and the judge also holds the expected values, so a grader must not run a
parser on them. It may compare, measure and slice the result of `sandbox.read`. `learn_torch.testing` parses it safely.

This module follows the bytes through names, functions and fixtures of the grader and of its shared files. It walks
through each function from top to bottom and tracks what each name stands for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from learn_torch.authoring.findings import Finding, finding
from learn_torch.course import Exercise

_TESTING = "learn_torch.testing"
_HARMLESS = ("len", "bool", "startswith", "endswith")
"""Functions, and methods of bytes, that measure or compare."""
_HANDS_ON = ("zip", "enumerate", "list", "tuple", "dict", "items", "values", "get")
"""Functions, and methods of containers, whose result contains the same bytes."""
_INSTEAD = (
    "compare, measure or slice the result of sandbox.read, or give it to a function of learn_torch.testing "
    "that parses it, such as read_scalars"
)


class _Kind(Enum):
    """The kinds of values that matter here."""

    OTHER = 0
    BYTES = 1
    """Bytes of the submission, or something that contains such bytes."""
    SANDBOX = 2
    READ = 3
    """`sandbox.read`, under any name."""
    WORKER = 4
    """Something in the worker. What it is given is parsed there, if at all."""


_Place: TypeAlias = tuple[Path, int, str]
_Value: TypeAlias = "_Kind | _Defined"
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_FIXTURES = {"sandbox": _Kind.SANDBOX, "submission": _Kind.WORKER}


def check_parsing(exercise: Exercise) -> Iterator[Finding]:
    """Report unsafe uses of the submission's bytes in the grader and in its shared files."""
    files = []
    for path in (*exercise.fixtures, exercise.grader):
        try:
            files.append(_File(path, ast.parse(path.read_text("utf-8"))))
        except (OSError, SyntaxError, ValueError):
            continue  # another rule reports files that cannot be used
    for path, line, what in _Search(files).found():
        yield finding(exercise.key, "parsing", f"line {line}: {what}; {_INSTEAD}", path)


class _File:
    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.path, self.tree = path, tree
        self._trusted: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [(f"{node.module}.{alias.name}", alias) for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [(alias.name, alias) for alias in node.names]
            else:
                continue
            for full, alias in names:
                if f"{full}.".startswith(f"{_TESTING}."):
                    self._trusted.append(alias.asname or alias.name)

    def trusts(self, function: ast.expr) -> bool:
        """Whether a function comes from `learn_torch.testing`."""
        name = ast.unparse(function)
        return any(f"{name}.".startswith(f"{one}.") for one in self._trusted)


@dataclass(frozen=True, eq=False)
class _Defined:
    """A function of the grader, with its file and with the values of the names around it."""

    node: _Function
    file: _File
    around: Mapping[str, _Value] = field(default_factory=dict)

    @property
    def is_fixture(self) -> bool:
        return any("fixture" in ast.unparse(one) for one in self.node.decorator_list)


class _Search:
    """A grader with its shared files: their functions, and what was found in them."""

    def __init__(self, files: Sequence[_File]) -> None:
        self._files = files
        self.functions = {node.name: _Defined(node, file) for file, node in _functions(files, methods=False)}
        self.methods = {node.name: _Defined(node, file) for file, node in _functions(files, methods=True)}
        self.places: set[_Place] = set()
        self._results: dict[tuple[_Defined, tuple[tuple[str, _Value], ...]], _Kind] = {}

    def found(self) -> list[_Place]:
        for file in self._files:
            _Walk(self, file, {}).block(node for node in file.tree.body if not isinstance(node, _Function))
        for function in (*self.functions.values(), *self.methods.values()):
            self.result(function, {})
        return sorted(self.places)

    def result(self, function: _Defined, given: dict[str, _Value]) -> _Kind:
        """The result of a function for these arguments. Also records what is found in the function."""
        key = (function, tuple(given.items()))
        if key not in self._results:
            self._results[key] = _Kind.OTHER  # assumed while a recursive call is walked through
            own = {
                name: given[name] if name in given else self._by_name(name, function)
                for name in _parameters(function.node)
            }
            walk = _Walk(self, function.file, {**function.around, **own})
            walk.block(function.node.body)
            self._results[key] = walk.gives
        return self._results[key]

    def _by_name(self, name: str, asking: _Defined) -> _Value:
        """The value of a parameter that no caller gives: as in pytest, a fixture."""
        fixture = self.functions.get(name)
        if fixture is not None and fixture.is_fixture and fixture is not asking:
            return self.result(fixture, {})
        return _FIXTURES.get(name, _Kind.OTHER)


def _functions(files: Iterable[_File], *, methods: bool) -> Iterator[tuple[_File, _Function]]:
    for file in files:
        for node in file.tree.body:
            inside = node.body if isinstance(node, ast.ClassDef) else []
            for each in inside if methods else [node]:
                if isinstance(each, _Function):
                    yield file, each


def _parameters(node: _Function) -> list[str]:
    """Names of all parameters, positional ones first."""
    given = node.args
    rest = [argument for argument in (given.vararg, given.kwarg) if argument is not None]
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, *rest)]


class _Walk:
    """One path through some statements.

    Args:
        search: collects what is found.
        file: the file of the statements.
        names: the values of names at the beginning.
    """

    def __init__(self, search: _Search, file: _File, names: dict[str, _Value]) -> None:
        self._search, self._file, self._names = search, file, names
        self.gives = _Kind.OTHER
        """The values that are returned or yielded."""

    # --- statements -----------------------------------------------------------------------------------------------

    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Walk through statements, one after the other."""
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                pass  # its methods are walked through as functions
            case ast.Assign(targets, value):
                found = self._value(value)
                for target in targets:
                    self._bind(target, found)
            case ast.AnnAssign(target, _, ast.expr() as value):
                self._bind(target, self._value(value))
            case ast.AugAssign(target, operator, value):
                self._bind(target, self._value(ast.copy_location(ast.BinOp(target, operator, value), node)))
            case ast.For(target, iterated, body, orelse) | ast.AsyncFor(target, iterated, body, orelse):
                self._bind_each(target, iterated)
                self._branches([*body, *body], orelse)  # twice: an iteration uses names of the one before
            case ast.While(test, body, orelse):
                self._value(test)
                self._branches([*body, *body], orelse)
            case ast.If(test, body, orelse):
                self._value(test)
                self._branches(body, orelse)
            case ast.Try(body, handlers, orelse, final) | ast.TryStar(body, handlers, orelse, final):
                self._branches([*body, *orelse], *([*body, *one.body] for one in handlers))
                self.block(final)
            case ast.With(items, body) | ast.AsyncWith(items, body):
                for item in items:
                    found = self._value(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, found)
                self.block(body)
            case ast.Match(subject, cases):
                self._value(subject)
                self._branches(*(case.body for case in cases))
            case ast.Return(ast.expr() as value):
                self.gives = _strongest([self.gives, self._value(value)])
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._value(child)

    def _define(self, node: _Function) -> None:
        """Define an inner function. It sees the names around it, unless it runs in the worker."""
        if _Kind.WORKER in [self._value(one) for one in node.decorator_list]:
            self._names[node.name] = _Kind.WORKER
        else:
            self._names[node.name] = defined = _Defined(node, self._file, self._names)
            self._search.result(defined, {})

    def _branches(self, *bodies: Iterable[ast.stmt]) -> None:
        before = self._names
        after = [before]
        for body in bodies:
            self._names = dict(before)
            self.block(body)
            after.append(self._names)
        names = {name for one in after for name in one}
        self._names = {name: _either([one[name] for one in after if name in one]) for name in names}

    def _bind(self, target: ast.expr, found: _Value) -> None:
        match target:
            case ast.Name(name):
                self._names[name] = found
            case ast.Tuple(parts) | ast.List(parts):
                for part in parts:
                    self._bind(part, found)
            case ast.Subscript(ast.Name(name)) if found is _Kind.BYTES:
                self._names[name] = found
            case _ if found is _Kind.BYTES:
                self._tell(target, f"{_short(target)} stores them where they cannot be tracked")

    def _bind_each(self, target: ast.expr, iterated: ast.expr) -> None:
        found = self._value(iterated)
        match target, iterated:
            case ast.Tuple([key, each]), ast.Call(ast.Attribute(_, "items") | ast.Name("enumerate")):
                self._bind(key, _Kind.OTHER)
                self._bind(each, found)
            case ast.Tuple(parts), ast.Call(ast.Name("zip"), several) if len(parts) == len(several):
                for part, one in zip(parts, several, strict=True):
                    self._bind(part, self._value(one))
            case _:
                self._bind(target, found)

    # --- expressions ----------------------------------------------------------------------------------------------

    def _value(self, node: ast.expr) -> _Value:
        match node:
            case ast.Name(name):
                return (
                    self._names[name]
                    if name in self._names
                    else self._search.functions.get(name, _Kind.OTHER)
                )
            case ast.Call():
                return self._call(node)
            case ast.Attribute(inner, name):
                return self._attribute(node, self._value(inner), name)
            case ast.Subscript(inner, index):
                self._value(index)
                return self._value(inner)
            case ast.NamedExpr(target, value):
                found = self._value(value)
                self._bind(target, found)
                return found
            case ast.Lambda(_, body):
                self._value(body)
                return _Kind.OTHER
            case ast.Yield(ast.expr() as value) | ast.YieldFrom(value):
                self.gives = _strongest([self.gives, self._value(value)])
                return _Kind.OTHER
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
        parts = [self._value(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        match node:
            case ast.Compare() | ast.UnaryOp(ast.Not()) | ast.JoinedStr() | ast.Slice():
                return _Kind.OTHER
            case ast.BinOp(_, operator, _) if not isinstance(operator, ast.Add) and _Kind.BYTES in parts:
                self._tell(node, f"{_short(node)} computes with them")
                return _Kind.OTHER
        return _strongest(parts)  # and, or, if else, +, tuples, lists, dicts, *, await

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> _Kind:
        around = dict(self._names)
        for each in node.generators:
            self._bind_each(each.target, each.iter)
            for test in each.ifs:
                self._value(test)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        found = _strongest([self._value(part) for part in parts])
        self._names = around
        return found

    def _attribute(self, node: ast.expr, of: _Value, name: str) -> _Kind:
        if of is _Kind.SANDBOX:
            return {"read": _Kind.READ, "scratch": _Kind.OTHER}.get(name, _Kind.WORKER)
        if of is _Kind.BYTES and name not in _HARMLESS + _HANDS_ON:
            self._tell(node, f"{_short(node)} takes them apart")
        return _Kind.WORKER if of is _Kind.WORKER else _Kind.OTHER

    def _call(self, node: ast.Call) -> _Value:
        function = self._value(node.func)
        words = {word.arg or "**": self._value(word.value) for word in node.keywords}
        given = [self._value(part) for part in node.args]
        is_method = isinstance(node.func, ast.Attribute) and function is _Kind.OTHER
        if isinstance(node.func, ast.Attribute) and is_method:
            function = self._search.methods.get(node.func.attr, _Kind.OTHER)
        if isinstance(function, _Defined):
            pairs = dict(zip(_parameters(function.node)[is_method:], given, strict=False)) | words
            return self._search.result(
                function, {name: v for name, v in pairs.items() if v is not _Kind.OTHER}
            )
        if function is _Kind.READ:
            return _Kind.BYTES
        if function in (_Kind.WORKER, _Kind.SANDBOX):
            return _Kind.WORKER
        if isinstance(node.func, ast.Attribute) and self._value(node.func.value) is _Kind.BYTES:
            return _Kind.BYTES if node.func.attr in _HANDS_ON else _Kind.OTHER
        name = ast.unparse(node.func)
        if name in _HANDS_ON:
            return _strongest(given)
        if _Kind.BYTES in (*given, *words.values()) and not (
            name in _HARMLESS or self._file.trusts(node.func)
        ):
            self._tell(node, f"{_short(node)} is given them")
        return _Kind.OTHER

    def _tell(self, node: ast.expr, what: str) -> None:
        self._search.places.add((self._file.path, node.lineno, f"bytes of the submission: {what}"))


def _strongest(found: Iterable[_Value]) -> _Kind:
    """BYTES, if any of the values is."""
    return _Kind.BYTES if _Kind.BYTES in list(found) else _Kind.OTHER


def _either(found: Sequence[_Value]) -> _Value:
    """The value of a name after one of several branches."""
    return _Kind.BYTES if _Kind.BYTES in found else found[-1]


def _short(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"
