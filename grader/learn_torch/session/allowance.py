"""The time that a session may take, and the time of one question and its answer."""

from __future__ import annotations

import time

from learn_torch.session.stopwatch import Stopwatch
from learn_torch.session.watch import Watch
from learn_torch.wire import messages
from learn_torch.wire.channel import ChannelTimeout

_FOR_IMPORTS = 6.0
"""Seconds that importing the submission may take in all its workers, before it takes from the checks' own time."""
_SHORTEST = 1.0
"""Seconds that a call may take at least, however short the time limit is."""
_LONGEST = 600.0
"""Seconds on the clock for one answer: on a machine so busy that a worker gets no processor at all."""
_READY = 120.0
"""Seconds on the clock for a worker to become ready: on a cold and busy machine it imports torch."""


class Allowance:
    """What is left of a session's time, as stopwatches count it.

    Args:
        time_limit: seconds for all checks together. One call may take a quarter: one that hangs must leave time for the
            other checks.
    """

    def __init__(self, time_limit: float) -> None:
        self._left = time_limit
        self._left_for_imports = _FOR_IMPORTS
        self._call = max(time_limit / 4, _SHORTEST)
        # The judge's own work on the answers counts, too: a submission must not cost more by giving a lot to do.
        self._end = time.process_time() + time_limit + _FOR_IMPORTS

    def is_used_up(self) -> bool:
        """Whether nothing more may be asked."""
        return self._left <= 0 or time.process_time() > self._end

    def of(self, request: messages.Request) -> float:
        """Seconds that an answer may take."""
        if isinstance(request, messages.Load):
            return self._left_for_imports + self._left
        return min(self._call, self._left)

    def take(self, request: messages.Request, seconds: float) -> None:
        """Take the time of an answer from what is left."""
        self._end -= seconds
        if isinstance(request, messages.Load):
            free = min(seconds, self._left_for_imports)
            self._left_for_imports -= free
            seconds -= free
        self._left -= seconds


class Turn:
    """One question and its answer: watched, and timed where there is a stopwatch.

    Args:
        limit: seconds that the answer may take.
        stopwatch: the worker's; None while it is being made ready.
        watch: the worker's; None while it is being made ready.
    """

    def __init__(self, limit: float, stopwatch: Stopwatch | None, watch: Watch | None) -> None:
        self.limit = limit
        self.seconds = 0.0
        """What it took, as it counts, when it is over."""
        self._stopwatch, self._watch = stopwatch, watch
        self._started = time.monotonic()
        self.deadline = self._started + (_READY if stopwatch is None else _LONGEST)
        """When to give up in any case, in seconds of `time.monotonic()`."""
        self._before = 0.0
        if stopwatch is not None:
            stopwatch.start()
            self._before = stopwatch.counted

    def look(self) -> None:
        """No answer yet. Raises Overuse, and ChannelTimeout when it has taken too long."""
        if self._watch is not None:
            self._watch.look()
        if self._stopwatch is not None:
            self._stopwatch.look()
            if self._stopwatch.counted - self._before > self.limit:
                raise ChannelTimeout

    def end(self) -> None:
        """The answer is here, or there will be none."""
        if self._stopwatch is not None:
            self._stopwatch.stop()
            self.seconds = self._stopwatch.counted - self._before

    @property
    def busy(self) -> bool:
        """Whether others used the processor for more than half of the time."""
        if self._stopwatch is None:
            return False
        return time.monotonic() - self._started > 2 * (self._stopwatch.counted - self._before)
