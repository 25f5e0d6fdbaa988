"""The one place where a worker gives up what it does not need.

    privileges      no capabilities, nothing to gain, dead with its parent
    limits          time, memory, descriptors, file sizes
    files           which files: by landlock
    policy          which system calls: by seccomp
    keeper          a worker with processes of its own: counted, watched, ended
    namespaces      and with a /dev/shm and a network of its own
    promises        what all this promises, tried out

`docs/security.md` says what is promised and what is not.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile

from learn_torch.sandbox import messages
from learn_torch.sandbox.confinement import (
    files,
    keeper,
    kernel,
    limits,
    namespaces,
    policy,
    privileges,
    seccomp,
)
from learn_torch.sandbox.confinement import promises as promised
from learn_torch.sandbox.confinement.keeper import end_children
from learn_torch.sandbox.confinement.landlock import Ruleset
from learn_torch.sandbox.confinement.privileges import adopt_orphans, die_with_parent, keep_memory_private

__all__ = [
    "adopt_orphans",
    "confine",
    "die_with_parent",
    "end_children",
    "expected_isolation",
    "inherited",
    "keep_memory_private",
    "prepare",
]

NONE = "none"
"""What a report says where confinement was switched off."""


def expected_isolation(*, processes: bool = False) -> str:
    """How well a worker can be confined here: `full`, or `partial:` and what is missing."""
    return promised.describe(promised.expected("tree" if processes else "single"))


def prepare(base: str, hidden: list[str]) -> None:
    """Make in the engine what all its workers share. Does nothing where there is no Landlock."""
    with contextlib.suppress(OSError):
        files.common(base, tuple(hidden))


def inherited() -> list[int]:
    """The descriptors that `prepare` made and a forked worker has to keep until it is confined."""
    return files.descriptors()


def confine(setup: messages.Setup) -> str:
    """Confine this process, a worker that has not seen the submission yet, as `setup` says.

    Returns what is kept: `full`, `partial:` and what is missing, or `none`.
    """
    missing = confine_and_try(setup)
    return promised.describe(missing) if setup.confined else NONE


def confine_and_try(setup: messages.Setup) -> list[str]:
    """`confine`, with the names of the promises that are not kept."""
    _scrub_environment(setup)
    os.chdir(setup.scratch)
    tempfile.tempdir = setup.scratch  # a library may have asked for it in the engine
    sys.dont_write_bytecode = True
    if not setup.confined:
        limits.limit(cpu_seconds=setup.cpu_seconds, memory=setup.memory)
        return []
    kind = "tree" if setup.processes else "single"
    if not kernel.LINUX:
        limits.limit(cpu_seconds=setup.cpu_seconds, memory=setup.memory)
        return promised.expected(kind)
    privileges.let_be_watched()
    privileges.be_killed_first()
    lost: list[str] = []
    if (
        len(os.listdir("/proc/self/task")) > 1
    ):  # the rules hold for the thread that enforces them, and its children
        lost.append("other threads")
    line = None
    own_namespaces = False
    if setup.processes and seccomp.here():
        line = keeper.split(setup.memory, setup.cpu_seconds)
        own_namespaces = namespaces.leave(setup.memory or 2**30)
        if not own_namespaces:
            lost.append("shared memory")
    elif setup.processes:
        lost.append("new processes")
    limits.limit(cpu_seconds=setup.cpu_seconds, memory=setup.memory)
    rulesets = _rulesets(setup, tcp=own_namespaces)
    if line is not None:
        try:
            keeper.be_counted(line)
        except OSError:
            lost.append("new processes")
    with contextlib.suppress(OSError):
        privileges.drop_capabilities()
    for ruleset in rulesets:
        ruleset.enforce()
        ruleset.close()
    if seccomp.here():
        rules = (
            policy.tree(network=own_namespaces)
            if setup.processes
            else policy.worker(os.getpid(), card=setup.device.startswith("cuda"))
        )
        with contextlib.suppress(OSError):
            seccomp.install(seccomp.assemble(rules))
    return list(dict.fromkeys([*lost, *promised.missing(os.path.dirname(setup.scratch), kind)]))


def _rulesets(setup: messages.Setup, *, tcp: bool) -> list[Ruleset]:
    """The common one and the session's; none where there is no Landlock."""
    try:
        if (
            setup.processes
        ):  # it has a /dev/shm of its own by now, which the ruleset of the others does not know
            common = files.make_common(setup.base, setup.hidden, tcp=tcp)
        else:
            common = files.common(setup.base, tuple(setup.hidden))
        card = setup.device.startswith("cuda")
        session = files.session(setup.scratch, setup.readable, card=card, tree=setup.processes, tcp=tcp)
    except OSError:
        return []
    return [common, session]


def _scrub_environment(setup: messages.Setup) -> None:
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR") if name in os.environ}
    cards = os.environ.get("CUDA_VISIBLE_DEVICES") if setup.device.startswith("cuda") else ""
    if cards is not None:  # on the CPU and under simulation a real card stays out of sight
        kept["CUDA_VISIBLE_DEVICES"] = cards
    os.environ.clear()
    home = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), setup.scratch)
    os.environ.update(kept, **home, LANG="C.UTF-8", USER="learner", LOGNAME="learner")
