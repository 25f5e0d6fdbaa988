"""Whether this process, or the one that it was forked from, has used the card."""

from __future__ import annotations

import os

from . import errors


class Process:
    """What the card remembers of the process."""

    initialised = False
    bad_fork = False


def initialise() -> None:
    """Note that the process uses the card; a forked child of one that has cannot."""
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
