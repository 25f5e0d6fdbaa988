"""The engine: a process that has the libraries loaded and nothing else, from which workers and judges are forked.

It never sees a grader, a reference, a submission or a seed.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from learn_torch.engine import scratch, spawning, zygote
from learn_torch.errors import EngineError
from learn_torch.language import _
from learn_torch.worker import confinement

_MOST_PREPARED = 8
"""The engine keeps at most this many rulesets open. A worker without one makes its own."""


class Engine:
    """A running engine. A context manager: leaving it ends everything that was forked from it.

    Any number of threads and processes may use it, each by a connection of its own.

    Args:
        gpu: leave real CUDA devices visible to what is forked from it.
        many: much will be forked from it: it gathers its memory in huge pages, which takes a moment.

    Raises:
        EngineError: it cannot be started.
    """

    def __init__(self, *, gpu: bool = False, many: bool = False) -> None:
        self.base = scratch.make_base()
        """The folder above the sessions' folders. The engine removes it at its end, however its owner has ended."""
        self._many = many
        ours, theirs = zygote.control_pair()
        with contextlib.ExitStack() as undo:
            undo.callback(scratch.remove, self.base)
            undo.callback(ours.close)
            with theirs:
                self._process: subprocess.Popen[bytes] | None = spawning.start_python(
                    "learn_torch.engine.engine",
                    str(theirs.fileno()),
                    str(self.base),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=spawning.scrubbed_environment(gpu=gpu),
                    pass_fds=(theirs.fileno(),),
                )
            undo.pop_all()
        self._use(ours)

    @classmethod
    def join(cls, address: str) -> Engine:
        """Use an engine that another process of the same user has started; leaving it does not end it.

        Args:
            address: what `listen` has returned there.

        Raises:
            EngineError: there is none.
        """
        engine = cls.__new__(cls)
        engine.base, engine._many, engine._process = Path(address).parent, False, None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            raise EngineError(_("there is no grading engine at {address}").format(address=address)) from error
        engine._use(connection)
        return engine

    def _use(self, connection: socket.socket) -> None:
        self.client = zygote.Client(connection)
        self._imported: set[str] = set()
        self._prepared: set[tuple[str, ...]] = set()

    def listen(self) -> str:
        """Let other processes of the same user `join`, and return the address.

        Raises:
            EngineError: its path is too long for a socket.
        """
        address = self.base / "engine"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            try:
                listening.bind(str(address))
                listening.listen()
            except OSError as error:
                raise EngineError(
                    _("the grading engine cannot listen at {address}: {error}").format(
                        address=address, error=error
                    ),
                    _("set TMPDIR to a shorter path"),
                ) from error
            self.client.listen(listening)
        return str(address)

    def ensure(self, names: Sequence[str], *, needed: bool = True) -> None:
        """Have these modules imported before anything more is forked.

        Raises:
            EngineError: one cannot be imported, and is `needed`.
        """
        missing = [name for name in names if name not in self._imported]
        if missing:
            self.client.import_modules(missing, needed=needed)
            self._imported.update(missing)
            if self._many:
                self.client.gather_memory()

    def prepare_confinement(self, hidden: Sequence[str]) -> None:
        """Make the ruleset that workers share, from which these files and folders are hidden."""
        if tuple(hidden) not in self._prepared and len(self._prepared) < _MOST_PREPARED:
            self.client.prepare_confinement(str(self.base), list(hidden))
            self._prepared.add(tuple(hidden))

    def connect(self) -> zygote.Client:
        """A new connection to the engine, for a judge."""
        return self.client.connect()

    def close(self) -> None:
        """End the engine and everything that was forked from it. An engine that was joined goes on."""
        self.client.close()
        if self._process is None:
            return
        try:
            self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:  # it is busy importing; what it forked dies with it
            self._process.kill()
            self._process.wait()
        scratch.remove(self.base)  # where it had to be killed

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def can_fork() -> bool:
    """Whether this system can run the engine: Linux, with fork and Unix sockets."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


def main() -> None:
    """Run the engine. The arguments are the control socket's descriptor and the folder above the sessions' folders."""
    confinement.keep_memory_private()
    confinement.adopt_orphans()
    control = socket.socket(fileno=int(sys.argv[1]))
    child = zygote.Zygote(control).serve()
    if child is None:
        scratch.remove(Path(sys.argv[2]))
        os._exit(0)
    control.close()
    code = 1
    # Whatever happens, a forked child never falls back into the engine's own frames.
    try:
        child.run()
        code = 0
    except BaseException:
        import traceback

        with contextlib.suppress(BaseException):
            traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
