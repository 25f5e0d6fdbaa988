"""Whether this process, or the parent that it was forked from, has used the card."""

from __future__ import annotations

import os

from . import errors


class Process:
    """The card's state in this process."""

    initialised = False
    bad_fork = False


def initialise() -> None:
    """Note that the process uses the card. Raises in a forked child whose parent has used it."""
    if Process.bad_fork:
        raise errors.bad_fork()
    Process.initialised = True


def reset() -> None:
    """Forget that the card was used."""
    Process.initialised = Process.bad_fork = False


def _after_fork() -> None:
    Process.bad_fork = Process.initialised


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
