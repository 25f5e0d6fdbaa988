"""How fast `learn` starts, as a ratio within one run: `python tests/benchmarks/startup.py`.

Processor time of whole processes, by turns with an interpreter that imports what every command line of this kind does;
the median of the ratios of each pair counts. Processor time, and ratios, because the machine does other things, too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LEARN = str(Path(sys.executable).with_name("learn"))
BASE = [sys.executable, "-c", "import typer, rich"]
AT_MOST = 1.5
# With byte code, as an installation has it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu_seconds(command: list[str], cwd: str) -> float:
    """The processor time, user's and system's, of a command."""
    process = subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print; exit code 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([LEARN, "init", "ws"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        for arguments in (["--help"], ["list"]):
            ratios, base = [], []
            for turn in range(rounds + 1):
                pair = [cpu_seconds(one, f"{folder}/ws") for one in (BASE, [LEARN, *arguments])]
                if turn:  # the first one fills caches
                    base.append(pair[0])
                    ratios.append(pair[1] / pair[0])
            ratio = statistics.median(ratios)
            kept &= ratio <= AT_MOST
            print(
                f"learn {arguments[0]:<8} {ratio:.2f} times `import typer, rich` "
                f"({statistics.median(base) * 1000:.0f} ms); at most {AT_MOST}"
            )
    sys.exit(not kept)


if __name__ == "__main__":
    main()
