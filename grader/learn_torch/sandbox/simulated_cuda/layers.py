"""Functions whose C++ code compares real devices before any operator runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import torch
from . import errors
from .labels import ANY, logical_device, raw_label
from .patching import Patches

_RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
_GROUPING = (
    "torch.utils._foreach_utils",
    "torch.optim.optimizer",
    "torch.optim.swa_utils",
    "torch.nn.utils.clip_grad",
)


def _devices(name: str, source: torch.Tensor, tensors: Any) -> None:
    where = logical_device(source)
    for tensor in tensors:
        if raw_label(tensor) is not ANY and logical_device(tensor) != where:
            raise errors.recurrent(name, where, logical_device(tensor))


def _recurrent(real: Callable[..., Any]) -> Callable[..., Any]:
    def run(source: torch.Tensor, *args: Any) -> Any:
        # A packed sequence comes with its batch sizes, which stay on the CPU.
        packed = isinstance(args[0], torch.Tensor) and isinstance(args[1], torch.Tensor | list | tuple)
        packed = packed and isinstance(args[2], list | tuple)
        hidden, weights = args[1:3] if packed else args[:2]
        _devices("hidden", source, [hidden] if isinstance(hidden, torch.Tensor) else hidden)
        _devices("parameter", source, weights)
        return real(source, *args)

    return run


def _attention(real: Callable[..., Any]) -> Callable[..., Any]:
    def scaled_dot_product_attention(query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        places = [logical_device(tensor) for tensor in (query, key, value)]
        if len(set(places)) > 1:
            raise errors.attention(*places)
        return real(query, key, value, *args, **kwargs)

    return scaled_dot_product_attention


def group_tensors(lists: Any, with_indices: bool = False) -> dict[Any, Any]:
    """Group an optimizer's lists by device and dtype, as ``_group_tensors_by_device_and_dtype`` does."""
    groups: dict[Any, Any] = {}
    for index, first in enumerate(lists[0]):
        key = logical_device(first), first.dtype
        columns, indices = groups.setdefault(key, ([[] for _ in lists], []))
        for column, tensors in zip(columns, lists, strict=True):
            tensor = tensors[index] if tensors else None
            if tensor is not None:
                place = logical_device(tensor)
                step = place.type == "cpu" and tensor.dtype in (torch.float32, torch.float64)
                if place != key[0] and not (step and tensor.dim() == 0):
                    raise errors.optimizer_groups()
            if tensors:
                column.append(tensor)
        if with_indices:
            indices.append(index)
    return groups


def patch(patches: Patches) -> None:
    """Replace them."""
    functions: Any = torch._VF
    for name in _RECURRENT:
        patches.set(functions, name, _recurrent(getattr(functions, name)))
    functional: Any = torch.nn.functional
    real = functional.scaled_dot_product_attention
    patches.set(functional, "scaled_dot_product_attention", _attention(real))
    for name in _GROUPING:
        # torch.optim hides its submodules' names.
        patches.set_existing(importlib.import_module(name), {"_group_tensors_by_device_and_dtype": group_tensors})
    # cuDNN would be asked to lay out weights that are not on a card.
    patches.set(torch.backends.cudnn, "is_acceptable", lambda tensor: False)
