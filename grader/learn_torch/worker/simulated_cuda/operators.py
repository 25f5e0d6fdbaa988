"""The properties of each operator that the simulation needs, read once from its schema."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch

from .method_names import STRUCTURED, method_name


class Check(Enum):
    """How an operator checks the devices of its inputs."""

    FREE = "free"
    """Any mix is allowed, or the check is made elsewhere."""
    POINTWISE = "pointwise"
    """All on one device, except that 0-dim tensors on the CPU may be read."""
    STRICT = "strict"
    """Elementwise, but without the exception for 0-dim tensors."""
    COMMON = "common"
    """All on the device of the first tensor."""
    SPECIAL = "special"
    """The operator has its own rules and error text."""
    FOREACH = "foreach"
    """Pointwise for each index of the lists."""


_SPECIAL_NAMES = """
    convolution _convolution index index_put index_put_ _index_put_impl_ _unsafe_index _unsafe_index_put
    masked_fill masked_fill_ embedding stack mv native_batch_norm _native_batch_norm_legit
    _native_batch_norm_legit_no_training _batch_norm_with_update _pack_padded_sequence
"""
SPECIAL = frozenset(_SPECIAL_NAMES.split())

_FREE_NAMES = """
    copy copy_ _to_copy clone detach alias lift lift_fresh lift_fresh_copy set_ is_set_to resize_ resize_as_
    as_strided as_strided_ view _reshape_alias _unsafe_view expand permute is_same_size fill fill_
    slice_scatter select_scatter diagonal_scatter as_strided_scatter is_pinned record_stream
    _local_scalar_dense _foreach_copy_ _foreach_copy _has_same_storage_numel _ctc_loss _use_cudnn_ctc_loss
    _cudnn_ctc_loss _pad_packed_sequence _make_dual _sparse_coo_tensor_with_dims_and_tensors sparse_resize_
"""
_FREE = frozenset(_FREE_NAMES.split())

_POINTWISE_NAMES = """
    mse_loss smooth_l1_loss where floor_divide floor_divide_ rsub heaviside heaviside_ copysign copysign_
    eq_ ne_ ge_ le_ gt_ lt_ __irshift__ __ilshift__ logical_and logical_or logical_xor logical_and_
    logical_or_ logical_xor_ isin addcmul addcdiv addcmul_ addcdiv_ lerp lerp_
    binary_cross_entropy_with_logits index_fill index_fill_ dist ldexp ldexp_ complex polar soft_margin_loss
    bernoulli_ binomial _trilinear
    mse_loss_backward smooth_l1_loss_backward
"""
_POINTWISE = frozenset(_POINTWISE_NAMES.split())

_STRICT = frozenset({"binary_cross_entropy", "binary_cross_entropy_backward"})

_CPU_OUTPUTS = {"_pack_padded_sequence": frozenset({1})}


@dataclass(frozen=True, slots=True)
class Operator:
    """One overload of an operator."""

    name: str
    check: Check
    method: str
    arguments: tuple[str, ...]
    """Names of the positional arguments, in the schema's order."""
    common: tuple[int, ...]
    """Positions that CUDA's common device check reads, in the order of that check."""
    written: frozenset[int]
    """Positions of the arguments that are written to."""
    written_names: frozenset[str]
    makes: bool
    """It returns new memory, not a view or one of its inputs."""
    like: bool
    """C++ code may call it with the ``device`` of an input."""
    cpu_outputs: frozenset[int]
    decompose: bool


_known: dict[Any, Operator] = {}


def operator(func: Any) -> Operator:
    """Return the properties of an overload."""
    found = _known.get(func)
    if found is None:
        found = _known[func] = _read(func)
    return found


def _read(func: Any) -> Operator:
    schema = func._schema
    name = schema.name.split("::")[-1]
    positional = [argument for argument in schema.arguments if not argument.kwarg_only]
    written = [i for i, argument in enumerate(positional) if _is_written(argument)]
    names = tuple(argument.name for argument in positional)
    # An unstructured kernel's wrapper checks ``self`` before the other arguments.
    order = sorted(range(len(names)), key=lambda i: names[i] != "self")
    full = f"{name}.{schema.overload_name}" if schema.overload_name else name
    return Operator(
        name=name,
        check=_check(func, name, full),
        method=method_name(name, schema.overload_name),
        arguments=names,
        common=tuple(range(len(names)) if full in STRUCTURED else order),
        written=frozenset(written),
        written_names=frozenset(a.name for a in schema.arguments if a.kwarg_only and _is_written(a)),
        makes=not any(result.alias_info is not None for result in schema.returns),
        like=any("Tensor" in str(argument.type) for argument in schema.arguments),
        cpu_outputs=_CPU_OUTPUTS.get(name, frozenset()),
        decompose=_decomposes(func),
    )


def _is_written(argument: Any) -> bool:
    return argument.alias_info is not None and argument.alias_info.is_write


def _decomposes(func: Any) -> bool:
    # In inference mode, composite operators arrive here undecomposed.
    key = torch._C.DispatchKey.CompositeImplicitAutograd
    try:
        return bool(
            func.namespace == "aten" and torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), key)
        )
    except RuntimeError:
        return False


def _check(func: Any, name: str, full: str) -> Check:
    if func.namespace != "aten":
        return Check.FREE
    if name in SPECIAL:
        return Check.SPECIAL
    if name in _FREE or func.is_view or name.endswith(("_like", "_copy")) or name.startswith("new_"):
        return Check.FREE
    if name.startswith("_foreach"):
        return Check.FOREACH
    if name in _STRICT:
        return Check.STRICT
    if full in STRUCTURED or name == "equal":
        return Check.COMMON
    if name in _POINTWISE or torch.Tag.pointwise in func.tags:
        return Check.POINTWISE
    return Check.COMMON
