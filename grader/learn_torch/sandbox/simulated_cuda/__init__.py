"""CUDA without a card: tensors carry a logical device, and what a real card would raise is raised.

Everything is computed on the CPU. See ``docs/simulated-cuda.md``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch.utils import _device

from . import autocast, factories, layers, runtime, serialization, tensors, threads
from .dispatch import CudaChecks
from .labels import label, logical_device
from .patching import Patches

__all__ = ["enable", "label", "logical_device", "simulated_cuda"]

_depth = 0
_enabled = contextlib.ExitStack()


@contextlib.contextmanager
def simulated_cuda() -> Iterator[None]:
    """Simulate a machine with one CUDA device, and restore everything on exit. Uses may be nested."""
    global _depth
    if _depth:
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1
        return
    patches = Patches()
    default = _device.CURRENT_DEVICE
    _depth = 1
    try:
        for part in (tensors, factories, layers, runtime, autocast, threads):
            part.patch(patches)
        serialization.switch(True)
        with CudaChecks():
            yield
    finally:
        if _device.CURRENT_DEVICE != default:
            torch.set_default_device(default)
        serialization.switch(False)
        patches.undo()
        runtime.reset()
        _depth = 0


def enable() -> None:
    """Simulate a CUDA device for the rest of the process."""
    if not _depth:
        _enabled.enter_context(simulated_cuda())
