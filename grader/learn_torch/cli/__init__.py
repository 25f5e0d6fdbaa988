"""The command line: one command a file, which parses, calls the library and prints.

Nothing is imported here but what the interpreter has loaded by then, not even `__future__`. `python -m
learn_torch.cli` looks for every module in the current folder first, and there lie submissions; so `main` takes that
folder off the path before anything else.
"""

import gc
import os
import site
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from learn_torch.checking.checking import MakeChecker


def main(arguments: "Sequence[str] | None" = None, *, make_checker: "MakeChecker | None" = None) -> None:
    """Run `learn` and exit.

    0 passed, 1 not passed, 2 wrong use, 3 a grader broke or learn itself did, 128 + n where signal n ended it.

    Args:
        arguments: what stands behind `learn`; by default what the process was started with.
        make_checker: makes the checker of a command that checks something, and takes what
            `learn_torch.checking.checker.Checker` takes, which it is by default.
    """
    _leave_the_current_folder_alone()
    gc.disable()  # until the command begins: nothing that loading makes is garbage
    from learn_torch.cli.edge import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments), make_checker))


def _leave_the_current_folder_alone() -> None:
    # A file called `torch.py` or `rich.py` that lies beside the submissions is no library of ours. An empty entry in
    # PYTHONPATH would make it one.
    try:
        here = os.path.realpath(os.curdir)
    except FileNotFoundError:  # it has been deleted, and what begins at it is nowhere
        sys.path[:] = [p for p in sys.path if os.path.isabs(p)]
        return
    sys.path[:] = [p for p in sys.path if p and (os.path.realpath(p) != here or p in site.getsitepackages())]
