"""Streams and events: everything is done at once, so there is nothing to order or to wait for."""

from __future__ import annotations

import time
from typing import Any

from .labels import CUDA


class Stream:
    """Stands in for ``torch.cuda.Stream``."""

    def __init__(self, device: Any = None, priority: int = 0, **kwargs: Any) -> None:
        """Make a stream of the only card."""
        self.device = CUDA
        self.device_index = 0
        self.priority = priority
        self.cuda_stream = 0
        self.stream_id = 0

    def query(self) -> bool:
        """Everything is done."""
        return True

    def synchronize(self) -> None:
        """Wait for nothing."""

    def wait_stream(self, stream: Any) -> None:
        """Wait for nothing."""

    def wait_event(self, event: Any) -> None:
        """Wait for nothing."""

    def record_event(self, event: Any = None) -> Any:
        """Record an event."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def is_capturing(self) -> bool:
        """Graphs are not simulated."""
        return False

    def __enter__(self) -> Stream:
        """Work on this stream."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Work on the previous one."""


class Event:
    """Stands in for ``torch.cuda.Event``."""

    def __init__(
        self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False
    ) -> None:
        """Make an event that was not recorded."""
        self.enable_timing = enable_timing
        self._time = 0.0

    def record(self, stream: Any = None) -> None:
        """Note the time."""
        self._time = time.perf_counter()

    def wait(self, stream: Any = None) -> None:
        """Wait for nothing."""

    def query(self) -> bool:
        """Everything is done."""
        return True

    def synchronize(self) -> None:
        """Wait for nothing."""

    def elapsed_time(self, end_event: Event) -> float:
        """Return the milliseconds between two events."""
        if not (self.enable_timing and end_event.enable_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        return (end_event._time - self._time) * 1000


class StreamGuard:
    """Stands in for ``torch.cuda.stream`` and ``torch.cuda.StreamContext``."""

    def __init__(self, stream: Any) -> None:
        """Remember nothing."""
        self.stream = stream

    def __enter__(self) -> None:
        """Change nothing."""

    def __exit__(self, *exception: object) -> None:
        """Change nothing back."""


_DEFAULT = Stream()


def current_stream(device: Any = None) -> Stream:
    """Return the only stream that matters."""
    return _DEFAULT


def default_stream(device: Any = None) -> Stream:
    """Return the same."""
    return _DEFAULT


def set_stream(stream: Any) -> None:
    """Change nothing."""
