"""What a submission could use for the first time, and what is therefore loaded before its clock starts.

Importing torchvision takes a second of processor time, and so does the first optimizer or the first tensor on the meta
device, because torch loads a good deal of itself only then. The files of an exercise say which modules a submission
could need. The submission's own text says it, too: it is searched for words, and decides nothing but what is loaded.
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
"""A word, and the modules that torch loads when what it stands for is used first."""


def modules_by_word(source: bytes) -> list[str]:
    """The modules that the words of a file stand for."""
    return [module for word, modules in _BY_WORD.items() if word in source for module in modules]


def modules_of(exercise: Exercise) -> list[str]:
    """The modules that submissions for an exercise could need, as its stub, reference and alternatives tell.

    Where there are no solutions, as in a student's edition, the stub and the manifest have to do.
    """
    found: dict[str, None] = {}
    alternatives = sorted((exercise.solutions / "alternatives").glob("*.py"))
    for path in (exercise.stub, exercise.solutions / "solution.py", *alternatives):
        try:
            source = path.read_bytes()
            found |= dict.fromkeys([*_imported(source), *modules_by_word(source)])
        except (OSError, SyntaxError, ValueError):  # told where the exercise is verified
            continue
    return list(found)


def _imported(source: bytes) -> Iterator[str]:
    """Modules of installed packages that are imported anywhere in a file; of `from a import b` also `a.b`."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.partition(".")[0] not in sys.stdlib_module_names)
