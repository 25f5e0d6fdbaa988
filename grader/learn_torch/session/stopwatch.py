"""How long a worker takes, fairly on a busy machine.

What counts is the time that it computes, in all its threads, and the time that it sleeps; not the time that it waits
for a processor which others use. On an idle machine this is the time on the clock, or more where several threads
compute at once.
"""

from __future__ import annotations

import sys
import time

from learn_torch.worker.confinement import keeper, usage

_SETTLED = 0.2
"""Seconds of short answers that are looked at together: a look at each would take longer than they do."""
_EVERY = 0.05
_GIVEN_BACK = 1.0
"""Seconds of sleep, at most, that may turn out to have been waiting."""


class Stopwatch:
    """The time of one worker. Elsewhere than on Linux, the time on the clock.

    Args:
        pid: its number.
        tree: it may have processes of its own, whose time counts, too; `pid` is the first of them.
    """

    def __init__(self, pid: int, *, tree: bool) -> None:
        self._pid, self._tree = pid, tree
        self._fair = sys.platform == "linux"
        self._time = usage.ProcessorTime()
        self.counted = 0.0
        """Seconds that count, so far."""
        self.on_the_clock = 0.0
        """Seconds between questions and answers, so far."""
        self._unsettled = 0.0  # on the clock, that nobody has looked at yet
        self._too_much = 0.0  # counted as sleep lately, and may turn out to have been waiting
        self._computed, self._waits = self._computes(), self._all_waits()
        self._asked = self._looked = time.monotonic()

    def start(self) -> None:
        """Something is asked."""
        self._asked = self._looked = time.monotonic()

    def look(self) -> None:
        """No answer yet: count what has passed, if some time has."""
        now = time.monotonic()
        if now - self._looked >= _EVERY:
            self._unsettled += now - self._looked
            self._looked = now
            self._settle()

    def stop(self) -> None:
        """The answer is here."""
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
        computed, waits = self._computes(), self._all_waits()
        worked = max(computed - self._computed, 0.0)
        # The kernel tells of a wait when it is over. What was taken for sleep until then is given back.
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
        """Seconds that the worker has computed, in all its threads; 0 elsewhere than on Linux."""
        return self._computes()

    def _computes(self) -> float:
        if not self._fair:
            return 0.0
        if not self._tree:
            return usage.exact_processor_seconds(self._pid)
        return self._time.seconds({self._pid, *keeper.descendants(self._pid)})

    def _all_waits(self) -> dict[str, float]:
        if not self._fair:
            return {}
        # The keeper itself waits for others all the time.
        pids = keeper.descendants(self._pid) if self._tree else {self._pid}
        return {
            thread: seconds for pid in pids for thread, seconds in usage.waits_for_a_processor(pid).items()
        }
