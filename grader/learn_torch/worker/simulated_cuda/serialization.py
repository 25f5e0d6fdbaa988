"""``torch.save`` and ``torch.load``: files contain the logical device, and loading restores the labels.

Torch asks registered packages, the lowest priority first, for a storage's location and for a storage at a location.
There is no public way to remove a package, so it stays registered and returns None while the simulation is off.
"""

from __future__ import annotations

from typing import Any

import torch

from .labels import CUDA, label_storage, normalise, storage_is_cuda

_PRIORITY = 5
_on = False
_registered = False


def switch(on: bool) -> None:
    """Turn the package on or off."""
    global _on, _registered
    _on = on
    if on and not _registered:
        register: Any = torch.serialization.register_package
        register(_PRIORITY, _tag, _restore)
        _registered = True


def _untyped(storage: Any) -> Any:
    return getattr(storage, "_untyped_storage", storage)


def _tag(storage: Any) -> str | None:
    return "cuda:0" if _on and storage_is_cuda(_untyped(storage)) else None


def _restore(storage: Any, location: str) -> Any:
    if not _on or not location.startswith("cuda"):
        return None
    device = torch.device(location)
    if device.index not in (None, 0):
        raise RuntimeError(
            f"Attempting to deserialize object on CUDA device {device.index} but torch.cuda.device_count() "
            "is 1. Please use torch.load with map_location to map your storages to an existing device."
        )
    if normalise(device) is CUDA:
        label_storage(_untyped(storage), CUDA)
    return storage
