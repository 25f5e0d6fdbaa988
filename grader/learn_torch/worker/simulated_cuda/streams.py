"""Streams and events. Nothing is asynchronous, so there is nothing to order and nothing to wait for."""

from __future__ import annotations

import time
from typing import Any

from .labels import CUDA


class Stream:
    """Replaces ``torch.cuda.Stream``."""

    def __init__(self, device: Any = None, priority: int = 0, **kwargs: Any) -> None:
        """Make a stream on the only card."""
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
        """Return False: graphs are not simulated."""
        return False

    def __enter__(self) -> Stream:
        """Enter the stream."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Return to the previous stream."""


class Event:
    """Replaces ``torch.cuda.Event``."""

    def __init__(
        self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False
    ) -> None:
        """Make an event that is not recorded yet."""
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
    """Replaces ``torch.cuda.stream`` and ``torch.cuda.StreamContext``."""

    def __init__(self, stream: Any) -> None:
        """Keep the stream."""
        self.stream = stream

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, *exception: object) -> None:
        """Do nothing."""


_DEFAULT = Stream()


def current_stream(device: Any = None) -> Stream:
    """Return the default stream."""
    return _DEFAULT


def default_stream(device: Any = None) -> Stream:
    """Return the default stream."""
    return _DEFAULT


def set_stream(stream: Any) -> None:
    """Do nothing."""
