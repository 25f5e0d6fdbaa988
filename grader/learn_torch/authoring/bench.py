"""Run submissions for `learn verify`. Runs with a known outcome are not repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from learn_torch.authoring.cache import OutcomeCache, key_of, surroundings_of
from learn_torch.authoring.checkers import Checkers
from learn_torch.authoring.plan import Seeds
from learn_torch.course import Exercise
from learn_torch.judge.job import Outcome

_AT_ONCE = 5
"""How many seeds one job runs in sequence. More would save little, and leave other cores idle at the end."""


class Watcher(Protocol):
    """Receives the progress of a verification."""

    def began(self, exercise: Exercise, what: str) -> None:
        """A run for an exercise begins; `what` names it."""

    def done(self, runs: int) -> None:
        """This many runs have ended or are not needed."""


@dataclass
class Bench:
    """Runs submissions in parallel.

    Args:
        checkers: checkers without a card.
        with_card: checkers that can use the card, if there is one.
        seeds: how many seeds each kind of submission gets.
        watcher: receives the progress of every run.
        lang: the language of messages. It is an argument because the threads that run submissions do not inherit the
            current language.
        cache: outcomes of earlier runs, if they may be used.
        turns: the number of each exercise. The lowest waiting number runs first, so that exercises finish in order.
        ran: how many runs were made.
        kept: how many runs were skipped because their outcome was known.
    """

    checkers: Checkers
    with_card: Checkers | None
    seeds: Seeds
    watcher: Watcher
    lang: str = "en"
    cache: OutcomeCache | None = None
    turns: dict[str, int] = field(default_factory=dict)
    ran: int = 0
    kept: int = 0
    _surroundings: dict[tuple[str, bool], bytes] = field(default_factory=dict)
    _stamps: dict[str, list[int]] = field(default_factory=dict)

    async def examine(
        self,
        exercise: Exercise,
        source: bytes,
        seeds: Sequence[int],
        *,
        what: str,
        device: str = "",
        **options: Any,
    ) -> list[Outcome]:
        """The outcomes of a submission with these seeds, in their order.

        Args:
            exercise: the exercise of the submission.
            source: the bytes of the submission.
            seeds: one run for each.
            what: a short name of the submission, for the watcher.
            device: the device; by default the exercise's own.
            options: the other options of `Checker.examine`.
        """
        device = device or exercise.manifest.device
        card = self.with_card is not None and device == "cuda:0"
        keys = {
            seed: key_of(self._around(exercise, card), source, device, seed, self.lang, options)
            for seed in seeds
        }
        outcomes = {seed: known for seed in seeds if (known := self._known(keys[seed])) is not None}
        if outcomes:
            self.kept += len(outcomes)
            self.watcher.done(len(outcomes))
        missing = [seed for seed in seeds if seed not in outcomes]

        async def run(some: Sequence[int]) -> None:
            checkers = self.with_card if card and self.with_card else self.checkers
            async with checkers.turn(self.turns.get(exercise.key, 0)):
                self.watcher.began(exercise, what)
                found = await checkers.run(
                    lambda checker: checker.examine_seeds(
                        exercise, source, some, device=device, lang=self.lang, **options
                    )
                )
            for seed, outcome in zip(some, found, strict=True):
                outcomes[seed] = outcome
                if self.cache is not None and self._stamps[exercise.key] == _stamps_of(exercise):
                    self.cache.put(keys[seed], outcome)
            self.ran += len(some)
            self.watcher.done(len(some))

        await asyncio.gather(*map(run, _in_batches(missing, self.checkers.jobs)))
        return [outcomes[seed] for seed in seeds]

    def _known(self, key: str) -> Outcome | None:
        return None if self.cache is None else self.cache.get(key)

    def _around(self, exercise: Exercise, card: bool) -> bytes:
        # Computed once. If a grader is edited during the run, later outcomes are not cached.
        at = exercise.key, card
        if at not in self._surroundings:
            self._stamps.setdefault(exercise.key, _stamps_of(exercise))
            self._surroundings[at] = surroundings_of(exercise, gpu=card)
        return self._surroundings[at]


def _stamps_of(exercise: Exercise) -> list[int]:
    files = (exercise.grader, *exercise.fixtures)
    return [path.stat().st_mtime_ns if path.is_file() else 0 for path in files]


def _in_batches(seeds: Sequence[int], jobs: int) -> list[Sequence[int]]:
    """Seeds in batches of about equal size, small enough to keep all cores busy."""
    if not seeds:
        return []
    number = max(-(-len(seeds) // _AT_ONCE), min(jobs, len(seeds) // 2), 1)
    size = -(-len(seeds) // number)
    return [seeds[at : at + size] for at in range(0, len(seeds), size)]
