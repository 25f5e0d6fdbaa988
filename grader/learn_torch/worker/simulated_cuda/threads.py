"""New threads: modes belong to one thread, so each new one has to enter its own."""

from __future__ import annotations

import threading
from typing import Any

from .dispatch import CudaChecks
from .patching import Patches


def patch(patches: Patches) -> None:
    """Make threads that start from now on check devices too."""
    thread: Any = threading.Thread
    real = thread._bootstrap_inner

    def bootstrap(self: Any) -> None:
        with CudaChecks():
            real(self)

    patches.set(thread, "_bootstrap_inner", bootstrap)
