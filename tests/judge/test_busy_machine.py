"""On a busy machine, right code still passes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conftest import messages
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, Exercise

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere limits count the time on the clock"
)

SLOW_STARTS = {
    "core/02": """
from pathlib import Path
from PIL import Image
from torch.utils.data import Dataset

class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir, transform=None):
        self.folder, self.label, self.transform = Path(root_dir, label_dir), str(label_dir), transform
        self.root_dir, self.label_dir = root_dir, label_dir
        found = (p for p in self.folder.iterdir() if p.is_file() and p.suffix.lower() in (".jpg", ".jpeg", ".png"))
        self.image_names = sorted(p.name for p in found)

    def __len__(self):
        return len(self.image_names)

    def __getitem__(self, index):
        from torchvision.transforms import v2
        n = len(self)
        if not -n <= index < n:
            raise IndexError(index)
        image = Image.open(self.folder / self.image_names[index % n]).convert("RGB")
        image = v2.Identity()(image)
        return (image if self.transform is None else self.transform(image)), self.label
""",
    "core/03": """
import torch
torch.use_deterministic_algorithms(True)

def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    with torch.device("meta"):
        layer = torch.nn.Conv2d(input_shape[1], out_channels, kernel_size, stride, padding, dilation)
        return tuple(layer(torch.empty(input_shape)).shape)

def same_padding(kernel_size, dilation=1):
    twice = dilation * (kernel_size - 1)
    if twice % 2:
        raise ValueError(f"no padding fits: {kernel_size}, {dilation}")
    return twice // 2
""",
}


@pytest.fixture
def busy() -> Iterator[None]:
    """Four processes per core that compute all the time."""
    with hogs(4, apart=False):
        yield


@pytest.fixture
def crowded() -> Iterator[None]:
    """Three per core, each in a session of its own, as a worker is: Linux may share the processors among sessions."""
    with hogs(3, apart=True):
        yield


@contextmanager
def hogs(per_core: int, *, apart: bool) -> Iterator[None]:
    command = [sys.executable, "-S", "-c", "while True: pass"]
    count = per_core * len(os.sched_getaffinity(0))
    started = [subprocess.Popen(command, start_new_session=apart) for _ in range(count)]
    try:
        yield
    finally:
        for hog in started:
            hog.kill()
            hog.wait()


@pytest.fixture(scope="module")
def core(catalogue: Catalogue) -> list[Exercise]:
    return [exercise for exercise in catalogue if exercise.track.id == "core"]


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
def test_the_references_pass_on_a_busy_machine(core: list[Exercise]) -> None:
    with Checker() as checker:
        for exercise in core:
            report = checker.check(exercise, (exercise.solutions / "solution.py").read_bytes())
            assert report.verdict == "passed", (exercise.key, messages(report))


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("name", SLOW_STARTS)
def test_what_is_slow_when_it_is_used_first_passes_on_a_busy_machine(name: str, catalogue: Catalogue) -> None:
    with Checker() as checker:
        report = checker.check(catalogue.resolve(name), SLOW_STARTS[name].encode())
        assert report.verdict == "passed", messages(report)


@pytest.mark.slow
@pytest.mark.usefixtures("crowded")
def test_a_check_that_runs_out_of_time_says_that_the_machine_is_busy(catalogue: Catalogue) -> None:
    hangs = b"def conv_output_shape(*args, **kwargs):\n    while True: pass\n\ndef same_padding(*args):\n    return 0\n"
    with Checker() as checker:
        report = checker.check(catalogue.resolve("core/03"), hangs)
    assert any("The machine was busy." in text for text in messages(report).values()), messages(report)
