"""The logical device of a tensor: a label on its storage.

The label belongs to the storage, not to the tensor. So views, ``.data``, ``detach()``, parameters and everything else
that shares memory have the same label without any bookkeeping. Torch keeps the Python object of a storage, with its
attributes, as long as the memory exists.
"""

from __future__ import annotations

from typing import Any

import torch

from . import errors
from .process import initialise

CPU: torch.device = torch.device("cpu")
CUDA: torch.device = torch.device("cuda", 0)

ANY = "any"
"""Label of memory that torch's C++ code allocated inside an operation.

Such code uses the device of its inputs, which here is really the CPU. The memory gets the device of the first tensor
that is combined with it.
"""

_ATTRIBUTE = "learn_device"
_PINNED = "learn_pinned"

_Base: Any = torch._C.TensorBase
_storage = _Base.untyped_storage
_real_device = _Base.device.__get__
_modes = torch._C._len_torch_function_stack
_functorch: Any = torch._C._functorch
_PLAIN = (torch.Tensor, torch.nn.Parameter)


def storage_of(tensor: torch.Tensor) -> Any:
    """Return the storage that has the tensor's label, or the tensor itself if it has no storage."""
    if _modes() or type(tensor) not in _PLAIN:
        with torch._C.DisableTorchFunction():
            return _unusual_storage(tensor)
    try:
        return _storage(tensor)
    except (RuntimeError, NotImplementedError):
        return _unusual_storage(tensor)


def _unusual_storage(tensor: torch.Tensor) -> Any:
    while _functorch.is_functorch_wrapped_tensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    try:
        return _storage(tensor)
    except (RuntimeError, NotImplementedError):
        pass
    try:
        if tensor.layout == torch.sparse_coo:
            return _storage(tensor._values())
        return _storage(tensor.values())
    except (RuntimeError, NotImplementedError, AttributeError):
        return tensor


def raw_label(tensor: torch.Tensor) -> Any:
    """Return ``CUDA``, ``ANY``, or ``None`` for a tensor on its real device."""
    # Called for every input of every operator: the usual case makes no further calls.
    if type(tensor) in _PLAIN and not _modes():
        try:
            return getattr(_storage(tensor), _ATTRIBUTE, None)
        except (RuntimeError, NotImplementedError):
            pass
    return getattr(storage_of(tensor), _ATTRIBUTE, None)


def set_raw_label(tensor: torch.Tensor, value: Any) -> None:
    """Set the label of the tensor's storage."""
    setattr(storage_of(tensor), _ATTRIBUTE, value)


def real_device(tensor: torch.Tensor) -> torch.device:
    """Return the device that holds the tensor's memory."""
    with torch._C.DisableTorchFunction():
        device: torch.device = _real_device(tensor)
    return device


def logical_device(tensor: torch.Tensor) -> torch.device:
    """Return the tensor's logical device; a CUDA device always has its index."""
    return CUDA if is_cuda(tensor) else real_device(tensor)


def is_cuda(tensor: torch.Tensor) -> bool:
    """Tell whether the tensor is labelled as on the simulated card."""
    return raw_label(tensor) is CUDA


def label(tensor: torch.Tensor, device: torch.device | str | int) -> torch.Tensor:
    """Label the tensor's memory as on ``device``, and return the tensor."""
    set_raw_label(tensor, CUDA if normalise(device).type == "cuda" else None)
    return tensor


def storage_is_cuda(storage: Any) -> bool:
    """Tell whether an untyped storage is labelled as on the card."""
    return getattr(storage, _ATTRIBUTE, None) is CUDA


def label_storage(storage: Any, device: torch.device | None) -> None:
    """Label an untyped storage."""
    setattr(storage, _ATTRIBUTE, device)


def is_pinned(tensor: torch.Tensor) -> bool:
    """Tell whether the tensor's memory is marked as page-locked."""
    return bool(getattr(storage_of(tensor), _PINNED, False))


def set_pinned(tensor: torch.Tensor) -> None:
    """Mark the tensor's memory as page-locked."""
    setattr(storage_of(tensor), _PINNED, True)


def normalise(name: Any) -> torch.device:
    """Convert any name of a device to a ``torch.device``; CUDA gets the index 0, the only card."""
    named: torch.device
    if isinstance(name, torch.device):
        named = name
    else:
        named = torch.device("cuda", name) if _is_index(name) else torch.device(name)
    if named.type != "cuda":
        return named
    if named.index not in (None, 0):
        raise errors.invalid_ordinal()
    initialise()
    return CUDA


def _is_index(device: Any) -> bool:
    return isinstance(device, int) and not isinstance(device, bool)
