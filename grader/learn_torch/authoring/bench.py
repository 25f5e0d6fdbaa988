"""Where submissions are run for `learn verify`: what was run before is not run again."""

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
"""Seeds that one checker takes one after the other: more would save little, and leave other cores idle at the end."""


class Watcher(Protocol):
    """Is told how far a verification has got."""

    def began(self, exercise: Exercise, what: str) -> None:
        """Something of an exercise runs now."""

    def done(self, runs: int) -> None:
        """So many runs have ended, or need not be made."""


@dataclass
class Bench:
    """Runs submissions, as many beside each other as there are checkers.

    Args:
        checkers: see no card.
        with_card: see the card, where there is one.
        seeds: with how many seeds each is run.
        watcher: is told of every run.
        lang: the language of messages. An argument, because the threads that run submissions have a context of their
            own, in which nobody has said what to speak.
        cache: outcomes of earlier runs, where they may be used.
        turns: of exercises that wait, the one with the lowest number runs first, so that they end one after the other.
        ran: how many runs were made.
        kept: how many were not, because their outcome was known.
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
            exercise: what it is a submission for.
            source: its bytes.
            seeds: one run for each.
            what: it is, in a word or two, for who watches.
            device: where; by default the exercise's own.
            options: the others of `Checker.examine`.
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
        # Read once: where a grader is edited meanwhile, what it says from then on is not kept.
        at = exercise.key, card
        if at not in self._surroundings:
            self._stamps.setdefault(exercise.key, _stamps_of(exercise))
            self._surroundings[at] = surroundings_of(exercise, gpu=card)
        return self._surroundings[at]


def _stamps_of(exercise: Exercise) -> list[int]:
    files = (exercise.grader, *exercise.fixtures)
    return [path.stat().st_mtime_ns if path.is_file() else 0 for path in files]


def _in_batches(seeds: Sequence[int], jobs: int) -> list[Sequence[int]]:
    """Seeds in batches of equal size, none longer than is good for the other cores."""
    if not seeds:
        return []
    number = max(-(-len(seeds) // _AT_ONCE), min(jobs, len(seeds) // 2), 1)
    size = -(-len(seeds) // number)
    return [seeds[at : at + size] for at in range(0, len(seeds), size)]
