"""Modules that a submission could use, and that are therefore loaded before its time is measured.

Importing torchvision takes a second of processor time. So does the first optimizer or the first tensor on the meta
device, because torch loads parts of itself only then. The files of an exercise show which modules a submission could
need. The submission's own text is also searched for words; they decide only what is loaded.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from learn_torch.course import Exercise

_BY_WORD = {
    b"torchvision": ["torchvision", "torchvision.transforms"],
    b"optim": ["torch.optim", "torch._dynamo"],  # the first optimizer loads torch._dynamo
    b"compile": ["torch._dynamo"],
    b"deterministic": ["torch._inductor.config"],  # torch.use_deterministic_algorithms
    b"meta": ["learn_torch.engine.warm_meta"],
    b"tensorboard": ["torch.utils.tensorboard"],
}
"""Words, and the modules that torch loads at the first use of what the word stands for."""


def modules_by_word(source: bytes) -> list[str]:
    """The modules for the words that occur in a file."""
    return [module for word, modules in _BY_WORD.items() if word in source for module in modules]


def modules_of(exercise: Exercise) -> list[str]:
    """The modules that submissions could need: those of the exercise's manifest, stub, reference and alternatives.

    A student edition has no solutions; there, only manifest and stub are used.
    """
    found: dict[str, None] = {}
    alternatives = sorted((exercise.solutions / "alternatives").glob("*.py"))
    for path in (exercise.stub, exercise.solutions / "solution.py", *alternatives):
        try:
            source = path.read_bytes()
            found |= dict.fromkeys([*_imported(source), *modules_by_word(source)])
        except (OSError, SyntaxError, ValueError):  # `learn verify` reports it
            continue
    return list(found)


def _imported(source: bytes) -> Iterator[str]:
    """Modules of installed packages that a file imports anywhere. For `from a import b`, also `a.b`."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.partition(".")[0] not in sys.stdlib_module_names)
