"""Stops a worker while it has no request, because the judge does not watch it then."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time

_AFTER = 0.02
"""Seconds without a request. To stop a worker after every answer would cost more time than most answers."""


class Pause:
    """Stops one worker (SIGSTOP) after a short time without a request, until the next request.

    A separate thread does this, so that the worker is stopped even while the judge is busy. Does nothing on Windows,
    where processes cannot be stopped.

    Args:
        pid: the worker's process id.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._lock = threading.Lock()
        self._idle_since: float | None = time.monotonic()
        self._stopped = False
        self._over = threading.Event()
        if hasattr(signal, "SIGSTOP"):
            threading.Thread(target=self._look, daemon=True).start()

    def begin(self) -> None:
        """Call this when the worker has answered."""
        with self._lock:
            self._idle_since = time.monotonic()

    def end(self) -> None:
        """Call this before a request is sent."""
        with self._lock:
            self._idle_since = None
            if self._stopped:
                self._stopped = False
                self._send(signal.SIGCONT)

    def close(self) -> None:
        """Call this before the worker is killed. It is not stopped any more."""
        with self._lock:
            self._idle_since = None
            self._over.set()

    def _look(self) -> None:
        while not self._over.wait(_AFTER):
            with self._lock:
                idle = self._idle_since is not None and time.monotonic() - self._idle_since >= _AFTER
                if idle:  # again every time: something that the worker prepared may have sent SIGCONT
                    self._stopped = True
                    self._send(signal.SIGSTOP)

    def _send(self, what: signal.Signals) -> None:
        with contextlib.suppress(OSError):
            os.kill(self._pid, what)
