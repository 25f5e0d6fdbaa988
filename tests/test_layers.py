"""Dependencies inside the package point one way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import learn_torch

PACKAGE = Path(learn_torch.__file__).parent

# Lower ones first. What is on one line may know what is above, and nothing beside or below it.
LAYERS = [
    ["errors", "escaping", "files", "language", "hookspecs", "contributions"],
    ["learn_torch"],
    ["course", "sandbox"],
    ["plugins", "testing"],
    ["judge"],
    ["authoring", "runs", "workspace"],
    ["builtin", "doctor"],
    ["cli"],
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
# The plugin manager registers the built-in course by name when it is made, as it does any other plugin.
EXCEPTIONS = {("plugins", "builtin")}


def part_of(module: str) -> str:
    """The part of the package that a dotted module belongs to."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "learn_torch"


def imports(path: Path) -> set[str]:
    """The parts of the package that a file imports, lazily or not; those only for types left out."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("learn_torch"):
            if node.module == "learn_torch":
                found |= {alias.name if alias.name in RANK else "learn_torch" for alias in node.names}
            else:
                found.add(part_of(node.module))
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_imports_point_one_way(path: Path) -> None:
    inside = path.relative_to(PACKAGE)
    part = inside.parts[0].removesuffix(".py") if inside.parts[0] != "__init__.py" else "learn_torch"
    for other in imports(path) - {part}:
        assert RANK[other] < RANK[part] or (part, other) in EXCEPTIONS, f"{part} must not import {other}"


def test_every_part_has_its_layer() -> None:
    parts = {
        p.name.removesuffix(".py")
        for p in PACKAGE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert parts - {"__init__"} <= set(RANK)
