"""Random generators with a device.

The simulated card uses the CPU's default generator, so a training run gives the same numbers as on the CPU.
"""

from __future__ import annotations

from typing import Any

import torch

from . import errors
from .labels import CPU, CUDA, normalise

_RealGenerator: Any = torch.Generator


_GeneratorType: Any = type(_RealGenerator)


class _Meta(_GeneratorType):  # type: ignore[misc]
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _RealGenerator)


class SimulatedGenerator(_RealGenerator, metaclass=_Meta):  # type: ignore[misc]
    """Replaces :class:`torch.Generator`; its logical device may be the card."""

    def __new__(cls, device: Any = "cpu") -> Any:
        """Make a CPU generator and remember its logical device."""
        place = normalise(device)
        made: Any = super().__new__(cls, CPU if place is CUDA else place)
        made.learn_device = place
        return made

    def __init__(self, device: Any = "cpu") -> None:
        """Do nothing: ``__new__`` has done everything."""

    @property
    def device(self) -> torch.device:
        """The generator's logical device."""
        return where(self)


def where(generator: Any) -> torch.device:
    """Return the logical device of any generator."""
    found: torch.device = getattr(generator, "learn_device", CPU)
    return found


def check(generator: Any, device: Any) -> None:
    """Raise if a generator is not on the device of the tensor that it fills."""
    expected = "cuda" if device is CUDA else "cpu"
    found = where(generator).type
    if expected != found:
        raise errors.generator(expected, found)
