"""Recognise modules that behave the same, by a normal form of their syntax trees.

The rules here are safe for numbers, tensors and containers of them, because their operators have no side effects.
`a + b` is not reordered: for lists and strings, the order matters.
"""

from __future__ import annotations

import ast
import copy

_SYMMETRIC = {"max", "min", "isclose"}
"""Functions, called as `max` or `math.isclose`, whose first two arguments can be swapped."""
_SYMMETRIC_OF_MODULES = {
    "add", "mul", "multiply", "maximum", "minimum", "fmax", "fmin", "eq", "ne", "equal", "not_equal", "dot", "hypot",
    "gcd", "lcm", "isclose", "logaddexp", "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or",
    "bitwise_xor",
}  # fmt: skip
_MODULES = {"torch", "np", "numpy", "math", "operator"}
_COMMUTATIVE = (ast.Mult, ast.BitAnd, ast.BitXor)
_SAME_BACKWARDS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Is: ast.Is,
    ast.IsNot: ast.IsNot,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
"""A comparison, and its equivalent with swapped sides. The normal form has `<` and `<=`."""
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
"""Order comparisons are missing: with NaN, both `<` and `>=` are false."""
_DEFAULTS: dict[tuple[str, str], object] = {
    ("load", "weights_only"): True,  # of torch.load, since 2.6
    ("zip", "strict"): False,
    ("sorted", "reverse"): False,
    ("sort", "reverse"): False,
    ("DataLoader", "shuffle"): False,
    ("DataLoader", "drop_last"): False,
    ("enumerate", "start"): 0,
}
"""A function and a keyword, and the default value of that keyword."""


def normal_form(tree: ast.Module) -> str:
    """A text of the module. Modules with equal texts behave the same; different texts prove nothing."""
    return ast.unparse(ast.fix_missing_locations(_Normal().visit(copy.deepcopy(tree))))


def negated(test: ast.expr) -> ast.expr:
    """The shortest negation of `test`. The result may share nodes with `test`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.Compare(ops=[operator]) if type(operator) in _OPPOSITE:
            test.ops = [_OPPOSITE[type(operator)]()]
            return test
    return ast.UnaryOp(ast.Not(), test)


class _Normal(ast.NodeTransformer):
    """Sorts operands whose order does not matter. Works from the leaves up, so that operands are already normal."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        node.keywords = [one for one in node.keywords if not _is_default(name, one)]
        if _is_symmetric(node):
            node.args[:2] = _sorted(node.args[:2])
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, _COMMUTATIVE):
            node.left, node.right = _sorted([node.left, node.right])
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        (operator,), (right,) = node.ops, node.comparators
        backwards = _SAME_BACKWARDS.get(type(operator))
        if backwards is type(operator):
            node.left, node.comparators[0] = _sorted([node.left, right])
        elif backwards is not None:
            node.left, node.ops, node.comparators = right, [backwards()], [node.left]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Compare):
            return negated(node.operand)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._with_test(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._with_test(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._with_test(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self._with_test(node)

    def _with_test(self, node: ast.If | ast.While | ast.IfExp | ast.Assert) -> ast.AST:
        self.generic_visit(node)
        node.test = _without_double_not(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs = [_without_double_not(condition) for condition in node.ifs]
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._over_pairs(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._over_pairs(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._over_pairs(node)

    def _over_pairs(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> ast.AST:
        """In `f(a, b) for a, b in zip(x, y)`, x and y can be swapped if a and b can be swapped in f."""
        self.generic_visit(node)
        match node.generators:
            case [
                ast.comprehension(
                    target=ast.Tuple(elts=[ast.Name(id=one), ast.Name(id=other)]),
                    iter=ast.Call(func=ast.Name(id="zip"), args=[_, _] as pair),
                    ifs=[],
                )
            ] if not any(isinstance(arg, ast.Starred) for arg in pair):
                swapped = _Renamed({one: other, other: one}).visit(copy.deepcopy(node.elt))
                if ast.unparse(_Normal().visit(swapped)) == ast.unparse(node.elt):
                    pair[:] = _sorted(pair)
        return node


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node


def _is_symmetric(call: ast.Call) -> bool:
    if len(call.args) != 2 or call.keywords or any(isinstance(arg, ast.Starred) for arg in call.args):
        return False
    match call.func:
        case ast.Name(id=name):
            return name in _SYMMETRIC
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return module in _MODULES and name in _SYMMETRIC_OF_MODULES
    return False


def _is_default(function: str, keyword: ast.keyword) -> bool:
    return isinstance(keyword.value, ast.Constant) and (
        (function, keyword.arg or "") in _DEFAULTS
        and _DEFAULTS[function, keyword.arg or ""] is keyword.value.value
    )


def _without_double_not(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=inner)):
            return inner
    return test


def _sorted(parts: list[ast.expr]) -> list[ast.expr]:
    return sorted(parts, key=ast.unparse)
