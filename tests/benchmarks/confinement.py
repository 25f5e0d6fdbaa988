"""What confinement costs a check and a worker, in one run: `python tests/benchmarks/confinement.py`."""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack, Exercise, course_root
from learn_torch.engine.engine import Engine
from learn_torch.engine.workers import ForkedWorkers
from learn_torch.wire import messages

MIB = 2**20


def private_memory(pid: int) -> float:
    """MiB that a process has to itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def setup(base: Path, *, confined: bool) -> messages.Setup:
    """What a worker for core/03 is told first."""
    scratch = base / f"session-{confined}" / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return messages.Setup(
        device="cpu", imports=["torch"], scratch=str(scratch), readable=[], base=str(base), hidden=[str(course_root())],
        processes=False, confined=confined, memory=2**30, cpu_seconds=60,
    )  # fmt: skip


def seconds_of_checks(exercise: Exercise, rounds: int) -> dict[bool, list[float]]:
    """Seconds of a check of the reference from a ready engine, with and without confinement by turns."""
    source = (exercise.solutions / "solution.py").read_bytes()
    times: dict[bool, list[float]] = {True: [], False: []}
    with Checker(confined=True) as confined, Checker(confined=False) as free:
        for turn in range(rounds + 2):
            for checker, kept in ((confined, True), (free, False)):
                started = time.perf_counter()
                assert checker.check(exercise, source).verdict == "passed"
                if turn >= 2:
                    times[kept].append(time.perf_counter() - started)
    return times


def memory_of_workers(rounds: int) -> dict[bool, list[float]]:
    """MiB that a ready worker has to itself, with and without confinement."""
    found: dict[bool, list[float]] = {True: [], False: []}
    with Engine() as engine:
        engine.prepare_confinement([str(course_root())])
        engine.ensure(["torch", "learn_torch.worker.worker", "learn_torch.engine.warm"])
        for _ in range(rounds):
            for confined in (True, False):
                worker = ForkedWorkers(engine.client).take()
                deadline = time.monotonic() + 60
                worker.channel.send(messages.encode(setup(engine.base, confined=confined)), deadline)
                worker.channel.receive(deadline)
                found[confined].append(private_memory(worker.pid))
                worker.end(tree=False)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    rounds = parser.parse_args().rounds
    exercise = Catalogue([CoursePack("learn-torch", course_root())]).resolve("core/03")
    kept = True
    for title, unit, factor, figures, most in (
        ("a check of 03 from a ready engine", "ms", 1000, seconds_of_checks(exercise, rounds), 10),
        ("private memory of a ready worker", "MiB", 1, memory_of_workers(min(rounds, 11)), 5),
    ):
        with_, without = (statistics.median(figures[confined]) * factor for confined in (True, False))
        pairs = zip(figures[True], figures[False], strict=True)
        more = statistics.median(factor * (one - other) for one, other in pairs)
        good = more <= most
        kept &= good
        print(f"{title}: {with_:.1f} {unit} confined, {without:.1f} {unit} not: {with_ / without:.2f} times;")
        print(f"  {more:+.1f} {unit}, pair by pair (at most {most}: {'kept' if good else 'NOT KEPT'})")
    print("every promise is kept" if kept else "some promise is NOT kept")


if __name__ == "__main__":
    main()
