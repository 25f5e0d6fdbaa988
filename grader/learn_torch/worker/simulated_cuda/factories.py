"""Functions that make a tensor on a given device.

They run on the CPU, and the result is labelled. Only calls from Python come here. Tensors that torch's C++ code makes
are labelled :data:`~.labels.ANY` by the dispatch mode.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.utils import _device

from . import errors, generators, transfer
from .labels import ANY, CPU, CUDA, label, logical_device, normalise, raw_label, set_pinned
from .patching import Patches

_stack_length = torch._C._len_torch_function_stack

_LIKE = (
    "empty_like",
    "zeros_like",
    "ones_like",
    "full_like",
    "rand_like",
    "randn_like",
    "randint_like",
)
_NEW = ("new_empty", "new_empty_strided", "new_zeros", "new_ones", "new_full", "new_tensor")
_FROM_DATA = frozenset({"as_tensor", "asarray", "tensor"})


def _names() -> dict[Any, tuple[Any, str]]:
    """Return the constructors that use the default device, with the module and name of each."""
    found: dict[Any, tuple[Any, str]] = {}
    constructors: Any = _device._device_constructors
    functions: Any = constructors()
    for function in functions:
        name = str(getattr(function, "__name__", ""))
        for owner in (torch, torch.fft, torch.nested):
            if getattr(owner, name.removeprefix("fft_"), None) is function:
                found[function] = owner, name.removeprefix("fft_")
    return found


def _run(function: Callable[..., Any], args: Any, kwargs: dict[str, Any], device: torch.device) -> Any:
    pinned = bool(kwargs.get("pin_memory"))
    if pinned and device is CUDA:
        raise errors.pinned_factory()
    generator = kwargs.get("generator")
    if generator is not None:
        generators.check(generator, device)
    kwargs["device"] = CPU
    if pinned:
        kwargs["pin_memory"] = False
    made = function(*args, **kwargs)
    if isinstance(made, torch.Tensor):
        label(made, device)
        if pinned:
            set_pinned(made)
    return made


def _default_device() -> Any:
    """Return the device of the innermost device context or of ``set_default_device``."""
    for depth in reversed(range(_stack_length())):
        mode = torch._C._get_function_stack_at(depth)
        if isinstance(mode, _device.DeviceContext):
            return mode.device
    return None


def _simulated(device: torch.device) -> bool:
    return device.type in ("cpu", "cuda")


def _constructor(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def construct(*args: Any, **kwargs: Any) -> Any:
        asked = kwargs.get("device")
        if asked is None:
            asked = _default_device()
        if kwargs.get("out") is not None:
            kwargs.pop("device", None)
            return function(*args, **kwargs)
        device = CPU if asked is None else normalise(asked)
        if not _simulated(device):
            return function(*args, **kwargs)
        return _run(function, args, kwargs, device)

    return construct


def _like(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def construct(source: Any, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs.get("device")
        if asked is None or not isinstance(source, torch.Tensor):
            return function(source, *args, **kwargs)
        device = normalise(asked)
        if not _simulated(device):
            return function(source, *args, **kwargs)
        return _run(function, (source, *args), kwargs, device)

    return construct


def _new_tensor(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def construct(self: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs.get("device")
        device = logical_device(self) if asked is None else normalise(asked)
        if not _simulated(device):
            return function(self, data, *args, **kwargs)
        return _run(function, (self, data, *args), kwargs, device)

    return construct


def _tensor(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def construct(data: Any, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs.get("device")
        if asked is None:
            asked = _default_device()
        if asked is None and isinstance(data, torch.Tensor):
            asked = logical_device(data)
        device = CPU if asked is None else normalise(asked)
        if not _simulated(device):
            return function(data, *args, **kwargs)
        return _run(function, (data, *args), kwargs, device)

    return construct


def _convert(function: Callable[..., Any], data_name: str) -> Callable[..., Any]:
    """``as_tensor`` and ``asarray``, which share the caller's memory where they can."""

    @functools.wraps(function)
    def construct(*args: Any, **kwargs: Any) -> Any:
        data = args[0] if args else kwargs.get(data_name)
        asked = kwargs.get("device")
        if asked is None:
            asked = _default_device()
        if isinstance(data, torch.Tensor):
            source = logical_device(data)
            device = source if asked is None else normalise(asked)
            if not (_simulated(device) and _simulated(source)):
                return function(*args, **kwargs)
            kwargs["device"] = CPU
            return transfer.move(function(*args, **kwargs), device)
        device = CPU if asked is None else normalise(asked)
        if not _simulated(device):
            return function(*args, **kwargs)
        kwargs["device"] = CPU
        made = function(*args, **kwargs)
        if raw_label(made) is ANY:
            label(made, CPU)
        # The result may share an array's memory; a copy on the card must not.
        return transfer.move(made, device)

    return construct


def patch(patches: Patches) -> None:
    """Replace the functions that make tensors."""
    for function, (owner, name) in _names().items():
        if name == "tensor":
            replacement = _tensor(function)
        elif name in _FROM_DATA:
            replacement = _convert(function, "data" if name == "as_tensor" else "obj")
        else:
            replacement = _constructor(function)
        patches.set(owner, name, replacement)
    # ``normal`` takes a device only together with a size.
    patches.set(torch, "normal", _normal(torch.normal))
    for name in _LIKE:
        patches.set(torch, name, _like(getattr(torch, name)))
    for name in _NEW:
        real = getattr(torch.Tensor, name)
        patches.set(torch.Tensor, name, _new_tensor(real) if name == "new_tensor" else _like(real))
    patches.set(torch, "from_dlpack", _from_dlpack(vars(torch)["from_dlpack"]))
    patches.set(torch.Tensor, "new", _new(torch.Tensor.new))
    patches.set(torch, "Generator", generators.SimulatedGenerator)


def _from_dlpack(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def from_dlpack(data: Any, *args: Any, **kwargs: Any) -> Any:
        made = function(data, *args, **kwargs)
        return label(made, logical_device(data)) if isinstance(data, torch.Tensor) else made

    return from_dlpack


def _new(function: Any) -> Callable[..., Any]:
    @functools.wraps(function)
    def new(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        return label(function(self, *args, **kwargs), logical_device(self))

    return new


def _normal(function: Callable[..., Any]) -> Callable[..., Any]:
    construct = _constructor(function)

    @functools.wraps(function)
    def normal(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(value, torch.Tensor) for value in (*args, *kwargs.values())):
            return function(*args, **kwargs)
        # ``normal`` ignores the default device.
        kwargs["device"] = kwargs.get("device") or CPU
        return construct(*args, **kwargs)

    return normal
