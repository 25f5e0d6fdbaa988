"""A folder of installed packages, and `learn` with it on its path."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from command_line import Ran


def install(site: Path, name: str, source: str) -> None:
    """Puts a distribution with one plugin module into a folder of packages."""
    (site / f"{name}.py").write_text(source, encoding="utf-8")
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[learn]\n{name} = {name}\n")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Beside the current folder: what lies in that is not imported."""
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@pytest.fixture
def learn(learn: Callable[..., Ran], site: Path) -> Callable[..., Ran]:
    return partial(learn, site=site)
