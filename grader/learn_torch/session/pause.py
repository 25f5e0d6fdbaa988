"""Lets a worker stand still while it is not asked anything, because nobody watches it then."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time

_AFTER = 0.02
"""Seconds without a question. Stopping a worker after every answer would cost more than most answers do."""


class Pause:
    """Stops one worker when it has not been asked anything for a moment, until it is asked again.

    A thread of its own looks at the time, so that the worker is stopped whatever the judge is busy with. Does nothing
    where processes cannot be stopped (Windows).

    Args:
        pid: the worker's number.
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
        """It has answered."""
        with self._lock:
            self._idle_since = time.monotonic()

    def end(self) -> None:
        """It is going to be asked."""
        with self._lock:
            self._idle_since = None
            if self._stopped:
                self._stopped = False
                self._send(signal.SIGCONT)

    def close(self) -> None:
        """The worker is going to be ended. It is not stopped any more from here on."""
        with self._lock:
            self._idle_since = None
            self._over.set()

    def _look(self) -> None:
        while not self._over.wait(_AFTER):
            with self._lock:
                idle = self._idle_since is not None and time.monotonic() - self._idle_since >= _AFTER
                if idle:  # again and again: something that it had prepared may have let it go on
                    self._stopped = True
                    self._send(signal.SIGSTOP)

    def _send(self, what: signal.Signals) -> None:
        with contextlib.suppress(OSError):
            os.kill(self._pid, what)
