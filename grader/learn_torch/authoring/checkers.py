"""Several warm checkers, for checks beside each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
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
        self._all = [Checker(hidden=hidden, gpu=gpu) for _number in range(self.jobs)]
        self._free: SimpleQueue[Checker] = SimpleQueue()
        for checker in self._all:
            self._free.put(checker)
        self._pool = ThreadPoolExecutor(self.jobs)

    def run(self, task: Task[Result]) -> Result:
        """Do one task, with a checker of its own as long as it lasts."""
        checker = self._free.get()
        try:
            return task(checker)
        finally:
            self._free.put(checker)

    def map(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        """Do all tasks, as many at a time as there are checkers; the results come in order."""
        return self._pool.map(self.run, tasks)

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
