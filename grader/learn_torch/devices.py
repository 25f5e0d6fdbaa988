"""Names of devices, as a user writes them and as a report has them. Whether a machine has one is another question.

auto              what an exercise asks for, or the best that there is
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
"""Those that a check may be asked for, as a regular expression."""

Kind = Literal["auto", "cpu", "simulated-cuda", "cuda", "mps"]


class Device(Struct, frozen=True):
    """A device by its kind, and which of several cards it is. `str` of it is its full name: `cuda:0`."""

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
    """The device that a name means; `cuda` is `cuda:0`. Raises ValueError where it is no device's name."""
    if re.match(PATTERN, name) is None:
        raise ValueError(name)
    kind, _colon, index = name.partition(":")
    return Device(kind, int(index or 0))  # type: ignore[arg-type]  # the pattern knows all kinds
