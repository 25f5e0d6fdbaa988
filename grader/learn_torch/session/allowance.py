"""The time limit of a session, and the time of one request and its reply."""

from __future__ import annotations

import time

from learn_torch.session.stopwatch import Stopwatch
from learn_torch.session.watch import Watch
from learn_torch.wire import messages
from learn_torch.wire.channel import ChannelTimeout

_FOR_IMPORTS = 6.0
"""Seconds for importing the submission, in all workers together; after that, imports use up the time of the checks."""
_SHORTEST = 1.0
"""Every call may take at least so many seconds, however short the time limit is."""
_LONGEST = 600.0
"""Wall-clock seconds for one answer, for a machine so busy that the worker gets no processor."""
_READY = 120.0
"""Wall-clock seconds for a worker to become ready: it may import torch, on a busy machine with cold caches."""


class Allowance:
    """The time that is left of a session, as stopwatches count it.

    Args:
        time_limit: seconds for all checks together. One call may take a quarter of it, so that a call that hangs leaves
            time for the other checks.
    """

    def __init__(self, time_limit: float) -> None:
        self._left = time_limit
        self._left_for_imports = _FOR_IMPORTS
        self._call = max(time_limit / 4, _SHORTEST)
        # The judge's own work counts, too: a submission could otherwise cost more time by large answers.
        self._end = time.process_time() + time_limit + _FOR_IMPORTS

    def is_used_up(self) -> bool:
        """Whether no more requests may be sent."""
        return self._left <= 0 or time.process_time() > self._end

    def of(self, request: messages.Request) -> float:
        """Seconds that the reply to a request may take."""
        if isinstance(request, messages.Load):
            return self._left_for_imports + self._left
        return min(self._call, self._left)

    def take(self, request: messages.Request, seconds: float) -> None:
        """Subtract the time of a reply from the time that is left."""
        self._end -= seconds
        if isinstance(request, messages.Load):
            free = min(seconds, self._left_for_imports)
            self._left_for_imports -= free
            seconds -= free
        self._left -= seconds


class Turn:
    """One request and its reply, watched and timed.

    Args:
        limit: seconds that the reply may take.
        stopwatch: the worker's; None while the worker is being made ready.
        watch: the worker's; None while the worker is being made ready.
    """

    def __init__(self, limit: float, stopwatch: Stopwatch | None, watch: Watch | None) -> None:
        self.limit = limit
        self.seconds = 0.0
        """Counted seconds, known after `end`."""
        self._stopwatch, self._watch = stopwatch, watch
        self._started = time.monotonic()
        self.deadline = self._started + (_READY if stopwatch is None else _LONGEST)
        """When to give up at the latest, in seconds of `time.monotonic()`."""
        self._before = 0.0
        if stopwatch is not None:
            stopwatch.start()
            self._before = stopwatch.counted

    def look(self) -> None:
        """Call this while there is no reply. Raises Overuse, or ChannelTimeout when the reply takes too long."""
        if self._watch is not None:
            self._watch.look()
        if self._stopwatch is not None:
            self._stopwatch.look()
            if self._stopwatch.counted - self._before > self.limit:
                raise ChannelTimeout

    def end(self) -> None:
        """Call this when the reply has come, or will not come."""
        if self._stopwatch is not None:
            self._stopwatch.stop()
            self.seconds = self._stopwatch.counted - self._before

    @property
    def busy(self) -> bool:
        """Whether other processes used the processor for more than half of the time."""
        if self._stopwatch is None:
            return False
        return time.monotonic() - self._started > 2 * (self._stopwatch.counted - self._before)
