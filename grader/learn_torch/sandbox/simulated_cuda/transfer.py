"""Copies between the CPU and the simulated card."""

from __future__ import annotations

from typing import Any

import torch

from .labels import CUDA, label, logical_device, normalise, raw_label, real_device

_to = torch._C.TensorBase.to


class ToCopy(torch.autograd.Function):
    """A copy to another device, whose gradient comes back to the source's."""

    generate_vmap_rule = True

    @staticmethod
    def forward(source: torch.Tensor, device: torch.device, options: dict[str, Any]) -> torch.Tensor:
        """Copy."""
        return label(_to(source.detach(), copy=True, **options), device)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        """Remember where the gradient has to go."""
        source = inputs[0]
        ctx.source = logical_device(source), source.dtype

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[override]
        """Take the gradient back."""
        device, dtype = ctx.source
        return move(grad, device, {"dtype": dtype}), None, None


# Printed tensors show this name.
ToCopy._backward_cls.__name__ = "ToCopyBackward0"  # type: ignore[attr-defined]


def move(
    tensor: torch.Tensor, device: torch.device, options: dict[str, Any] | None = None, copy: bool = False
) -> torch.Tensor:
    """Return the tensor on ``device``, itself where nothing has to change."""
    options = {name: value for name, value in (options or {}).items() if value is not None}
    source = logical_device(tensor)
    if source == device:
        return _to(tensor, copy=copy, **options) if copy or options else tensor
    if device.type not in ("cpu", "cuda") or real_device(tensor).type != "cpu":
        return _to(tensor, device=device, copy=copy, **options)
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter) or torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return ToCopy.apply(tensor, device, options)  # type: ignore[no-any-return, no-untyped-call]
    if tensor.requires_grad and torch.is_grad_enabled():
        return ToCopy.apply(tensor, device, options)  # type: ignore[no-any-return, no-untyped-call]
    return ToCopy.forward(tensor, device, options)


def to(self: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    """Stand in for :meth:`torch.Tensor.to`, in all its forms."""
    if not args and not kwargs:
        return _to(self)
    device, options, copy = _parse(list(args), dict(kwargs))
    if device is None:
        return _to(self, *args, **kwargs)
    return move(self, normalise(device), options, copy)


def _parse(args: list[Any], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], bool]:
    device = kwargs.pop("device", None)
    dtype = kwargs.pop("dtype", None)
    other = kwargs.pop("other", None)
    if args and isinstance(args[0], torch.Tensor):
        other = args.pop(0)
    elif args and not isinstance(args[0], torch.dtype):
        device = args.pop(0)
        if args and (args[0] is None or isinstance(args[0], torch.dtype)):
            dtype = args.pop(0)
    elif args:
        dtype = args.pop(0)
    if other is not None:
        device, dtype = logical_device(other), other.dtype
    # What is left of the positional arguments is non_blocking and copy.
    copy = bool(kwargs.pop("copy", args[1] if len(args) > 1 else False))
    kwargs.pop("non_blocking", None)
    return device, {"dtype": dtype, **kwargs}, copy


def cuda(
    self: torch.Tensor, device: Any = None, non_blocking: bool = False, *, memory_format: Any = None
) -> torch.Tensor:
    """Stand in for :meth:`torch.Tensor.cuda`."""
    return move(self, normalise("cuda" if device is None else device), {"memory_format": memory_format})


def cpu(self: torch.Tensor, *, memory_format: Any = None) -> torch.Tensor:
    """Stand in for :meth:`torch.Tensor.cpu`."""
    return move(self, torch.device("cpu"), {"memory_format": memory_format})


def type_as(self: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Stand in for :meth:`torch.Tensor.type_as`."""
    return move(self, CUDA if raw_label(other) is CUDA else real_device(other), {"dtype": other.dtype})
