"""Copies between the CPU and the simulated card."""

from __future__ import annotations

from typing import Any

import torch

from .labels import CUDA, label, logical_device, normalise, raw_label, real_device

_Base: Any = torch._C.TensorBase
_to = _Base.to
_functorch: Any = torch._C._functorch
_PLAIN = (torch.Tensor, torch.nn.Parameter)


class ToCopy(torch.autograd.Function):
    """A copy to another device; its gradient returns to the source's device."""

    generate_vmap_rule = True

    @staticmethod
    def forward(source: torch.Tensor, device: torch.device, options: dict[str, Any]) -> torch.Tensor:
        """Copy."""
        return label(_to(source.detach(), copy=True, **options), device)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        """Remember the source's device and dtype."""
        source = inputs[0]
        ctx.source = logical_device(source), source.dtype

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """Copy the gradient to the source's device."""
        device, dtype = ctx.source
        return move(grad, device, {"dtype": dtype}), None, None


# Printed tensors show this name.
_node: Any = vars(ToCopy)["_backward_cls"]
_node.__name__ = "ToCopyBackward0"


_copy: Any = ToCopy.apply


def move(
    tensor: torch.Tensor, device: torch.device, options: dict[str, Any] | None = None, copy: bool = False
) -> torch.Tensor:
    """Return the tensor on ``device``; the same tensor if nothing changes."""
    options = {name: value for name, value in (options or {}).items() if value is not None}
    source = logical_device(tensor)
    if source == device:
        kept: torch.Tensor = _to(tensor, copy=copy, **options) if copy or options else tensor
        return kept
    if device.type not in ("cpu", "cuda") or real_device(tensor).type != "cpu":
        elsewhere: torch.Tensor = _to(tensor, device=device, copy=copy, **options)
        return elsewhere
    plain = type(tensor) in _PLAIN and not _functorch.is_functorch_wrapped_tensor(tensor)
    if plain and not (tensor.requires_grad and torch.is_grad_enabled()):
        return ToCopy.forward(tensor, device, options)
    moved: torch.Tensor = _copy(tensor, device, options)
    return moved


def to(self: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    """Replace :meth:`torch.Tensor.to`, in all its forms."""
    device, options, copy = _parse(list(args), dict(kwargs))
    if device is None:
        kept: torch.Tensor = _to(self, *args, **kwargs)
        return kept
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
    # The remaining positional arguments are non_blocking and copy.
    copy = bool(kwargs.pop("copy", args[1] if len(args) > 1 else False))
    kwargs.pop("non_blocking", None)
    return device, {"dtype": dtype, **kwargs}, copy


def cuda(
    self: torch.Tensor, device: Any = None, non_blocking: bool = False, *, memory_format: Any = None
) -> torch.Tensor:
    """Replace :meth:`torch.Tensor.cuda`."""
    return move(self, normalise("cuda" if device is None else device), {"memory_format": memory_format})


def cpu(self: torch.Tensor, *, memory_format: Any = None) -> torch.Tensor:
    """Replace :meth:`torch.Tensor.cpu`."""
    return move(self, torch.device("cpu"), {"memory_format": memory_format})


def type_as(self: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Replace :meth:`torch.Tensor.type_as`."""
    return move(self, CUDA if raw_label(other) is CUDA else real_device(other), {"dtype": other.dtype})
