"""Framed messages between processes, with limits on size and time.

A frame is a length of four bytes, big-endian, and a msgpack payload. The trusted end never waits without a deadline,
and never allocates memory for bytes that have not come. Deadlines are seconds of `time.monotonic()`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import struct
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import IO, TypeVar

from learn_torch import wire

OUTPUT_LIMIT = 64 * 1024
"""Bytes of a submission's output that are kept between two calls of `take_output`."""
_CHUNK = 1 << 16
_TURN = 0.05
"""Seconds between two calls of `meanwhile` during a wait."""
Item = TypeVar("Item")
_UNASKED = "a message without a request"


class ChannelError(Exception):
    """The other end broke the protocol, or has exited."""


class ChannelClosed(ChannelError):
    """The other end closed the channel."""


class ChannelTimeout(ChannelError):
    """No complete message came before the deadline."""


class Output:
    """What the worker printed: the first 64 KB since the last `take`, and how many bytes were dropped."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Append as much as fits."""
        room = OUTPUT_LIMIT - len(self._kept)
        self._kept += data[: max(room, 0)]
        self._dropped += max(len(data) - max(room, 0), 0)

    def take(self) -> tuple[str, int]:
        """Return the text and the number of dropped bytes, and start again with nothing."""
        taken = self._kept.decode("utf-8", "replace"), self._dropped
        self._kept, self._dropped = bytearray(), 0
        return taken


