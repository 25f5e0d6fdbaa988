"""Pictures, packs and a context to run in."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import pytest
from PIL import Image
from rich.console import Console

from learn_torch.course import Catalogue, CoursePack, Exercise
from learn_torch.runs.context import RunContext


class Consoles(TypedDict):
    """Arguments of whatever speaks."""

    console: Console
    errors: Console


@dataclass
class Spoken:
    """What a run said: results and, on standard error, the rest."""

    results: io.StringIO = field(default_factory=io.StringIO)
    errors: io.StringIO = field(default_factory=io.StringIO)

    def consoles(self) -> Consoles:
        return {
            "console": Console(file=self.results, soft_wrap=True, highlight=False),
            "errors": Console(file=self.errors, soft_wrap=True, highlight=False),
        }


@pytest.fixture
def spoken() -> Spoken:
    return Spoken()


@pytest.fixture
def context(tmp_path: Path, spoken: Spoken) -> Callable[..., RunContext]:
    def make(**more: Any) -> RunContext:
        return RunContext(**spoken.consoles(), seed=0, out=tmp_path / "out", **more)

    return make


@pytest.fixture
def class_folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of class folders: nearly white `ants` and nearly black `bees`, to be told apart easily."""

    def make(**counts: int) -> Path:
        chance = random.Random(1)
        folder = tmp_path / "pictures"
        for label, count in counts.items():
            (folder / label).mkdir(parents=True)
            for number in range(count):
                light = chance.randrange(40) + (200 if label == "ants" else 0)
                Image.new("RGB", (40, 30), (light, light, light)).save(folder / label / f"{number:03}.png")
        return folder

    return make


MANIFEST = """\
format_version = 1
id = "{id}"
slug = "{slug}"
title = {{ en = "Title", zh = "标题" }}
topics = []
functions = ["answer"]
hints = [{{ en = "none", zh = "无" }}]
data = {data}
[[checks]]
name = "test_it"
title = {{ en = "it", zh = "它" }}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., list[Exercise]]:
    """Makes a course pack: for each exercise's name its run and its reference, or None for no run."""

    def make(runs: dict[str, tuple[str, str] | None], data: str = "[]") -> list[Exercise]:
        root = tmp_path / "pack"
        for name, sources in runs.items():
            number, _underscore, slug = name.partition("_")
            (root / "exercises" / "pack" / name).mkdir(parents=True)
            manifest = MANIFEST.format(id=number, slug=slug, data=data)
            (root / "exercises" / "pack" / name / "exercise.toml").write_text(manifest, encoding="utf-8")
            folder = root / "solutions" / "pack" / name
            folder.mkdir(parents=True)
            if sources is not None:
                for file, source in zip(("run.py", "solution.py"), sources, strict=True):
                    (folder / file).write_text(source, encoding="utf-8")
        names = ", ".join(f'"{name}"' for name in runs)
        (root / "exercises" / "pack" / "track.toml").write_text(
            f'format_version = 1\nid = "pack"\ntitle = {{ en = "Pack", zh = "包" }}\nexercises = [{names}]\n',
            encoding="utf-8",
        )
        return list(Catalogue([CoursePack("pack", root)]))

    return make


@pytest.fixture
def measured() -> Path:
    """A folder of real pictures beside the checkout; not part of the project."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real pictures beside the checkout (../shared/data)")
    return folder
