"""Random generators with a device.

The simulated card has no random numbers of its own: without a generator it draws from the CPU's default one,
so that a training run gives the CPU's numbers.
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
    """Stands in for :class:`torch.Generator` and may say that it belongs to the card."""

    def __new__(cls, device: Any = "cpu") -> Any:
        """Make a generator of the CPU's kind, and remember its device."""
        place = normalise(device)
        made: Any = super().__new__(cls, CPU if place is CUDA else place)
        made.learn_device = place
        return made

    def __init__(self, device: Any = "cpu") -> None:
        """Do nothing: ``__new__`` has done it."""

    @property
    def device(self) -> torch.device:
        """The device that the generator says it belongs to."""
        return where(self)


def where(generator: Any) -> torch.device:
    """Return the device of any generator."""
    found: torch.device = getattr(generator, "learn_device", CPU)
    return found


def check(generator: Any, device: Any) -> None:
    """Raise where a generator belongs to another device than the tensor that it fills."""
    expected = "cuda" if device is CUDA else "cpu"
    found = where(generator).type
    if expected != found:
        raise errors.generator(expected, found)
