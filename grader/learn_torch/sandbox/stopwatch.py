"""How long a worker takes, fairly on a busy machine.

What counts is the time that it computes, in all its threads, and the time that it sleeps; not the time that it waits
for a processor which others use. On an idle machine this is the time on the clock, or more where several threads
compute at once.
"""

from __future__ import annotations

import sys
import time

from learn_torch.sandbox.confinement import keeper, usage

_SETTLED = 0.2
"""Seconds of short answers that are looked at together: a look at each would take longer than they do."""
_EVERY = 0.05


class Stopwatch:
    """The time of one worker. Elsewhere than on Linux, the time on the clock.

    Args:
        pid: its number.
        tree: it may have processes of its own, whose time counts, too; `pid` is the first of them.
    """

    def __init__(self, pid: int, *, tree: bool) -> None:
        self._pid, self._tree = pid, tree
        self._fair = sys.platform == "linux"
        self.counted = 0.0
        """Seconds that count, so far."""
        self.on_the_clock = 0.0
        """Seconds between questions and answers, so far."""
        self._short = 0.0  # on the clock, of answers that came before anybody looked
        self._computed, self._waited = self._computes(), self._waits()
        self._asked = self._looked = time.monotonic()

    def start(self) -> None:
        """Something is asked."""
        self._asked = self._looked = time.monotonic()

    def look(self) -> None:
        """No answer yet: count what has passed, if some time has."""
        now = time.monotonic()
        if now - self._looked < _EVERY:
            return
        if self._short:
            self._settle()
        passed, self._looked = now - self._looked, now
        if not self._fair:
            self.counted += passed
            return
        computed = self._computes()
        asleep = passed if self._is_asleep() else 0.0
        self.counted += max(computed - self._computed, asleep)
        self._computed, self._waited = computed, self._waits()

    def stop(self) -> None:
        """The answer is here."""
        now = time.monotonic()
        self.on_the_clock += now - self._asked
        self._short += now - self._looked
        if self._short >= _SETTLED:
            self._settle()

    def _settle(self) -> None:
        if self._fair:
            computed, waited = self._computes(), self._waits()
            self.counted += max(computed - self._computed, self._short - (waited - self._waited), 0.0)
            self._computed, self._waited = computed, waited
        else:
            self.counted += self._short
        self._short = 0.0

    def _computes(self) -> float:
        if not self._fair:
            return 0.0
        if not self._tree:
            return usage.exact_processor_seconds(self._pid)
        return sum(map(usage.processor_seconds, {self._pid, *keeper.descendants(self._pid)}))

    def _waits(self) -> float:
        return usage.waited_for_a_processor(self._pid) if self._fair else 0.0

    def _is_asleep(self) -> bool:
        return all(map(usage.is_asleep, keeper.descendants(self._pid) if self._tree else {self._pid}))
