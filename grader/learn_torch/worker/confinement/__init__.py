"""Confinement: a worker gives up every right that it does not need.

    privileges      no capabilities, no way to gain any, killed when its parent exits
    limits          time, memory, descriptors, file sizes
    files           which files, by landlock
    policy          which system calls, by seccomp
    keeper          counts, watches and kills the processes of a worker that may start some
    namespaces      a private /dev/shm and a private network for such a worker
    promises        the promises of confinement, and tests of each in the worker

`docs/security.md` says what is promised and what is not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile

from learn_torch import devices
from learn_torch.wire import messages
from learn_torch.worker.confinement import (
    files,
    keeper,
    kernel,
    landlock,
    limits,
    namespaces,
    policy,
    privileges,
    seccomp,
)
from learn_torch.worker.confinement import promises as promised
from learn_torch.worker.confinement.keeper import end_children
from learn_torch.worker.confinement.landlock import Ruleset
from learn_torch.worker.confinement.limits import limit_judge
from learn_torch.worker.confinement.privileges import (
    adopt_orphans,
    close_all_but,
    die_with_parent,
    keep_memory_private,
)

__all__ = [
    "adopt_orphans",
    "close_all_but",
    "confine",
    "die_with_parent",
    "end_children",
    "expected_isolation",
    "inherited",
    "keep_memory_private",
    "limit_judge",
    "prepare",
]

NONE = "none"
"""The `isolation` of a report when confinement was switched off."""


def expected_isolation(*, processes: bool = False) -> str:
    """The isolation that this machine can give a worker: `full`, or `partial:` and what is missing."""
    return promised.summary(promised.expected("tree" if processes else "single"))


def prepare(base: str, hidden: list[str]) -> None:
    """Make, in the engine, the ruleset that all its workers share. Does nothing without Landlock."""
    with contextlib.suppress(OSError):
        files.common(base, tuple(hidden))


def inherited() -> list[int]:
    """The descriptors of `prepare`, which a forked worker must keep open until it is confined."""
    return files.descriptors()


def confine(setup: messages.Setup) -> str:
    """Confine this process, a worker that has not seen the submission yet, as `setup` says.

    Returns the isolation: `full`, `partial:` and what is missing, or `none`.
    """
    missing = confine_and_try(setup)
    return promised.summary(missing) if setup.confined else NONE


def confine_and_try(setup: messages.Setup) -> list[str]:
    """As `confine`, but returns the names of the promises that do not hold."""
    try:
        return _confine_and_try(setup)
    finally:
        files.close_made()  # with an open ruleset a submission could add rules for later workers


def _confine_and_try(setup: messages.Setup) -> list[str]:
    _scrub_environment(setup)
    os.chdir(setup.scratch)
    tempfile.tempdir = setup.scratch  # a library may have cached another one in the engine
    sys.dont_write_bytecode = True
    kind = "tree" if setup.processes else "single"
    if not setup.confined or not kernel.LINUX:
        limits.limit(cpu_seconds=setup.cpu_seconds, memory=setup.memory)
        return promised.expected(kind) if setup.confined else []
    privileges.let_be_watched()
    privileges.be_killed_first()
    lost = _other_threads()
    line, own_namespaces = None, False
    if setup.processes:
        line, own_namespaces, more = _become_a_tree(setup)
        lost += more
    limits.limit(cpu_seconds=setup.cpu_seconds, memory=setup.memory)
    rulesets = _rulesets(setup, tcp=own_namespaces)
    if line is not None:
        try:
            keeper.be_counted(line)
        except OSError:
            lost.append("new processes")
    # Errors are ignored here: `promised.missing` finds what does not work.
    with contextlib.suppress(OSError):
        privileges.drop_capabilities()
    with contextlib.suppress(OSError):
        for ruleset in rulesets:
            ruleset.enforce()
    for ruleset in rulesets:
        ruleset.close()
    if seccomp.here():
        with contextlib.suppress(OSError):
            seccomp.install(seccomp.assemble(_calls(setup, own_network=own_namespaces)))
    return list(dict.fromkeys([*lost, *promised.missing(os.path.dirname(setup.scratch), kind)]))


def _other_threads() -> list[str]:
    """Landlock's rules hold only for the calling thread. A real card's driver has started other threads before."""
    alone = len(os.listdir("/proc/self/task")) == 1
    return [] if alone or landlock.version() >= landlock.ALL_THREADS_SINCE else ["other threads"]


def _become_a_tree(setup: messages.Setup) -> tuple[socket.socket | None, bool, list[str]]:
    """Get a keeper and private namespaces.

    Returns the socket to the keeper, whether the namespaces are private, and the promises that cannot be kept.
    """
    if not seccomp.here():
        return None, False, ["new processes", "shared memory"]
    line = keeper.split(setup.memory, setup.cpu_seconds, setup.scratch)
    own_namespaces = namespaces.leave(setup.memory or 2**30, os.path.dirname(setup.scratch))
    return line, own_namespaces, [] if own_namespaces else ["shared memory"]


def _calls(setup: messages.Setup, *, own_network: bool) -> list[seccomp.Rule]:
    if setup.processes:
        return policy.tree(network=own_network)
    return policy.worker(os.getpid(), card=devices.parse(setup.device).is_card)


def _rulesets(setup: messages.Setup, *, tcp: bool) -> list[Ruleset]:
    """The common ruleset and the session's; none without Landlock."""
    card = devices.parse(setup.device).is_card
    try:
        # A tree has a private /dev/shm by now, which the shared ruleset does not contain.
        common = (
            files.make_common(setup.base, setup.hidden, tcp=tcp)
            if setup.processes
            else files.common(setup.base, tuple(setup.hidden))
        )
        session = files.session(setup.scratch, setup.readable, card=card, tree=setup.processes, tcp=tcp)
    except OSError:
        return []
    return [common, session]


def _scrub_environment(setup: messages.Setup) -> None:
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR") if name in os.environ}
    cards = os.environ.get("CUDA_VISIBLE_DEVICES") if devices.parse(setup.device).is_card else ""
    if cards is not None:  # on the CPU and in simulation, hide real cards
        kept["CUDA_VISIBLE_DEVICES"] = cards
    os.environ.clear()
    home = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), setup.scratch)
    os.environ.update(kept, **home, LANG="C.UTF-8", USER="learner", LOGNAME="learner")
