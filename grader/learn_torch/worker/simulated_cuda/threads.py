"""New threads: a mode belongs to one thread, so each new thread must enter its own mode."""

from __future__ import annotations

import threading
from typing import Any

from .dispatch import CudaChecks
from .patching import Patches


def patch(patches: Patches) -> None:
    """Make threads that start later check devices, too."""
    thread: Any = threading.Thread
    real = thread._bootstrap_inner

    def bootstrap(self: Any) -> None:
        with CudaChecks():
            real(self)

    patches.set(thread, "_bootstrap_inner", bootstrap)
