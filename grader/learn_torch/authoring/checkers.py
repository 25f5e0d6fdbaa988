"""Several warm checkers, for checks beside each other."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from learn_torch.checking.checker import Checker

Result = TypeVar("Result")
Task = Callable[[Checker], Result]


class Checkers:
    """As many warm checkers as there are cores. A context manager: leaving it ends their processes.

    Args:
        jobs: how many; by default one a core.
        hidden: what no submission may read.
        gpu: leave real CUDA devices visible.
    """

    def __init__(self, jobs: int | None = None, *, hidden: Sequence[Path] = (), gpu: bool = False) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self.gpu = gpu
        self._all = [Checker(hidden=hidden, gpu=gpu) for _number in range(self.jobs)]
        self._free = list(self._all)
        self._waiting: list[tuple[int, int, asyncio.Future[Checker]]] = []
        self._numbers = itertools.count()
        self._pool = ThreadPoolExecutor(self.jobs)

    @asynccontextmanager
    async def one(self, turn: int) -> AsyncIterator[Checker]:
        """A checker of one's own. Where all are busy, the lowest `turn` comes first."""
        if not self._free:
            freed: asyncio.Future[Checker] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (turn, next(self._numbers), freed))
            checker = await freed
        else:
            checker = self._free.pop()
        try:
            yield checker
        finally:
            self._give_back(checker)

    async def run(self, task: Task[Result], checker: Checker) -> Result:
        """Do a task in a thread beside the others. Cancelled, it still ends before anybody else has its checker."""
        doing = asyncio.get_running_loop().run_in_executor(self._pool, task, checker)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise

    def _give_back(self, checker: Checker) -> None:
        while self._waiting:
            _turn, _number, freed = heapq.heappop(self._waiting)
            if not freed.done():  # or whoever waited was cancelled
                freed.set_result(checker)
                return
        self._free.append(checker)

    def __enter__(self) -> Checkers:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process."""
        self._pool.shutdown(cancel_futures=True)
        for checker in self._all:
            checker.close()
