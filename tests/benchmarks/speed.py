"""How fast `learn` is, as ratios within one run: `python tests/benchmarks/speed.py`.

Whole processes, in turns, so that what else the machine does hits both sides alike; the median of each counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack, course_root

HERE = Path(__file__).parent
SUBMISSION = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"
LEARN = [str(Path(sys.executable).with_name("learn"))]


def command(*arguments: object, cwd: Path) -> Callable[[], None]:
    """Runs a command to its end, output thrown away."""

    def run() -> None:
        subprocess.run(
            [str(argument) for argument in arguments],
            check=True,
            cwd=cwd,
            env={**os.environ, "SUBMISSION": str(SUBMISSION)},
            stdout=subprocess.DEVNULL,
        )

    return run


def medians(rounds: int, **actions: Callable[[], None]) -> dict[str, float]:
    """Seconds of each action, the median over `rounds`, the actions taking turns; one round before does not count."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(rounds + 1):
        for name, action in actions.items():
            started = time.perf_counter()
            action()
            if turn:
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, seconds: dict[str, float], base: str, promises: dict[str, float]) -> bool:
    """Print a table; whether each promise (at most so many times `base`) is kept."""
    kept = True
    print(f"\n{title}")
    for name, value in seconds.items():
        ratio = value / seconds[base]
        verdict = ""
        if name in promises:
            good = ratio <= promises[name]
            kept &= good
            verdict = f"(at most {promises[name]:.3g}: {'kept' if good else 'NOT KEPT'})"
        print(f"  {name:<42} {value * 1000:9.1f} ms {ratio:8.3f} {verdict}")
    return kept


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        in_process = command(
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, HERE / "checks_of_03.py",
            cwd=here,
        )  # fmt: skip
        kept = show(
            "cold: a check of 03, the reference",
            medians(
                rounds,
                base=in_process,
                learn_check=command(*LEARN, "check", "03", "--file", SUBMISSION, cwd=here),
            ),
            "base",
            {"learn_check": 1.2},
        )
        exercise = Catalogue([CoursePack("learn-torch", course_root())]).resolve("core/03")
        source = SUBMISSION.read_bytes()
        with Checker() as checker:

            def check() -> None:
                assert checker.check(exercise, source).verdict == "passed"

            kept &= show(
                "from a ready engine: a check of 03, the reference",
                medians(rounds, base=in_process, check=check),
                "base",
                {"check": 1 / 20},
            )
    print("\nevery promise is kept" if kept else "\nsome promise is NOT kept")


if __name__ == "__main__":
    main()
