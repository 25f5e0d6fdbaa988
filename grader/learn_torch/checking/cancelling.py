"""Ending a check before its time, from another thread."""

from __future__ import annotations

import threading

from learn_torch.errors import Cancelled
from learn_torch.language import _


class Cancellation:
    """Handed to a check by whoever may want to end it. Take a new one for the next check: it stays cancelled."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End the check: its processes are killed, and it raises Cancelled. Returns at once, from any thread."""
        self._cancelled.set()

    def insist(self) -> None:
        """Raise Cancelled where the check is to end."""
        if self._cancelled.is_set():
            raise Cancelled(_("the check was cancelled"))
