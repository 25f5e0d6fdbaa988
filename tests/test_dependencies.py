"""What the package and the course import is declared: nothing is there only because something else wants it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OWN = {"learn_torch", *(path.stem for path in (ROOT / "grader/checks").glob("*/*.py"))}
"""The package, and the fixtures that graders share under the names of their files."""


def distribution(requirement: str) -> str:
    """`Some_Package>=1` as `some-package`."""
    (name,) = re.findall(r"^[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name).lower()


INSTALLED = metadata.packages_distributions()
DECLARED = {distribution(one) for one in PROJECT["dependencies"]}


def imported(source: str) -> set[str]:
    """The modules that a source imports, in functions too; what is there for a type checker alone is left out."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def undeclared(source: str) -> set[str]:
    """The packages that a source imports and pyproject.toml does not name."""
    theirs = imported(source) - sys.stdlib_module_names - OWN
    return {
        name for name in theirs if not {distribution(one) for one in INSTALLED.get(name, [name])} & DECLARED
    }


@pytest.mark.parametrize("folder", ["grader", "solutions", "datasets"])
def test_every_import_is_declared(folder: str) -> None:
    sources = [path for path in (ROOT / folder).rglob("*.py") if "build" not in path.parts]
    assert sources
    found = {path.relative_to(ROOT).as_posix(): undeclared(path.read_text("utf-8")) for path in sources}
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_an_import_in_a_function_is_found() -> None:
    assert undeclared("def f():\n    from babel.core import Locale\n    import os, PIL.Image\n") == {"babel"}


def test_every_dependency_has_a_lower_bound() -> None:
    bare = [one for one in PROJECT["dependencies"] if ">=" not in one]
    assert bare == ["torchvision"]  # its versions follow torch's, and it asks for the one that fits
