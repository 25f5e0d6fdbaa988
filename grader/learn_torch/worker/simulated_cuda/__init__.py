"""CUDA without a card: tensors have a logical device, and device mistakes raise the same errors as on a real card.

Everything is computed on the CPU. See ``docs/simulated-cuda.md``.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils import _device

from . import autocast, factories, layers, runtime, serialization, tensors, threads
from .dispatch import CudaChecks
from .labels import label, logical_device
from .patching import Patches

__all__ = ["enable", "label", "logical_device", "simulated_cuda"]

_depth = 0
_patches = Patches()
_eager: Any = None


@contextlib.contextmanager
def simulated_cuda() -> Iterator[None]:
    """Simulate a machine with one CUDA device, and restore everything on exit. Can be nested."""
    global _depth
    if _depth:
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1
        return
    default = _device.CURRENT_DEVICE
    mode = _start()
    try:
        yield
    finally:
        mode.__exit__(None, None, None)
        if default != _device.CURRENT_DEVICE:
            torch.set_default_device(default)
        _stop()


def enable() -> None:
    """Simulate a CUDA device for the rest of the process."""
    if not _depth:
        _start()


def _start() -> Any:
    global _depth, _eager
    # torch._dynamo must build its tables from the real functions, so import it before they are replaced; optimizers
    # import it anyway. Compiled code would see the real devices, so everything runs eagerly.
    importlib.import_module("torch._dynamo")
    stance: Any = torch.compiler.set_stance
    _eager = stance("force_eager")
    try:
        for part in (tensors, factories, layers, runtime, autocast, threads):
            part.patch(_patches)
    except BaseException:
        _stop()
        raise
    serialization.switch(True)
    _depth = 1
    mode: Any = CudaChecks()
    return mode.__enter__()


def _stop() -> None:
    global _depth
    serialization.switch(False)
    _patches.undo()
    runtime.reset()
    _eager.__exit__(None, None, None)
    _depth = 0
