"""One warm checker for several checks at a time."""

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
    """One warm checker that runs several checks at a time.

    A context manager: leaving it ends its processes.

    Args:
        jobs: how many checks at a time; by default one per core.
        hidden: what no submission may read.
        gpu: leave real CUDA devices visible.
    """

    def __init__(self, jobs: int | None = None, *, hidden: Sequence[Path] = (), gpu: bool = False) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self.gpu = gpu
        self._checker = Checker(hidden=hidden, gpu=gpu, many=True)
        self._free = self.jobs
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._pool = ThreadPoolExecutor(self.jobs)

    @asynccontextmanager
    async def turn(self, number: int) -> AsyncIterator[None]:
        """Wait until a check may run. Among waiting checks, the lowest `number` comes first."""
        if self._free:
            self._free -= 1
        else:
            freed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (number, next(self._numbers), freed))
            await freed
        try:
            yield
        finally:
            self._let_another()

    async def run(self, task: Task[Result]) -> Result:
        """Run a task in a thread. Even if it is cancelled, this waits for its end, so that the turn stays taken."""
        doing = asyncio.get_running_loop().run_in_executor(self._pool, task, self._checker)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise

    def _let_another(self) -> None:
        while self._waiting:
            _number, _order, freed = heapq.heappop(self._waiting)
            if not freed.done():  # done: the waiting task was cancelled
                freed.set_result(None)
                return
        self._free += 1

    def __enter__(self) -> Checkers:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process."""
        self._pool.shutdown(cancel_futures=True)
        self._checker.close()
