"""A cage for a hostile submission that is not confined: the attack may succeed there without harm to the machine.

`run` starts this file as a program. The program moves to private namespaces (user, mount, network, IPC, UTS, PID), where
everything is read-only except a small disk in memory. It builds a `World` there, starts a program that runs the
submission, and watches it from outside of its PID namespace. It kills everything as soon as it has seen what the order
looks for, or when nothing more can happen.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import glob
import json
import os
import pty
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MIB = 2**20
DISK, FILES, SPACE = 1024 * MIB, 20_000, 16 * 2**30
"""Limits in case the watcher fails: bytes and files of the cage's disk, address space of a process."""
PATIENCE = 60.0
"""Seconds until a control is given up. Usually its effect is seen in a fraction of a second."""
_NO_CAGE = 77
_USER, _MOUNT, _PID, _NET, _IPC, _UTS = 0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _MOVE, _REC, _PRIVATE = 1, 2, 4, 8, 0x1000, 0x2000, 0x4000, 0x40000
_libc = ctypes.CDLL(None, use_errno=True)


class NoCageError(Exception):
    """This system does not allow namespaces."""


@dataclass
class Order:
    """What to run, and which effects to look for. The run stops when all of them were seen.

    Args:
        source: the submission.
        program: arguments for the interpreter; the submission is `submission.py` in its current folder.
        says: texts in the output; `@SECRET@` is the world's secret.
        changes: parts of the world that are changed, by their names in `World.changes`.
        took: usage at one time above these values: `processes`, `threads`, `memory`, `disk`, `files`, `output`, `cpu`
            (hundredths of a second), `orphaned cpu` (since the main thread exited), `open` (bytes of open files).
        left: number of processes that survive after the program and its process group have been killed.
        ends: how the program ends.
        uncaged: run without a cage if there are no namespaces: the submission changes only its own folder.
        terminal: the program has a terminal.
        amounts: values for the names in `world.AMOUNTS`.
        limits: limits of the program, by their names without `RLIMIT_`.
    """

    source: str
    program: list[str]
    says: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    took: dict[str, int] = field(default_factory=dict)
    left: int = 0
    ends: str = ""
    uncaged: bool = False
    terminal: bool = False
    amounts: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)


@dataclass
class Seen:
    """What was seen.

    Args:
        missing: the effects that were not seen.
        output: the beginning of what the program printed.
        ended: how the program ended: `exit 0`, `signal 9`, `stopped`, or empty if it had to be killed.
        changes: the changes in the world.
        took: the largest usage of everything in the order's `took`.
        left: the number of surviving processes.
    """

    missing: list[str]
    output: str
    ended: str
    changes: dict[str, Any]
    took: dict[str, int]
    left: int


def run(order: Order) -> Seen:
    """Run an order in a cage. Raises NoCageError if the order needs a cage and there are no namespaces."""
    # A short name, because the paths of Unix sockets must be short.
    folder = Path(tempfile.mkdtemp(prefix="cage-", dir="/tmp"))
    try:
        done = subprocess.run(
            [sys.executable, "-B", __file__, str(folder)],
            input=json.dumps(vars(order)),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=2 * PATIENCE,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).parents[1], *sys.path))),
            },
        )
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode == _NO_CAGE:
        raise NoCageError(done.stderr)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return Seen(**json.loads(done.stdout))


# --- inside --------------------------------------------------------------------------------------------------------


