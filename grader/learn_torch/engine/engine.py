"""The engine: a process that has the libraries loaded and nothing else, from which workers and judges are forked.

It never sees a grader, a reference, a submission or a seed.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from learn_torch.engine import scratch, spawning, zygote
from learn_torch.worker import confinement


class Engine:
    """A running engine, and the client that owns it. A context manager: leaving it ends everything forked from it.

    Args:
        base: the folder above the sessions' folders. The engine removes it at its end, however its client has ended.
        gpu: leave real CUDA devices visible to what is forked from it.

    Raises:
        EngineError: it cannot be started.
    """

    def __init__(self, base: str, *, gpu: bool = False) -> None:
        self._base = base
        ours, theirs = zygote.control_pair()
        with contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            with theirs:
                self._process = spawning.start_python(
                    "learn_torch.engine.engine",
                    str(theirs.fileno()),
                    base,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=spawning.scrubbed_environment(gpu=gpu),
                    pass_fds=(theirs.fileno(),),
                )
            undo.pop_all()
        self.client = zygote.Client(ours)
        self._imported: set[str] = set()

    def ensure(self, names: list[str], *, needed: bool = True) -> None:
        """Have these modules imported before anything more is forked.

        Raises:
            EngineError: one cannot be imported, and is `needed`.
        """
        missing = [name for name in names if name not in self._imported]
        if missing:
            self.client.import_modules(missing, needed=needed)
            self._imported.update(missing)

    def prepare_confinement(self, hidden: list[str]) -> None:
        """Make what all workers share; `hidden` is what nobody may read."""
        self.client.prepare_confinement(self._base, hidden)

    def new_client(self) -> socket.socket:
        """The client's end of another conversation with the engine, for a judge."""
        ours, theirs = zygote.control_pair()
        self.client.adopt(theirs)
        theirs.close()
        return ours

    def close(self) -> None:
        """End the engine and everything that was forked from it."""
        self.client.close()
        try:
            self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:  # it is busy importing; what it forked dies with it
            self._process.kill()
            self._process.wait()

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
    """Be the engine. The arguments are the control socket's descriptor and the folder above the sessions' folders."""
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
