"""The device checks of CUDA's operators, made on labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from . import errors
from .labels import ANY, CPU, CUDA, raw_label
from .method_names import method_name
from .operators import Check, Operator

_CONVOLUTION_NAMES = ("input", "weight", "bias")
_BATCH_NORM_NAMES = ("input", "weight", "bias", "running_mean", "running_var")


def place(tensor: torch.Tensor) -> torch.device | None:
    """Return the tensor's logical device, or None if it fits any device."""
    found = raw_label(tensor)
    if found is ANY:
        return None
    return CUDA if found is CUDA else CPU


def check(op: Operator, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise CUDA's error if an operator with a CUDA input has inputs on other devices."""
    kind = op.check
    if kind is Check.POINTWISE or kind is Check.STRICT:
        _pointwise(op, args, kwargs, allow_scalars=kind is Check.POINTWISE)
    elif kind is Check.COMMON:
        _common(op, args)
    elif kind is Check.FOREACH:
        _foreach(op, args)
    elif kind is Check.SPECIAL:
        _SPECIAL[op.name](op, args)


def _pointwise(op: Operator, args: tuple[Any, ...], kwargs: dict[str, Any], allow_scalars: bool) -> None:
    for position, value in enumerate(args):
        if isinstance(value, torch.Tensor) and place(value) is CPU:
            read_only = position not in op.written
            if not (allow_scalars and read_only and value.dim() == 0):
                raise errors.two_devices()
    for name, value in kwargs.items():
        if not isinstance(value, torch.Tensor) or place(value) is not CPU:
            continue
        if name in op.written_names or value.dim() != 0:
            raise errors.two_devices()


def _named_tensors(op: Operator, args: tuple[Any, ...]) -> Iterator[tuple[str, torch.Tensor]]:
    for position in op.common:
        if position >= len(args):
            continue
        value = args[position]
        if isinstance(value, torch.Tensor):
            yield op.arguments[position], value
        elif isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, torch.Tensor):
                    yield op.arguments[position], item


def _common(op: Operator, args: tuple[Any, ...]) -> None:
    _same(_named_tensors(op, args), op.method)


def _same(named: Any, method: str) -> None:
    first: torch.device | None = None
    for name, tensor in named:
        device = place(tensor)
        if device is None:
            continue
        if first is None:
            first = device
        elif device is not first:
            raise errors.other_device(name, device, first, method)


def _foreach(op: Operator, args: tuple[Any, ...]) -> None:
    lists = [(i, value) for i, value in enumerate(args) if isinstance(value, list | tuple)]
    lists = [(i, value) for i, value in lists if value and isinstance(value[0], torch.Tensor)]
    if not lists:
        return
    for index in range(len(lists[0][1])):
        row = [(i, value[index]) for i, value in lists if index < len(value)]
        if any(place(tensor) is CUDA for _, tensor in row):
            for position, tensor in row:
                scalar = tensor.dim() == 0 and position not in op.written
                if place(tensor) is CPU and not scalar:
                    raise errors.two_devices()


def _convolution(op: Operator, args: tuple[Any, ...]) -> None:
    source = args[0]
    where = place(source)
    for name, tensor in zip(_CONVOLUTION_NAMES[1:], args[1:3], strict=False):
        if tensor is None:
            continue
        other = place(tensor)
        if other is not None and where is not None and other is not where:
            raise errors.convolution(
                errors.type_name(source.dtype, where is CUDA),
                name,
                errors.type_name(tensor.dtype, other is CUDA),
                cpu_input=where is CPU,
            )


def _index(op: Operator, args: tuple[Any, ...]) -> None:
    own = place(args[0])
    if own is CPU and any(index is not None and place(index) is CUDA for index in args[1]):
        raise errors.index_device(CPU)
    if len(args) > 2 and isinstance(args[2], torch.Tensor):
        value = args[2]
        if value.dim() > 0 and {place(value), own} == {CPU, CUDA}:
            raise errors.two_devices()


def _masked_fill(op: Operator, args: tuple[Any, ...]) -> None:
    own, mask = place(args[0]), place(args[1])
    if own is not None and mask is not None and own is not mask:
        raise errors.mask_device(mask, own)
    if isinstance(args[2], torch.Tensor) and own is CPU and place(args[2]) is CUDA:
        raise errors.masked_fill_value()


def _embedding(op: Operator, args: tuple[Any, ...]) -> None:
    # CUDA has no embedding kernel; it uses index_select.
    _same((("self", args[0]), ("index", args[1])), method_name("index_select", ""))


def _stack(op: Operator, args: tuple[Any, ...]) -> None:
    _same((("tensors", tensor) for tensor in args[0]), method_name("cat", ""))


def _mv(op: Operator, args: tuple[Any, ...]) -> None:
    # The result is allocated on the vector's device, and addmv_ writes to it.
    _same((("self", args[1]), ("mat", args[0])), method_name("addmv_", ""))


def _batch_norm(op: Operator, args: tuple[Any, ...]) -> None:
    cudnn = place(args[0]) is CUDA and args[1] is not None and args[0].dim() > 2
    named = [(name, value) for name, value in zip(_BATCH_NORM_NAMES, args, strict=False)]
    _same(
        ((name, value) for name, value in named if isinstance(value, torch.Tensor)),
        method_name("cudnn_batch_norm" if cudnn else "native_batch_norm", ""),
    )


def _pack(op: Operator, args: tuple[Any, ...]) -> None:
    if place(args[1]) is CUDA:
        raise errors.lengths(args[1])


_SPECIAL = {
    "convolution": _convolution,
    "_convolution": _convolution,
    "index": _index,
    "_unsafe_index": _index,
    "index_put": _index,
    "index_put_": _index,
    "_index_put_impl_": _index,
    "_unsafe_index_put": _index,
    "masked_fill": _masked_fill,
    "masked_fill_": _masked_fill,
    "embedding": _embedding,
    "stack": _stack,
    "mv": _mv,
    "native_batch_norm": _batch_norm,
    "_native_batch_norm_legit": _batch_norm,
    "_native_batch_norm_legit_no_training": _batch_norm,
    "_batch_norm_with_update": _batch_norm,
    "_pack_padded_sequence": _pack,
}