def _call(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _mount(source: str, target: str | Path, kind: str, flags: int, options: str = "") -> None:
    _call(_libc.mount(source.encode(), str(target).encode(), kind.encode(), flags, options.encode()))


def _set_read_only(path: str | Path, value: bool, flags: int = 0) -> None:
    attributes = struct.pack("QQQQ", value, not value, 0, 0)  # set, clear, propagation, user namespace
    _call(_libc.syscall(442, -100, str(path).encode(), flags, attributes, len(attributes)))


def _leave_for_namespaces(folder: Path) -> None:
    user, group = os.geteuid(), os.getegid()
    _call(_libc.unshare(_USER | _MOUNT | _PID | _NET | _IPC | _UTS))
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path("/proc/self", name).write_text(text, encoding="ascii")
    _mount("none", "/", "", _REC | _PRIVATE)
    _mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, f"size={DISK},nr_inodes={FILES},mode=700")
    _make_devices(folder / "dev")
    _set_read_only("/", True, 0x8000)  # recursively
    for writable in (folder, "/dev/shm", "/dev/pts"):
        _set_read_only(writable, False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        (flags,) = struct.unpack_from("H", fcntl.ioctl(one, 0x8913, struct.pack("16sH22x", b"lo", 0)), 16)
        fcntl.ioctl(one, 0x8914, struct.pack("16sH22x", b"lo", flags | 1))


def _make_devices(dev: Path) -> None:
    dev.mkdir()
    _mount("tmpfs", dev, "tmpfs", _NOSUID, "size=1m,mode=755")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (dev / name).touch()
        _mount(f"/dev/{name}", dev / name, "", _BIND)
    for name in ("shm", "pts"):
        (dev / name).mkdir()
    _mount("tmpfs", dev / "shm", "tmpfs", _NOSUID | _NODEV, f"size={DISK},mode=1777")
    _mount("devpts", dev / "pts", "devpts", _NOSUID | _NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
    for name, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd")):
        (dev / name).symlink_to(target)
    _mount(str(dev), "/dev", "", _MOVE)


class Init:
    """The first process of the cage: it starts the program and reaps processes. When it exits, all others are killed."""

    def __init__(self, order: Order, caged: bool, folder: Path) -> None:
        self._order, self._caged, self._folder = order, caged, folder
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        read, write = pty.openpty() if order.terminal else os.pipe()
        self.output, self.exit = read, ""
        self.outer = os.fork()
        if self.outer == 0:
            with contextlib.suppress(BaseException):
                self._be(theirs, write)
            os._exit(1)
        os.close(write)
        theirs.close()

    def start(self, environment: dict[str, str]) -> int:
        """Start the program. Returns its process id inside the cage."""
        self._ours.send(json.dumps(environment).encode())
        answer = self._ours.recv(100_000).decode()
        assert answer.isdigit(), answer
        self._ours.setblocking(False)
        return int(answer)

    def listen(self) -> None:
        """Receive how the program ended."""
        with contextlib.suppress(OSError):
            self.exit = self._ours.recv(1000).decode() or self.exit or "with its init"

    def end_group(self) -> None:
        """Kill the program and its process group, as a naive keeper would."""
        with contextlib.suppress(OSError):
            self._ours.send(b"end")
            self._ours.settimeout(5)  # it may have been stopped
            while self._ours.recv(1000) not in (b"", b"gone"):
                pass

    def end(self) -> None:
        with contextlib.suppress(OSError):
            os.kill(self.outer, signal.SIGKILL)
        # It exits only after all processes of its PID namespace. Wait for the victim, too, which is our child.
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()

    def _be(self, control: socket.socket, output: int) -> None:
        _libc.prctl(1, signal.SIGKILL, 0, 0, 0)
        self._ours.close()
        os.close(self.output)
        try:
            environment = json.loads(control.recv(100_000))
            if self._caged:
                _mount("proc", "/proc", "proc", _RDONLY | _NOSUID | _NODEV | _NOEXEC)
            program = self._spawn(environment, output)
        except BaseException:
            control.send(traceback.format_exc()[-5000:].encode())
            return
        os.close(output)
        control.send(str(program).encode())
        alive = True
        while True:
            with contextlib.suppress(ChildProcessError):
                while True:
                    pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
                    if pid == 0:
                        break
                    if pid == program:
                        alive = alive and os.WIFSTOPPED(status)
                        control.send(_in_words(status).encode())
            if select.select([control], [], [], 0.01)[0]:
                if not control.recv(100):
                    return
                with contextlib.suppress(OSError):
                    os.killpg(program, signal.SIGKILL)
                if alive:
                    os.waitpid(program, 0)
                control.send(b"gone")

    def _spawn(self, environment: dict[str, str], output: int) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            if self._order.terminal:
                fcntl.ioctl(output, 0x540E, 0)  # TIOCSCTTY
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.closerange(3, 256)
            for name, value in {
                "AS": SPACE,
                "NPROC": 4096,
                "CORE": 0,
                "NOFILE": 4096,
                **self._order.limits,
            }.items():
                kind = getattr(resource, f"RLIMIT_{name}")
                _soft, hard = resource.getrlimit(kind)
                value = value if hard == resource.RLIM_INFINITY else min(value, hard)
                resource.setrlimit(kind, (value, value))
            with contextlib.suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text("1000")
            os.chdir(self._folder / "scratch")
            os.execve(sys.executable, [sys.executable, "-u", *self._order.program], environment)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(70)


def _in_words(status: int) -> str:
    if os.WIFSTOPPED(status):
        return "stopped"
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else f"signal {-code}"


class Usage:
    """The largest usage, at one time, of the program and all its descendants together."""

    def __init__(self, numbers: Callable[[], list[int]], disk: Path | None) -> None:
        self._numbers, self._disk = numbers, disk
        self.most: dict[str, int] = {}
        self._orphans: dict[int, int] = {}
        self._look = {
            "processes": lambda: len(self._numbers()),
            "threads": lambda: sum(self._status("Threads:")),
            "memory": lambda: 1024 * sum(self._status("RssAnon:", "RssShmem:", threads=True)),
            "disk": lambda: self._disk_used()[0],
            "files": lambda: self._disk_used()[1],
            "cpu": lambda: sum(self._cpu(number) for number in self._numbers()),
            "orphaned cpu": self._orphaned_cpu,
            "open": self._open,
        }

    def sample(self, names: Iterator[str] | list[str]) -> None:
        for name in names:
            if name in self._look:
                with contextlib.suppress(OSError, ValueError, IndexError):
                    self.most[name] = max(self.most.get(name, 0), self._look[name]())

    def _status(self, *fields: str, threads: bool = False) -> Iterator[int]:
        for number in self._numbers():
            # If the main thread has exited, the file of another thread has the numbers.
            tasks = map(Path, glob.glob(f"/proc/{number}/task/*")) if threads else [Path(f"/proc/{number}")]
            most = 0
            for task in tasks:
                with contextlib.suppress(OSError):
                    lines = (task / "status").read_text(errors="replace").splitlines()
                    most = max(most, sum(int(line.split()[1]) for line in lines if line.startswith(fields)))
                    if most:
                        break
            yield most

    def _disk_used(self) -> tuple[int, int]:
        assert self._disk is not None
        found = os.statvfs(self._disk)
        return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree

    def _cpu(self, number: int) -> int:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()
            # its own time and that of its dead children
            return sum(map(int, fields[11:15])) * 100 // os.sysconf("SC_CLK_TCK")
        return 0

    def _orphaned_cpu(self) -> int:
        without = {
            number: self._cpu(number) for number in self._numbers() if _field(number, "State:")[0] == "Z"
        }
        # Keep the time at the first look without a main thread.
        self._orphans = {**without, **self._orphans}
        return sum(now - self._orphans[number] for number, now in without.items())

    def _open(self) -> int:
        sizes = {}
        for number in self._numbers():
            with contextlib.suppress(OSError), os.scandir(f"/proc/{number}/fd") as descriptors:
                for one in descriptors:
                    with contextlib.suppress(OSError):
                        found = one.stat()
                        sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
        return sum(sizes.values())


def _main(folder: Path) -> None:
    order = Order(**json.load(sys.stdin))
    os.setsid()
    _libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    caged = True
    try:
        _leave_for_namespaces(folder)
    except OSError as error:
        if not order.uncaged:
            print(error, file=sys.stderr)
            sys.exit(_NO_CAGE)
        caged = False
    for name in ("scratch", "home", "given", "modules"):
        (folder / name).mkdir()
    init = Init(order, caged, folder)
    try:
        seen = _watched(order, init, folder, caged)
    finally:
        if not caged:
            init.end_group()
        init.end()  # kills everything in the cage
    json.dump(vars(seen), sys.stdout, default=repr)
    sys.stdout.flush()
    os._exit(0)


def _watched(order: Order, init: Init, folder: Path, caged: bool) -> Seen:
    from hostile.world import World

    world = World(folder / "outside", sockets=folder)
    if caged:
        world.known_as = int(_field(world.victim.pid, "NSpid:")[-1])
    (folder / "scratch" / "submission.py").write_bytes(world.fill_in(order.source, order.amounts))
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(folder / "home"), "TMPDIR": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join([str(folder / "modules"), os.environ["PYTHONPATH"]]), "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8:backslashreplace", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
        "LEARN_TEST_SECRET": world.secret, "LEARN_TEST_WORLD": str(world.outside),
    }  # fmt: skip
    program = init.start(environment)

    def numbers() -> list[int]:
        if not caged:
            return [program]
        found = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        return [number for number in found if number not in (1, world.known_as) and _is_alive(number)]

    try:
        usage = Usage(numbers, folder if caged else None)
        return _watch(order, init, world, usage, numbers)
    finally:
        if not caged:
            world.close()


def _field(number: int, name: str) -> list[str]:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{number}/status").read_text(errors="replace").splitlines():
            if line.startswith(name):
                return line.split()[1:]
    return ["X"]


def _is_alive(number: int) -> bool:
    if _field(number, "State:")[0] not in "ZX":
        return True
    with contextlib.suppress(OSError):  # the process has exited
        return len(os.listdir(f"/proc/{number}/task")) > 1  # the main thread has exited, others may go on
    return False


def _watch(order: Order, init: Init, world: Any, usage: Usage, numbers: Callable[[], list[int]]) -> Seen:
    says = [text.replace("@SECRET@", world.secret) for text in order.says]
    output, total, changes = bytearray(), 0, {}
    said: set[str] = set()
    window = b""
    deadline = time.monotonic() + PATIENCE

    def missing() -> list[str]:
        return [
            *(f"it says {one!r}" for one in says if one not in said),
            *(f"it changes {one}" for one in order.changes if one not in changes),
            *(
                f"more than {most} {one}"
                for one, most in order.took.items()
                if usage.most.get(one, 0) <= most
            ),
            *([f"it ends: {order.ends}"] if order.ends and init.exit != order.ends else []),
        ]

    def drain(wait: float) -> bool:
        nonlocal total, window
        if not select.select([init.output], [], [], wait)[0]:
            return False
        with contextlib.suppress(OSError):
            data = os.read(init.output, 1 << 16)
            output.extend(data[: max(2 * MIB - len(output), 0)])
            total += len(data)
            # All of it is searched, however much is printed before: only the beginning is kept.
            window = window[-200:] + data
            said.update(one for one in says if one.encode() in window)
            return bool(data)
        return False

    while time.monotonic() < deadline:
        for _ in range(64):
            if not drain(0.01 if _ == 0 else 0):
                break
        usage.most["output"] = total
        usage.sample(list(order.took))
        if order.changes:
            changes.update(world.changes())
        init.listen()
        if not missing() and (init.exit or not order.left):
            break
        if init.exit and not (order.took and len(numbers()) > 0):
            for _ in range(50):  # output and killed processes may take a moment to show
                while drain(0.02):
                    pass
                if order.changes:
                    changes.update(world.changes())
                if not missing():
                    break
            break
    found, ended = missing(), init.exit
    if order.left:
        init.end_group()
    left = _left(order.left, numbers)
    if left < order.left:
        found.append(f"{order.left} processes outlive it")
    return Seen(found, output.decode("utf-8", "replace")[-100_000:], ended, {k: repr(v)[:2000] for k, v in changes.items()},
                usage.most, left)  # fmt: skip


def _left(wanted: int, numbers: Callable[[], list[int]]) -> int:
    """The number of processes that are still there after a moment, in which dying processes exit."""
    if not wanted:
        return 0
    time.sleep(0.3)
    # In chains of forks each process lives only for a moment, so a single look may see none.
    looks = []
    for _ in range(20):
        looks.append(len(numbers()))
        time.sleep(0.01)
    return max(looks)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
