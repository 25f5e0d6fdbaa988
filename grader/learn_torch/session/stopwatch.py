"""Measures the time of a worker so that a busy machine makes no difference.

It counts the CPU time of all the worker's threads and the time that the worker sleeps. It does not count the time that
the worker waits for a processor. On an idle machine the result is the wall-clock time, or more where several threads
compute at once.
"""

from __future__ import annotations

import sys
import time

from learn_torch.worker.confinement import keeper, usage

_SETTLED = 0.2
"""Seconds of short answers that are measured together: to measure each would take longer than the answer."""
_EVERY = 0.05
_GIVEN_BACK = 1.0
"""Seconds of counted sleep, at most, that a later measurement may correct to waiting."""


class Stopwatch:
    """Measures the time of one worker. Outside Linux, this is the wall-clock time.

    Args:
        pid: the worker's process id; for a tree, its keeper's.
        tree: the worker may have child processes, whose time counts, too.
    """

    def __init__(self, pid: int, *, tree: bool) -> None:
        self._pid, self._tree = pid, tree
        self._fair = sys.platform == "linux"
        self._time = usage.ProcessorTime()
        self.counted = 0.0
        """Counted seconds so far."""
        self.on_the_clock = 0.0
        """Wall-clock seconds between requests and replies so far."""
        self._unsettled = 0.0  # wall-clock seconds that are not measured yet
        self._too_much = 0.0  # seconds counted as sleep that may turn out to be waiting
        self._computed, self._waits = self.computed(), self._all_waits()
        self._asked = self._looked = time.monotonic()

    def start(self) -> None:
        """Call this when a request is sent."""
        self._asked = self._looked = time.monotonic()

    def look(self) -> None:
        """Call this while there is no reply: counts the time so far, at most every `_EVERY` seconds."""
        now = time.monotonic()
        if now - self._looked >= _EVERY:
            self._unsettled += now - self._looked
            self._looked = now
            self._settle()

    def stop(self) -> None:
        """Call this when the reply has come."""
        now = time.monotonic()
        self.on_the_clock += now - self._asked
        self._unsettled += now - self._looked
        if self._unsettled >= _SETTLED:
            self._settle()

    def _settle(self) -> None:
        passed, self._unsettled = self._unsettled, 0.0
        if not self._fair:
            self.counted += passed
            return
        computed, waits = self.computed(), self._all_waits()
        worked = max(computed - self._computed, 0.0)
        # The kernel reports a wait only when it is over. Until then it counts as sleep; subtract that now.
        waited = max((now - self._waits.get(thread, 0.0) for thread, now in waits.items()), default=0.0)
        self._computed, self._waits = computed, waits
        slept = passed - waited - worked
        if slept >= 0:
            self._too_much = min(self._too_much + slept, _GIVEN_BACK)
            self.counted += worked + slept
        else:
            given_back = min(-slept, self._too_much)
            self._too_much -= given_back
            self.counted += worked - given_back

    def computed(self) -> float:
        """CPU seconds of all the worker's threads; 0 outside Linux."""
        if not self._fair:
            return 0.0
        if not self._tree:
            return usage.exact_processor_seconds(self._pid)
        return self._time.seconds({self._pid, *keeper.descendants(self._pid)})

    def _all_waits(self) -> dict[str, float]:
        if not self._fair:
            return {}
        # Without the keeper itself: its waits say nothing about the submission.
        pids = keeper.descendants(self._pid) if self._tree else {self._pid}
        return {
            thread: seconds for pid in pids for thread, seconds in usage.waits_for_a_processor(pid).items()
        }
