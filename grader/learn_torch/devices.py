"""Names of devices, as users write them and reports show them. `runs/devices.py` checks whether this machine has one.

auto              the device that the exercise asks for, or the best one available
cpu
simulated-cuda    a CUDA device without a card, for checks
cuda, cuda:1      a card
mps               an Apple GPU
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

PATTERN = r"^(auto|cpu|simulated-cuda|mps|cuda(:\d{1,3})?)\Z"
"""All names, as a regular expression."""

CHECKED_ON = r"^(auto|cpu|simulated-cuda|cuda(:\d{1,3})?)\Z"
"""The names that a check accepts, as a regular expression."""

Kind = Literal["auto", "cpu", "simulated-cuda", "cuda", "mps"]


class Device(Struct, frozen=True):
    """A device: its kind, and its index among several cards. `str(device)` is its full name: `cuda:0`."""

    kind: Kind
    index: int = 0

    def __str__(self) -> str:
        return f"cuda:{self.index}" if self.is_card else self.kind

    @property
    def is_card(self) -> bool:
        """Whether it is a real CUDA card."""
        return self.kind == "cuda"

    @property
    def is_simulated(self) -> bool:
        """Whether it is CUDA without a card."""
        return self.kind == "simulated-cuda"

    @property
    def for_torch(self) -> str:
        """What `torch.device` takes: a simulated device has the name of the first card."""
        return "cuda:0" if self.is_simulated else str(self)


def parse(name: str) -> Device:
    """The device that a name means; `cuda` is `cuda:0`. Raises ValueError if it is not the name of a device."""
    if re.match(PATTERN, name) is None:
        raise ValueError(name)
    kind, _colon, index = name.partition(":")
    return Device(kind, int(index or 0))  # type: ignore[arg-type]  # the pattern knows all kinds
