"""``torch.cuda`` and ``torch.accelerator`` of a machine with one card. Nothing here calls a driver."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch

from . import errors, process, streams
from .labels import is_cuda
from .patching import Patches
from .process import Process, initialise

NAME = "Simulated CUDA"
CAPABILITY = (8, 0)
MEMORY = 16 * 1024**3


class _Memory:
    """The largest allocation that was measured."""

    peak = 0


def reset() -> None:
    """Reset the card's state."""
    process.reset()
    _Memory.peak = 0


def check_device(device: Any = None) -> int:
    """Return the index of a CUDA device, which can only be 0."""
    if device is None:
        return 0
    if isinstance(device, str):
        device = torch.device(device)
    if isinstance(device, torch.device):
        if device.type != "cuda":
            raise ValueError(f"Expected a cuda device, but got: {device}")
        device = device.index
    if device not in (None, 0, -1):
        raise errors.invalid_ordinal()
    initialise()
    return 0


def _capability(device: Any = None) -> tuple[int, int]:
    check_device(device)
    return CAPABILITY


def _name(device: Any = None) -> str:
    check_device(device)
    return NAME


def _properties(device: Any = None) -> SimpleNamespace:
    check_device(device)
    return SimpleNamespace(
        name=NAME,
        major=CAPABILITY[0],
        minor=CAPABILITY[1],
        total_memory=MEMORY,
        multi_processor_count=108,
        max_threads_per_multi_processor=2048,
        warp_size=32,
        is_integrated=0,
        is_multi_gpu_board=0,
    )


def _allocated(device: Any = None) -> int:
    """Return the bytes of all tensors on the card that Python can reach."""
    found: dict[int, int] = {}
    for value in gc.get_objects():
        # Not isinstance, which would run a proxy's code.
        if (
            issubclass(type(value), torch.Tensor)
            and type(value) in (torch.Tensor, torch.nn.Parameter)
            and is_cuda(value)
        ):
            storage = value.untyped_storage()
            # CUDA's allocator uses blocks of 512 bytes.
            found[storage._cdata] = -(-storage.nbytes() // 512) * 512
    total = sum(found.values())
    _Memory.peak = max(_Memory.peak, total)
    return total


def _peak(device: Any = None) -> int:
    return max(_Memory.peak, _allocated())


def _reset_peak(device: Any = None) -> None:
    _Memory.peak = 0


def _stats(device: Any = None) -> dict[str, int]:
    return {"allocated_bytes.all.current": _allocated(), "allocated_bytes.all.peak": _peak()}


def _memory_info(device: Any = None) -> tuple[int, int]:
    check_device(device)
    return MEMORY - _allocated(), MEMORY


def _synchronize(device: Any = None) -> None:
    check_device(device)


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Replace functions that have nothing to do in the simulation."""


def _set_device(device: Any) -> None:
    check_device(device)


def _current_index(*args: Any) -> int:
    initialise()
    return 0


class DeviceGuard:
    """Replaces ``torch.cuda.device`` and ``torch.accelerator.device_index``."""

    def __init__(self, device: Any = None) -> None:
        """Check the index, as entering the real one does."""
        self.idx = check_device(device)
        self.prev_idx = -1

    def __enter__(self) -> None:
        """Do nothing: there is only one card."""

    def __exit__(self, *exception: object) -> None:
        """Do nothing."""


def _seed(seed: int) -> None:
    # The card uses the CPU's generator; torch.manual_seed seeds that with the same seed right after this.
    torch.default_generator.manual_seed(int(seed))


def _get_rng_state(device: Any = "cuda") -> torch.Tensor:
    check_device(device)
    return torch.default_generator.get_state()


def _set_rng_state(state: torch.Tensor, device: Any = "cuda") -> None:
    check_device(device)
    torch.default_generator.set_state(state)


def _is_initialized() -> bool:
    return Process.initialised and not Process.bad_fork


def _current_accelerator(check_available: bool = False) -> torch.device:
    return torch.device("cuda")


def _another(function: Any) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return run


def patch(patches: Patches) -> None:
    """Replace the functions of both modules."""
    memory = {
        "memory_allocated": _allocated,
        "max_memory_allocated": _peak,
        "memory_reserved": _allocated,
        "max_memory_reserved": _peak,
        "memory_stats": _stats,
        "reset_peak_memory_stats": _reset_peak,
        "reset_accumulated_memory_stats": _nothing,
        "empty_cache": _nothing,
        "get_device_capability": _capability,
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "synchronize": _synchronize,
        "current_stream": streams.current_stream,
        "set_stream": streams.set_stream,
    }
    cuda = {
        **memory,
        "_lazy_init": initialise,
        "init": initialise,
        "is_initialized": _is_initialized,
        "_is_in_bad_fork": lambda: Process.bad_fork,
        "_lazy_call": lambda function, **kwargs: function(),
        "current_device": _current_index,
        "set_device": _set_device,
        "get_device_name": _name,
        "get_device_properties": _properties,
        "device": DeviceGuard,
        "device_of": DeviceGuard,
        "can_device_access_peer": lambda *devices: False,
        "is_bf16_supported": lambda *args, **kwargs: True,
        "is_tf32_supported": lambda: True,
        "is_current_stream_capturing": lambda: False,
        "ipc_collect": _nothing,
        "mem_get_info": _memory_info,
        "memory_summary": lambda *args, **kwargs: f"{NAME}: {_allocated()} bytes allocated",
        "memory_cached": _allocated,
        "max_memory_cached": _peak,
        "reset_max_memory_allocated": _reset_peak,
        "reset_max_memory_cached": _reset_peak,
        "manual_seed": _seed,
        "manual_seed_all": _seed,
        "seed": _nothing,
        "seed_all": _nothing,
        "initial_seed": lambda: torch.default_generator.initial_seed(),
        "get_rng_state": _get_rng_state,
        "get_rng_state_all": lambda: [_get_rng_state()],
        "set_rng_state": _set_rng_state,
        "set_rng_state_all": lambda states: _set_rng_state(states[0]),
        "Stream": streams.Stream,
        "Event": streams.Event,
        "stream": streams.StreamGuard,
        "StreamContext": streams.StreamGuard,
        "default_stream": streams.default_stream,
        "utilization": lambda device=None: 0,
    }
    patches.set_existing(torch.cuda, cuda)
    patches.set_existing(torch.cuda.random, {name: cuda[name] for name in ("manual_seed", "manual_seed_all")})
    patches.set_existing(torch.cuda.memory, memory)
    accelerator = {
        # The compiler's table of functions needs a different function for each name.
        **{name: _another(function) for name, function in memory.items()},
        "current_accelerator": _current_accelerator,
        "current_device_index": _another(_current_index),
        "current_device_idx": _another(_current_index),
        "set_device_index": _another(_set_device),
        "set_device_idx": _another(_set_device),
        "get_memory_info": _another(_memory_info),
        "device_index": DeviceGuard,
    }
    patches.set_existing(torch.accelerator, accelerator)
