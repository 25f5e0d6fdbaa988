"""Processor time of one warm check, by process: `python tests/benchmarks/warm_check.py`.

`--beside PYTHON` measures another environment's learn-torch in turns with this one, and prints the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PARTS = {
    "client": "hands over the job, takes the outcome",
    "engine": "forks workers",
    "template": "forks judges",
    "judges": "pytest, the grader, requests",
    "workers": "confinement, the submission",
}
TICK = os.sysconf("SC_CLK_TCK")


def times(pid: int) -> tuple[float, float]:
    """Seconds that a process has computed, and its dead children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, of_children = fields[11:13], fields[13:15]
    return sum(map(int, own)) / TICK, sum(map(int, of_children)) / TICK


def children(pid: int) -> list[int]:
    """The numbers of a process's children, the oldest first."""
    lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return sorted(int(number) for text in lists for number in text.split())


def measure(name: str, rounds: int, many: bool) -> dict[str, float]:
    """Milliseconds of each part, and of the whole on the clock, for one check."""
    try:
        from learn_torch.checking.checker import Checker
    except ImportError:  # an older one beside this
        from learn_torch.judge.session import Checker  # type: ignore[import-not-found, no-redef]
    from learn_torch.course import Catalogue, CoursePack, course_root

    exercise = Catalogue([CoursePack("learn-torch", course_root())]).resolve(name)
    source = (exercise.solutions / "solution.py").read_bytes()
    with Checker(many=True) if many else Checker() as checker:
        for _ in range(3):
            assert checker.check(exercise, source).verdict == "passed"
        (engine,) = children(os.getpid())
        template = children(engine)[0]

        def so_far() -> list[float]:
            own, judges = times(template)
            forking, workers = times(engine)
            return [time.process_time(), forking, own, judges, workers, time.perf_counter()]

        before = so_far()
        for _ in range(rounds):
            checker.check(exercise, source)
        after = so_far()
    spent = [1000 * (b - a) / rounds for a, b in zip(before, after, strict=True)]
    return dict(zip([*PARTS, "clock"], spent, strict=True))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercise", nargs="?", default="03")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--beside", help="the Python of another environment")
    parser.add_argument("--one", choices=["few", "many"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.exercise, options.rounds, options.one == "many")))
        return
    ways = [("few", sys.executable), ("many", sys.executable)]
    if options.beside:
        ways.insert(0, ("few", options.beside))
    found: list[list[dict[str, float]]] = [[] for _ in ways]
    for turn in range(options.times):
        for way in range(len(ways)) if turn % 2 else reversed(range(len(ways))):
            how, python = ways[way]
            command = [python, __file__, options.exercise, f"--rounds={options.rounds}", f"--one={how}"]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            found[way].append(json.loads(run.stdout))
    titles = [*(["beside"] if options.beside else []), "a few", "many"]
    print(f"{'ms for a check of ' + options.exercise:42}" + "".join(f"{title:>9}" for title in titles))
    medians = [{part: statistics.median(one[part] for one in of) for part in of[0]} for of in found]
    for part, does in PARTS.items():
        print(f"{part:10}{does:32}" + "".join(f"{one[part]:9.1f}" for one in medians))
    totals = [[sum(one[part] for part in PARTS) for one in of] for of in found]
    print(f"{'together':42}" + "".join(f"{statistics.median(of):9.1f}" for of in totals))
    ratios = [statistics.median(a / b for a, b in zip(of, totals[0], strict=True)) for of in totals]
    print(f"{'ratio to the first, median of pairs':42}" + "".join(f"{ratio:9.2f}" for ratio in ratios))
    print(f"{'on the clock':42}" + "".join(f"{one['clock']:9.1f}" for one in medians))


if __name__ == "__main__":
    main()
