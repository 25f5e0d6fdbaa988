"""Functions whose C++ code compares real devices before any operator runs."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import torch

from . import errors
from .labels import ANY, logical_device, raw_label
from .method_names import method_name
from .patching import Patches
from .transfer import move

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


def _cast(values: Any, dtype: torch.dtype) -> Any:
    if isinstance(values, torch.Tensor):
        return values.to(dtype) if values.is_floating_point() else values
    if isinstance(values, list | tuple):
        return tuple(_cast(value, dtype) for value in values)
    return values


def _recurrent(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def run(source: torch.Tensor, *args: Any) -> Any:
        # A packed sequence has batch sizes, which stay on the CPU.
        packed = isinstance(args[0], torch.Tensor) and isinstance(args[1], torch.Tensor | list | tuple)
        packed = packed and isinstance(args[2], list | tuple)
        hidden, weights = args[1:3] if packed else args[:2]
        _devices("hidden", source, [hidden] if isinstance(hidden, torch.Tensor) else hidden)
        _devices("parameter", source, weights)
        if not torch.is_autocast_enabled("cpu"):
            return real(source, *args)
        # The CPU has no recurrent layer in float16: compute in float32 and cast the results.
        dtype = torch.get_autocast_dtype("cpu")
        with torch.autocast("cpu", enabled=False):
            made = real(*_cast((source, *args), torch.float32))
        return _cast(made, dtype)

    return run


def _attention(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def scaled_dot_product_attention(query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        places = [logical_device(tensor) for tensor in (query, key, value)]
        if len(set(places)) > 1:
            raise errors.attention(*places)
        mask = args[0] if args else kwargs.get("attn_mask")
        if mask is not None and raw_label(mask) is not ANY and logical_device(mask) != places[0]:
            method = method_name("_scaled_dot_product_efficient_attention", "")
            raise errors.other_device("attn_bias", logical_device(mask), places[0], method)
        return real(query, key, value, *args, **kwargs)

    return scaled_dot_product_attention


def _ctc(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def ctc_loss(scores: Any, targets: Any, *args: Any, **kwargs: Any) -> Any:
        # Targets and lengths may be on the CPU; C++ moves the lengths to the scores' real device.
        place = logical_device(scores)
        moved = [
            move(value, place) if isinstance(value, torch.Tensor) else value for value in (targets, *args)
        ]
        return real(scores, *moved, **kwargs)

    return ctc_loss


def _expected(index: int, expected: Any, grad: Any) -> str | None:
    """Return the autograd engine's message for a gradient on the wrong device, or None if the device is right."""
    if not isinstance(grad, torch.Tensor) or grad.dim() == 0 or raw_label(grad) is ANY:
        return None
    found = logical_device(grad)
    if found == expected:
        return None
    return f"invalid gradient at index {index} - expected device {expected} but got {found}"


def _apply(real: Any) -> Any:
    """Check the gradients that a custom function returns."""

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        made = real.__get__(None, cls)(*args, **kwargs)
        first = (
            made if isinstance(made, torch.Tensor) else made[0] if isinstance(made, tuple) and made else None
        )
        node = first.grad_fn if isinstance(first, torch.Tensor) else None
        # If the output is a view, its node is torch's, not the function's.
        if node is not None and type(node).__name__ == f"{cls.__name__}Backward":
            places = [logical_device(value) for value in args if isinstance(value, torch.Tensor)]
            node.register_hook(functools.partial(_check_gradients, node.name(), places))
        return made

    return classmethod(apply)


def _check_gradients(name: str, places: list[Any], grads: Any, outputs: Any) -> None:
    for index, (place, grad) in enumerate(zip(places, grads, strict=False)):
        problem = _expected(index, place, grad)
        if problem is not None:
            raise RuntimeError(f"Function {name} returned an {problem}")


def _run_backward(real: Callable[..., Any]) -> Callable[..., Any]:
    """Check the gradients at which a backward pass starts."""

    @functools.wraps(real)
    def run(roots: Any, grads: Any, *args: Any, **kwargs: Any) -> Any:
        for index, (root, grad) in enumerate(zip(roots, grads, strict=False)):
            problem = _expected(index, logical_device(root), grad) if isinstance(root, torch.Tensor) else None
            if problem is not None:
                raise RuntimeError(problem)
        return real(roots, grads, *args, **kwargs)

    return run


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
    """Replace these functions."""
    functions: Any = torch._VF
    for name in _RECURRENT:
        patches.set(functions, name, _recurrent(getattr(functions, name)))
    patches.set(
        torch.autograd, "_engine_run_backward", _run_backward(vars(torch.autograd)["_engine_run_backward"])
    )
    patches.set(torch.autograd.Function, "apply", _apply(vars(torch.autograd.Function)["apply"]))
    patches.set(torch, "ctc_loss", _ctc(torch.ctc_loss))
    functional: Any = torch.nn.functional
    real = functional.scaled_dot_product_attention
    patches.set(functional, "scaled_dot_product_attention", _attention(real))
    for name in _GROUPING:
        # torch.optim hides its submodules' names.
        patches.set_existing(
            importlib.import_module(name), {"_group_tensors_by_device_and_dtype": group_tensors}
        )
    # Otherwise cuDNN would be called to lay out weights that are not on a card.
    patches.set(torch.backends.cudnn, "is_acceptable", lambda tensor: False)
