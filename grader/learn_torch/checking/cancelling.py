"""Cancelling a check from another thread."""

from __future__ import annotations

import threading

from learn_torch.errors import Cancelled
from learn_torch.language import _


class Cancellation:
    """Cancels a check to which it was given. It stays cancelled, so make a new one for the next check."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Kill the check's processes; the check raises Cancelled. Returns at once. Call it from any thread."""
        self._cancelled.set()

    def insist(self) -> None:
        """Raise Cancelled if the check was cancelled."""
        if self._cancelled.is_set():
            raise Cancelled(_("the check was cancelled"))
