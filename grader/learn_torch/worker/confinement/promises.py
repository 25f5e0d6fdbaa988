"""The promises of confinement. Each worker tests all of them in its own process, every time.

`full` means that all promises hold. If a layer of confinement is missing, the promises that depend on it do not hold.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from learn_torch.worker.confinement import kernel, landlock, privileges, seccomp


@dataclass(frozen=True)
class Promise:
    """One promise.

    Args:
        name: its name in a report, after `partial:`; the same in every language.
        kept_by: the names of the layers that keep it on Linux.
        broken: tries to break it in the worker, and returns whether it could; gets the folder above the scratch folder.
        available: whether this machine has these layers.
        only: `tree` for workers that may start processes, `single` for the others, or both.
    """

    name: str
    kept_by: tuple[str, ...]
    broken: Callable[[str], bool]
    available: Callable[[], bool]
    only: str = "tree single"


def _succeeds(attempt: Callable[[], object]) -> bool:
    """Whether an attempt that must be refused is not refused."""
    try:
        result = attempt()
    except OSError as error:
        # An error for another reason does not show that the attempt was refused.
        return error.errno not in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EROFS)
    except AttributeError:  # this Python does not have the function
        return False
    if isinstance(result, socket.socket):
        result.close()
    return True


def _reads_elsewhere(_session: str) -> bool:
    def attempt() -> None:
        os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))

    return _succeeds(attempt)


def _writes_elsewhere(session: str) -> bool:
    path = os.path.join(session, "trial")
    broken = _succeeds(lambda: os.mkdir(path))
    with contextlib.suppress(OSError):
        os.rmdir(path)
    return broken


def _changes_modes(_session: str) -> bool:
    before = os.stat(".").st_mode
    with contextlib.suppress(OSError):
        os.chmod(".", before ^ 0o070)
    changed = os.stat(".").st_mode != before
    if changed:
        os.chmod(".", before)
    return changed


def _reaches_network(_session: str) -> bool:
    kinds = [socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, getattr(socket, "AF_NETLINK", socket.AF_INET)]
    return any(_succeeds(lambda kind=kind: socket.socket(kind)) for kind in kinds)  # type: ignore[misc]


def _reaches_unix_sockets(_session: str) -> bool:
    return _succeeds(lambda: socket.socket(socket.AF_UNIX))


def _starts_processes(_session: str) -> bool:
    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)
        os.wait()

    return _succeeds(fork) or _succeeds(lambda: os.execv("/", ["/"]))


def _touches_others(_session: str) -> bool:
    import resource

    parent = os.getppid() or 1  # getppid is 0 in a container if the parent is outside
    attempts: list[Callable[[], object]] = [
        lambda: os.kill(parent, 0),
        lambda: resource.prlimit(parent, resource.RLIMIT_CORE),
        lambda: os.sched_setaffinity(parent, os.sched_getaffinity(0)),
        lambda: os.setpriority(os.PRIO_PROCESS, parent, 0),
        lambda: kernel.syscall(seccomp.number_of("ptrace"), 16, parent, 0, 0),
        lambda: os.pidfd_open(parent),
    ]
    return any(map(_succeeds, attempts))


def _is_privileged(_session: str) -> bool:
    no_new_privileges = kernel.prctl(39)
    return privileges.capabilities() or not no_new_privileges


def _makes_unusual_calls(_session: str) -> bool:
    attempts: list[Callable[[], object]] = [
        lambda: kernel.syscall(seccomp.number_of("unshare"), 0),
        lambda: kernel.syscall(seccomp.number_of("io_uring_setup"), 1, bytes(120)),
    ]
    return any(map(_succeeds, attempts))


def _is_unlimited(_session: str) -> bool:
    import resource

    kinds = (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE)
    return resource.getrlimit(resource.RLIMIT_CORE) != (0, 0) or any(
        resource.getrlimit(kind)[1] == resource.RLIM_INFINITY for kind in kinds
    )


def _told_while_confining(_session: str) -> bool:
    return False


def _linux() -> bool:
    return kernel.LINUX and seccomp.here()


def _landlock() -> bool:
    return landlock.version() > 0


def _scopes() -> bool:
    return landlock.version() >= landlock.SCOPES_SINCE


PROMISES = (
    Promise("reading files", ("Landlock",), _reads_elsewhere, _landlock),
    Promise("writing files", ("Landlock",), _writes_elsewhere, _landlock),
    Promise("file modes", ("seccomp",), _changes_modes, _linux),
    Promise("network", ("seccomp",), _reaches_network, _linux, only="single"),
    Promise("network", ("seccomp", "a network namespace"), _reaches_unix_sockets, _linux, only="tree"),
    Promise("new processes", ("seccomp",), _starts_processes, _linux, only="single"),
    Promise("new processes", ("seccomp", "a keeper"), _told_while_confining, _linux, only="tree"),
    Promise("shared memory", ("a mount namespace",), _told_while_confining, _linux, only="tree"),
    Promise("other processes", ("seccomp",), _touches_others, _linux, only="single"),
    Promise("other processes", ("seccomp", "Landlock"), _touches_others, _scopes, only="tree"),
    Promise("privileges", ("no capabilities", "no_new_privs"), _is_privileged, _linux),
    Promise("system calls", ("seccomp",), _makes_unusual_calls, _linux),
    Promise("limits", ("rlimits", "the judge's watch"), _is_unlimited, lambda: kernel.LINUX),
)


def of(kind: str) -> list[Promise]:
    """The promises for workers of one process (`single`) or of several (`tree`)."""
    return [promise for promise in PROMISES if kind in promise.only.split()]


def missing(session: str, kind: str) -> list[str]:
    """The names of the promises that do not hold in this process. Tests each of them.

    Args:
        session: the folder above the scratch folder, which must not be writable.
        kind: `single`, or `tree` where processes are allowed.
    """
    return [p.name for p in of(kind) if not p.available() or p.broken(session)]


def expected(kind: str = "single") -> list[str]:
    """The names of the promises whose layers this machine does not have. Tests nothing."""
    return [promise.name for promise in of(kind) if not promise.available()]


def summary(missing: Iterable[str]) -> str:
    """The `isolation` in a report: `full`, or `partial:` and what is missing."""
    names = ", ".join(missing)
    return f"partial: {names}" if names else "full"
