"""The surroundings of a check that a hostile submission must not reach, and a comparison with their state before."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from learn_torch.course import course_root

SECRET_START = "lair-"
AMOUNTS = {"KEYS": "90_000", "PAUSE": "0.2"}
"""Placeholders in submissions for amounts that decide how long they take, with their values."""


@dataclass
class World:
    """Files, servers and a process outside a sandbox.

    Args:
        outside: a folder that belongs to the same user.
        sockets: a folder with a short name, because the paths of Unix sockets must be short.
        known_as: the victim's process id for the submission, if it differs from ours.
    """

    outside: Path
    sockets: Path = Path("/tmp")
    known_as: int = 0
    secret: str = field(default_factory=lambda: SECRET_START + secrets.token_hex(16))

    def __post_init__(self) -> None:
        self.outside.mkdir(parents=True)
        (self.outside / "secret.txt").write_text(self.secret)
        (self.outside / "target.txt").write_text("as it was")
        (self.outside / "other_submission.py").write_text(f"# {self.secret}\n")
        (self.outside / "empty").mkdir()
        with contextlib.suppress(OSError):  # not every file system has extended attributes
            os.setxattr(self.outside / "target.txt", "user.kept", b"1")
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._unix_name = str(self.sockets / f"lair-{secrets.token_hex(4)}")
        self.abstract = f"lair-{secrets.token_hex(4)}"
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(self._unix_name)
        self._unix.listen()
        self._abstract = socket.socket(socket.AF_UNIX)
        self._abstract.bind("\0" + self.abstract)
        self._abstract.listen()
        for server in (self._tcp, self._udp, self._unix, self._abstract):
            server.setblocking(False)
        self.victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(6000)"])
        self._before = self.state()

    def fill_in(self, source: str, more: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """A submission with all placeholders replaced by the world's paths, ports and amounts."""
        places = {
            "OUTSIDE": self.outside, "PORT": self.port, "SOCKET": self._unix_name, "ABSTRACT": self.abstract,
            "VICTIM": self.known_as or self.victim.pid, "COURSE": course_root(), "HOME": Path.home(), "SECRET_START": SECRET_START,
            **AMOUNTS, **more,
        }  # fmt: skip
        for name, value in places.items():
            source = source.replace(f"@{name}@", str(value))
        return source.encode()

    def state(self) -> dict[str, Any]:
        """The state of everything that a submission must not change."""
        import resource

        victim = self.victim.pid
        kinds = range(16)
        return {
            "files": {str(path): _facts(path) for path in _below(self.outside)},
            "outside": _facts(self.outside)[:3],
            "shared memory": [name for name in os.listdir("/dev/shm") if "left_behind" in name],
            "victim": self.victim.poll(),
            "victim's limits": _of_living(lambda: [resource.prlimit(victim, kind) for kind in kinds]),
            "victim's processors": _of_living(lambda: os.sched_getaffinity(victim)),
            "victim's priority": _of_living(lambda: os.getpriority(os.PRIO_PROCESS, victim)),
            "our limits": [resource.getrlimit(kind) for kind in kinds],
            "our priority": os.getpriority(os.PRIO_PROCESS, 0),
        }

    def changes(self) -> dict[str, Any]:
        """All changes since the beginning: name, before and after."""
        now = self.state()
        before = self._before
        found: dict[str, Any] = {name: (before[name], now[name]) for name in now if now[name] != before[name]}
        for name in ("_tcp", "_unix", "_abstract"):
            with contextlib.suppress(BlockingIOError):
                connection, _address = getattr(self, name).accept()
                connection.close()
                found[name] = "a connection"
        with contextlib.suppress(BlockingIOError):
            found["_udp"] = self._udp.recv(100)
        return found

    def close(self) -> None:
        self.victim.kill()
        self.victim.wait()
        for server in (self._tcp, self._udp, self._unix, self._abstract):
            server.close()
        os.unlink(self._unix_name)


def _of_living(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ProcessLookupError:
        return "it is dead"


def _below(folder: Path) -> list[Path]:
    """Everything in a folder. Not `Path.rglob`, which raises if a folder disappears in the meantime."""
    return sorted(Path(at, name) for at, folders, files in os.walk(folder) for name in (*folders, *files))


def _facts(path: Path) -> tuple[Any, ...]:
    try:
        found = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    except FileNotFoundError:
        return ("it is gone",)
    try:
        attributes = {name: os.getxattr(path, name) for name in os.listxattr(path, follow_symlinks=False)}
    except OSError:
        attributes = {}
    return found.st_mode, found.st_uid, found.st_gid, found.st_mtime, found.st_nlink, data, attributes
