"""A private /dev/shm and a private network for a worker that may start processes, where the kernel allows it."""

from __future__ import annotations

import contextlib
import os
import socket
import struct

from learn_torch.worker.confinement import kernel

_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x40000000
_READ_ONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND = 1, 2, 4, 8, 0x20, 0x1000
_RECURSIVE, _PRIVATE = 0x4000, 0x40000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def leave(shared_memory: int, session: str) -> bool:
    """Move this process to private namespaces: as root directly, else by a user namespace.

    Args:
        shared_memory: the size of the new /dev/shm in bytes.
        session: a folder that keeps its path, even if it lies in the old /dev/shm.

    Returns whether this succeeded.
    """
    wanted = _NEW_MOUNTS | _NEW_IPC | _NEW_NETWORK
    user, group = os.geteuid(), os.getegid()
    try:
        kernel.unshare(wanted)
    except (OSError, AttributeError):
        try:
            kernel.unshare(wanted | _NEW_USER)
            _map_ids(user, group)
        except (OSError, AttributeError):
            return False
    try:
        kernel.mount("none", "/", "", _RECURSIVE | _PRIVATE)
        options = f"size={shared_memory},nr_inodes=1024,mode=1777"
        in_memory = os.path.realpath(session).startswith("/dev/shm/")
        folders = [os.open(path, os.O_PATH) for path in (session, _scratch(session)) if in_memory]
        kernel.mount("tmpfs", "/dev/shm", "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)
        if in_memory:
            _bring_back(session, *folders)
    except OSError:
        return False
    with contextlib.suppress(OSError):  # without a loopback there is no network at all, which is private, too
        _bring_loopback_up()
    return True


def _scratch(session: str) -> str:
    return os.path.join(session, "scratch")


def _bring_back(session: str, folder: int, scratch: int) -> None:
    """Mount a session's folder at its old path, read-only, and its scratch folder, writable."""
    os.makedirs(session)
    # A remount must repeat the flags that the mount has already.
    kept = os.fstatvfs(folder).f_flag & (_NOSUID | _NODEV | _NOEXEC)
    kernel.mount(f"/proc/self/fd/{folder}", session, "", _BIND)
    kernel.mount("none", session, "", _BIND | _REMOUNT | _READ_ONLY | kept)
    kernel.mount(f"/proc/self/fd/{scratch}", _scratch(session), "", _BIND)
    os.close(folder)
    os.close(scratch)
    os.chdir(_scratch(session))


def _map_ids(user: int, group: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _bring_loopback_up() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH22x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(any_socket, _GET_FLAGS, request), 16)
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH22x", b"lo", flags | _UP))
