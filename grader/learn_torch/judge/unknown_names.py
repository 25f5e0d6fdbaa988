"""What was meant by a name that Python does not know: a forgotten import, a forgotten `self.`, a slip of the keys.

Python itself asks "Did you mean …?" only where it prints a traceback, which a check does not.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from collections.abc import Iterable, Iterator
from functools import reduce

from learn_torch.language import _
from learn_torch.session.faults import RemoteError

_NAME = re.compile(r"name '(\w+)' is not defined")
_ATTRIBUTE = re.compile(r"'([\w.]+)' object has no attribute '(\w+)'")
_MEMBER = re.compile(r"(?:module|type object) '([\w.]+)' has no attribute '(\w+)'")
_IMPORTED = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_MODULE = re.compile(r"No module named '(\w+)")
_IMPORTS = {
    "DataLoader": "from torch.utils.data import DataLoader",
    "Dataset": "from torch.utils.data import Dataset",
    "F": "import torch.nn.functional as F",
    "Image": "from PIL import Image",
    "Path": "from pathlib import Path",
    "nn": "from torch import nn",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "optim": "from torch import optim",
    "torch": "import torch",
    "torchvision": "import torchvision",
    "transforms": "from torchvision import transforms",
}
_LIBRARIES = ("PIL", "numpy", "torch", "torchvision")
_HOMES = ("builtins", "torch", "torch.nn", "torch.optim", "torch.utils.data", "PIL.Image", "pathlib")
"""Modules whose classes' names Python gives without the module."""
_LONGEST_SOURCE = 100_000


def meant(error: RemoteError, source: bytes) -> str:
    """What was probably meant by a name that `source` uses and Python does not know; empty where nothing is close."""
    if found := _NAME.search(error.message):
        return _of_name(found[1], error, _tree(source))
    if "torch.return_types." in error.message:
        return _("`max` or `min` of an axis gives two tensors, values and indices: take one, `.values`.")
    if found := _ATTRIBUTE.search(error.message):
        return _of_object(found[1], found[2], _tree(source))
    if found := _MEMBER.search(error.message):
        return _close(found[2], _members(_named(found[1])))
    if found := _IMPORTED.search(error.message):
        return _close(found[1], _members(_named(found[2])))
    if found := _MODULE.search(error.message):
        return _close(found[1], (*_LIBRARIES, *sys.stdlib_module_names))
    return ""


def _tree(source: bytes) -> ast.Module:
    try:
        return ast.parse(source if len(source) <= _LONGEST_SOURCE else b"")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ast.Module([], [])


def _of_name(name: str, error: RemoteError, tree: ast.Module) -> str:
    number = error.lines[-1].number if error.lines else 0
    around = [node for node in ast.walk(tree) if _holds(node, number)]
    if any(isinstance(node, ast.ClassDef) and name in _attributes(node) for node in around):
        return _("Is `self.{name}` meant?").format(name=name)
    if name in _IMPORTS or name in sys.stdlib_module_names:
        line = _IMPORTS.get(name, f"import {name}")
        return _("Is an import missing? `{line}`").format(line=line)
    functions = [node for node in around if isinstance(node, ast.FunctionDef)]
    known = [one for node in (tree, *functions) for one in _bound(node)]
    return _close(name, (*known, *dir(sys.modules["builtins"])))


def _of_object(kind: str, name: str, tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == kind:
            for near in _nearest(name, _attributes(node), cutoff=0.7):
                return _("The class has `{found}`: is one of the two names misspelt?").format(found=near)
            return ""
    kind = "Image" if kind.endswith("ImageFile") else kind  # Pillow has a class for each format
    kinds = (getattr(sys.modules.get(home), kind, None) for home in _HOMES)
    return _close(name, [one for found in kinds for one in _members(found)])


def _holds(node: ast.AST, number: int) -> bool:
    return isinstance(node, ast.ClassDef | ast.FunctionDef) and node.lineno <= number <= (
        node.end_lineno or 0
    )


def _attributes(node: ast.ClassDef) -> list[str]:
    """The methods of a class, and what they set on `self`."""
    names = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                names.append(name)
    return names


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a module or a function binds itself."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                continue  # what is bound in there is not seen from outside
            case ast.alias(name=name, asname=other):
                yield (other or name).partition(".")[0]
        yield from _bound(child)


def _named(path: str) -> object:
    """The library's module or class of this name, if it has been imported here."""
    first, *rest = path.split(".")
    return reduce(lambda found, part: getattr(found, part, None), rest, sys.modules.get(first))


def _members(thing: object) -> list[str]:
    return [] if thing is None else [name for name in dir(thing) if not name.startswith("_")]


def _nearest(name: str, known: Iterable[str], cutoff: float = 0.8) -> list[str]:
    others = {one for one in known if one != name}
    swapped = [one for one in others if len(name) > 3 and sorted(one) == sorted(name)]
    close = difflib.get_close_matches(name, swapped, n=1, cutoff=0)
    return close or difflib.get_close_matches(name, others, n=1, cutoff=cutoff)


def _close(name: str, known: Iterable[str]) -> str:
    return "".join(_("Is `{name}` meant?").format(name=near) for near in _nearest(name, known))
