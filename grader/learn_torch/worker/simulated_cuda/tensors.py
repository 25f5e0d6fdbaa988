"""The attributes of a tensor that depend on the device: its device, its conversions, its gradient.

They are replaced on :class:`torch.Tensor`. A function mode would not work: torch turns a mode off inside the functions
that it handles, and so in hooks.
"""

from __future__ import annotations

from typing import Any

import torch

from . import errors, transfer
from .labels import ANY, CPU, CUDA, is_cuda, is_pinned, logical_device, raw_label, set_pinned, set_raw_label
from .patching import Patches

_Base = torch._C.TensorBase
_grad: Any = _Base.grad
_real_is_cpu: Any = _Base.is_cpu
_real_is_cuda: Any = _Base.is_cuda
_real_get_device: Any = _Base.get_device
_real_numpy: Any = _Base.numpy
_real_type: Any = _Base.type
_real_array: Any = torch.Tensor.__array__
_real_share: Any = torch.Tensor.share_memory_
_real_is_shared: Any = torch.Tensor.is_shared
_real_storage_copy: Any = torch.UntypedStorage.__deepcopy__
_real_storage_clone: Any = torch.UntypedStorage.clone
_real_set_item: Any = _Base.__setitem__


def _is_cpu(self: torch.Tensor) -> bool:
    return not is_cuda(self) and bool(_real_is_cpu.__get__(self))


def _is_cuda(self: torch.Tensor) -> bool:
    return is_cuda(self) or bool(_real_is_cuda.__get__(self))


def _get_device(self: torch.Tensor) -> int:
    return 0 if is_cuda(self) else int(_real_get_device(self))


def _get_grad(self: torch.Tensor) -> torch.Tensor | None:
    grad: torch.Tensor | None = _grad.__get__(self)
    if grad is not None and raw_label(grad) is ANY:
        # A backward pass filled it with zeros; they are on the tensor's device.
        set_raw_label(grad, raw_label(self))
    return grad


def _set_grad(self: torch.Tensor, grad: torch.Tensor | None) -> None:
    if isinstance(grad, torch.Tensor) and raw_label(grad) is not ANY:
        own, other = logical_device(self).type, logical_device(grad).type
        if own != other:
            raise errors.grad_device(other, own)
    _grad.__set__(self, grad)


def _delete_grad(self: torch.Tensor) -> None:
    _grad.__delete__(self)


def _numpy(self: torch.Tensor, *, force: bool = False) -> Any:
    if not is_cuda(self):
        return _real_numpy(self, force=force)
    if not force:
        raise errors.to_numpy()
    return _real_numpy(transfer.move(self.detach(), CPU), force=True)


def _array(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
    if is_cuda(self):
        raise errors.to_numpy()
    return _real_array(self, *args, **kwargs)


def _type(self: torch.Tensor, dtype: Any = None, non_blocking: bool = False, **kwargs: Any) -> Any:
    if dtype is None:
        if is_cuda(self):
            return errors.type_name(self.dtype, cuda=True)
        return _real_type(self)
    if isinstance(dtype, torch.dtype):
        return transfer.move(self, logical_device(self), {"dtype": dtype})
    name = dtype if isinstance(dtype, str) else f"{dtype.__module__}.{dtype.__name__}"
    kind = name.rpartition(".")[2].removesuffix("Tensor")
    if not name.startswith("torch.") or kind not in errors.DTYPES:
        return _real_type(self, dtype)
    device = CUDA if name.startswith("torch.cuda.") else CPU
    return transfer.move(self, device, {"dtype": errors.DTYPES[kind]})


def _is_pinned(self: torch.Tensor, device: Any = None) -> bool:
    return is_pinned(self)


def _pin_memory(self: torch.Tensor, device: Any = None) -> torch.Tensor:
    if is_cuda(self):
        raise errors.cannot_pin(self.dtype)
    if is_pinned(self):
        return self
    pinned = self.detach().clone()
    set_pinned(pinned)
    return pinned


def _share_memory(self: torch.Tensor) -> torch.Tensor:
    # The card's memory can always be shared.
    shared: torch.Tensor = self if is_cuda(self) else _real_share(self)
    return shared


def _is_shared(self: torch.Tensor) -> bool:
    return is_cuda(self) or bool(_real_is_shared(self))


def _record_stream(self: torch.Tensor, stream: Any) -> None:
    """Do nothing, as streams do."""


def _copy_storage(self: Any, memo: dict[Any, Any]) -> Any:
    made = _real_storage_copy(self, memo)
    made.learn_device = getattr(self, "learn_device", None)
    return made


def _clone_storage(self: Any) -> Any:
    made = _real_storage_clone(self)
    made.learn_device = getattr(self, "learn_device", None)
    return made


def _set_item(self: torch.Tensor, key: Any, value: Any) -> None:
    # For masks, C++ has a fast path for equal real devices, which are always equal here.
    if isinstance(key, torch.Tensor):
        key = _index(self, key)
    elif isinstance(key, tuple):
        key = tuple(_index(self, part) if isinstance(part, torch.Tensor) else part for part in key)
    _real_set_item(self, key, value)


def _index(self: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    own = is_cuda(self)
    if own == is_cuda(index) or index.dim() == 0:
        return index
    if own:
        return transfer.move(index, CUDA)
    if raw_label(self) is ANY:
        return index
    raise errors.index_device(CPU)


def _type_as(self: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return transfer.type_as(self, other)


def patch(patches: Patches) -> None:
    """Replace the attributes of :class:`torch.Tensor` that depend on the device."""
    attributes: dict[str, Any] = {
        "device": property(logical_device),
        "is_cuda": property(_is_cuda),
        "is_cpu": property(_is_cpu),
        "get_device": _get_device,
        "grad": property(_get_grad, _set_grad, _delete_grad),
        "to": transfer.to,
        "cuda": transfer.cuda,
        "cpu": transfer.cpu,
        "type": _type,
        "type_as": _type_as,
        "__setitem__": _set_item,
        "numpy": _numpy,
        "__array__": _array,
        "is_pinned": _is_pinned,
        "pin_memory": _pin_memory,
        "share_memory_": _share_memory,
        "is_shared": _is_shared,
        "record_stream": _record_stream,
    }
    for name, value in attributes.items():
        patches.set(torch.Tensor, name, value)
    patches.set(torch.UntypedStorage, "__deepcopy__", _copy_storage)
    patches.set(torch.UntypedStorage, "clone", _clone_storage)
    patches.set(torch, "get_device", _get_device)
    patches.set_existing(torch, {"is_pinned": _is_pinned})
