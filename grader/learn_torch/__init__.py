"""learn-torch: learn PyTorch by doing, with graders that can be trusted.

A plugin author needs `hookimpl` from here, `CoursePack` from `learn_torch.course` and, for graders,
`learn_torch.testing`.
"""

import sys

if "learn_torch.cli" in sys.orig_argv:
    # `python -m learn_torch.cli` looks for every module in the current folder first: there lie submissions.
    import contextlib
    import os

    _here = {"", os.curdir}
    with contextlib.suppress(FileNotFoundError):  # it may have been deleted
        _here.add(os.getcwd())
    sys.path[:] = [path for path in sys.path if path not in _here]

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from learn_torch.plugins.hookspecs import hookimpl

__all__ = ["__version__", "hookimpl"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Late, because pluggy is not needed where nobody asks for plugins: in workers, or for `learn --help`.
    if name == "hookimpl":
        from learn_torch.plugins.hookspecs import hookimpl

        return hookimpl
    raise AttributeError(name)
