"""Memory in huge pages: the content stays as it is, and where the kernel can, there are fewer pages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import needs_fork
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue

GATHERS = """
import mmap, sys
from learn_torch.engine import huge_pages

def huge():
    with open("/proc/self/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("AnonHugePages"))

memory = mmap.mmap(-1, 16 * huge_pages.HUGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for at in range(0, len(memory), 4096):
    memory[at : at + 2] = (at // 4096 % 65536).to_bytes(2, "little")
before = huge()
huge_pages.gather()
assert all(memory[at : at + 2] == (at // 4096 % 65536).to_bytes(2, "little") for at in range(0, len(memory), 4096))
print(before, huge())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there are no such pages elsewhere")
def test_memory_is_gathered_and_stays_as_it_is() -> None:
    run = subprocess.run([sys.executable, "-c", GATHERS], capture_output=True, text=True, check=True)
    before, after = map(int, run.stdout.split())
    if after == before:
        pytest.skip("this kernel gathers no pages on demand: Linux 6.1 is the first")
    assert after - before >= 10 * 2048


@needs_fork
def test_checks_are_the_same_from_an_engine_that_has_gathered_its_memory(catalogue: Catalogue) -> None:
    exercise = catalogue.resolve("core/03")
    source = (exercise.solutions / "solution.py").read_bytes()
    with Checker("fork", many=True) as checker:
        assert checker.check(exercise, source).verdict == "passed"
        assert checker.check(exercise, source.replace(b"//", b"/")).verdict == "failed"