class Channel(ABC):
    """The judge's end of the pipes to one worker."""

    @abstractmethod
    def send(self, payload: bytes, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Send one frame.

        Args:
            payload: the content of the frame.
            deadline: when to give up.
            meanwhile: is called repeatedly until everything is sent. Its exceptions end the wait.

        Raises:
            ChannelClosed, ChannelTimeout, or ChannelError if an unrequested message has come.
        """

    @abstractmethod
    def receive(self, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> bytes:
        """Receive one frame.

        Args:
            deadline: when to give up.
            meanwhile: is called repeatedly until a frame has come. Its exceptions end the wait.

        Raises:
            ChannelClosed, ChannelTimeout, or ChannelError for a frame that is too large.
        """

    @abstractmethod
    def take_output(self) -> tuple[str, int]:
        """What the worker printed since the last call, and how many bytes of it were dropped."""

    @abstractmethod
    def close(self) -> None:
        """Close every descriptor."""


class SelectorChannel(Channel):
    """For systems where `select` takes pipes: one thread, non-blocking descriptors; waiting also reads the output."""

    def __init__(self, read: int, write: int, output: int) -> None:
        self._read, self._write, self._output_fd = read, write, output
        self._output = Output()
        self._received = bytearray()
        self._selector = selectors.DefaultSelector()
        for descriptor in {read, write, output}:
            os.set_blocking(descriptor, False)
        self._selector.register(output, selectors.EVENT_READ)
        self._selector.register(read, selectors.EVENT_READ)

    def send(self, payload: bytes, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        if not self._fill():
            raise ChannelClosed
        if self._received:
            raise ChannelError(_UNASKED)
        pending = memoryview(frame(payload))
        try:
            pending = pending[os.write(self._write, pending) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise ChannelClosed from error
        if not pending:
            return
        # A separate selector, because one descriptor may serve both directions.
        with selectors.DefaultSelector() as selector:
            selector.register(self._output_fd, selectors.EVENT_READ)
            selector.register(self._write, selectors.EVENT_WRITE)
            while pending:
                for key in self._wait(selector, deadline):
                    if key == self._write:
                        try:
                            pending = pending[os.write(self._write, pending) :]
                        except BlockingIOError:
                            continue
                        except OSError as error:
                            raise ChannelClosed from error
                    elif not self._drain_output():
                        selector.unregister(self._output_fd)
                meanwhile()

    def receive(self, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> bytes:
        while True:
            if len(self._received) >= 4:
                (size,) = struct.unpack(">I", self._received[:4])
                if size > wire.MAX_FRAME:
                    raise ChannelError(f"a message of {size} bytes; {wire.MAX_FRAME} are allowed")
                if len(self._received) >= 4 + size:
                    payload = bytes(self._received[4 : 4 + size])
                    del self._received[: 4 + size]
                    self._drain_output()
                    return payload
            for key in self._wait(self._selector, deadline):
                if key == self._output_fd:
                    if not self._drain_output():
                        self._selector.unregister(self._output_fd)
                elif not self._fill():
                    raise ChannelClosed
            meanwhile()

    def _wait(self, selector: selectors.BaseSelector, deadline: float) -> list[int]:
        # Every wait checks the deadline, so that endless output cannot extend it.
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise ChannelTimeout
        return [int(key.fd) for key, _events in selector.select(min(remaining, _TURN))]

    def _fill(self) -> bool:
        try:
            data = os.read(self._read, _CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._received += data
        return bool(data)

    def _drain_output(self) -> bool:
        # At most a megabyte at a time, so that the deadline is checked even if the worker prints without end.
        for _ in range(16):
            try:
                data = os.read(self._output_fd, _CHUNK)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self._output.add(data)
        return True

    def take_output(self) -> tuple[str, int]:
        self._drain_output()
        return self._output.take()

    def close(self) -> None:
        self._selector.close()
        for descriptor in {self._read, self._write, self._output_fd}:
            os.close(descriptor)


class ThreadedChannel(Channel):
    """For systems where `select` does not take pipes (Windows): one thread per pipe."""

    def __init__(self, read: IO[bytes], write: IO[bytes], output: IO[bytes]) -> None:
        self._write = write
        self._output = Output()
        self._output_lock = threading.Lock()
        self._outgoing: queue.Queue[bytes | None] = queue.Queue()
        self._sent: queue.Queue[bool] = queue.Queue()
        # Bounded: a worker that sends unrequested messages fills its own pipe, not the judge's memory.
        self._incoming: queue.Queue[bytes | ChannelError] = queue.Queue(maxsize=2)
        for target, stream in ((self._reading, read), (self._writing, write), (self._printing, output)):
            threading.Thread(target=_then_close, args=(target, stream), daemon=True).start()

    def _reading(self, stream: IO[bytes]) -> None:
        while True:
            try:
                self._incoming.put(read_frame(stream))
            except ChannelError as error:
                self._incoming.put(error)
                return

    def _writing(self, stream: IO[bytes]) -> None:
        while (payload := self._outgoing.get()) is not None:
            try:
                stream.write(payload)
                stream.flush()
                self._sent.put(True)
            except (OSError, ValueError):
                self._sent.put(False)

    def _printing(self, stream: IO[bytes]) -> None:
        try:
            while data := os.read(stream.fileno(), _CHUNK):
                with self._output_lock:
                    self._output.add(data)
        except (OSError, ValueError):
            return

    def send(self, payload: bytes, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        if not self._incoming.empty():
            raise ChannelError(_UNASKED)
        self._outgoing.put(frame(payload))
        if not _taken(self._sent, deadline, meanwhile):
            raise ChannelClosed

    def receive(self, deadline: float, meanwhile: Callable[[], None] = lambda: None) -> bytes:
        received = _taken(self._incoming, deadline, meanwhile)
        if isinstance(received, ChannelError):
            raise received
        return received

    def take_output(self) -> tuple[str, int]:
        # It is not known whether the pipe is empty: wait until nothing comes for 10 ms.
        text, dropped = "", 0
        for _ in range(20):
            time.sleep(0.01)
            with self._output_lock:
                more, lost = self._output.take()
            if not more and not lost:
                break
            text, dropped = text + more, dropped + lost
        return text[:OUTPUT_LIMIT], dropped + max(len(text) - OUTPUT_LIMIT, 0)

    def close(self) -> None:
        self._outgoing.put(None)


def _taken(waiting: queue.Queue[Item], deadline: float, meanwhile: Callable[[], None]) -> Item:
    """The next item of a queue. Raises ChannelTimeout at the deadline, and what `meanwhile` raises."""
    while True:
        try:
            return waiting.get(timeout=min(max(deadline - time.monotonic(), 0.001), _TURN))
        except queue.Empty:
            if time.monotonic() >= deadline:
                raise ChannelTimeout from None
            meanwhile()


def _then_close(work: Callable[[IO[bytes]], None], stream: IO[bytes]) -> None:
    # Each thread closes its own stream: to close a stream that another thread reads would hang.
    work(stream)
    with contextlib.suppress(OSError):
        stream.close()


def frame(payload: bytes) -> bytes:
    """The payload with its length in front."""
    return struct.pack(">I", len(payload)) + payload


def read_frame(stream: IO[bytes]) -> bytes:
    """Read one frame from a blocking stream. Raises ChannelClosed, or ChannelError for a frame that is too large."""
    try:
        (size,) = struct.unpack(">I", _exactly(stream, 4))
        if size > wire.MAX_FRAME:
            raise ChannelError(f"a message of {size} bytes; {wire.MAX_FRAME} are allowed")
        return _exactly(stream, size)
    except (OSError, ValueError) as error:
        raise ChannelClosed from error


def _exactly(stream: IO[bytes], size: int) -> bytes:
    parts = []
    while size:
        data = stream.read(min(size, _CHUNK))
        if not data:
            raise ChannelClosed
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def pipes_can_be_selected() -> bool:
    """Whether `select` takes pipes on this system."""
    return sys.platform != "win32"
