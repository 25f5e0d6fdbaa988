"""What messages of Python and torch mean that beginners meet and find hard to read."""

from __future__ import annotations

import re

from learn_torch.language import _
from learn_torch.session.faults import RemoteError

_MATRICES = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)")
_OF_NONE = re.compile(r"'NoneType' object has no attribute '(\w+)'")


def in_plain_words(error: RemoteError) -> str:
    """What the message of `error` means; empty where the message says it well enough itself."""
    if found := _MATRICES.search(error.message):
        return _(
            "A layer for rows of {wanted} numbers was given rows of {given}: compare its first argument with the "
            "size of what comes before it. `torch.flatten(x, 1)` makes one row of each sample."
        ).format(given=found[2], wanted=found[3])
    if "before Module.__init__() call" in error.message:
        return _("`__init__` of a module begins with `super().__init__()`.")
    if found := _OF_NONE.search(error.message):
        return _("What stands before `.{name}` is None here.").format(name=found[1])
    if "unsupported operand type(s) for +" in error.message and "Path'" in error.message:
        return _("A path is not joined with `+`: write `Path(folder, name)` or `os.path.join(folder, name)`.")
    if "not implemented for 'Long'" in error.message:
        return _("The tensor holds integers (int64) where floats are needed: is it the right one?")
    return ""
