"""A course of somebody else's: as a folder, and installed with pip into an environment of its own."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import source_of

PACK = Path(__file__).parent / "packs" / "tensor-warmups"
SOLUTIONS = PACK / "tensor_warmups" / "solutions" / "tensor_warmups"
Learn = Callable[..., subprocess.CompletedProcess[str]]


def runner(python: Path | str, cwd: Path, *more: str) -> Learn:
    def learn(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(python), "-m", "learn_torch.cli", *map(str, arguments), *more],
            env={**os.environ, "LEARN_LANG": "en", "LEARN_CACHE": str(cwd / "cache")},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return learn


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the course installed, and otherwise what this one has."""
    folder = tmp_path_factory.mktemp("scratch")
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    packages = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    lines = [f"import site; site.addsitedir({path!r})" for path in site.getsitepackages()]
    (packages / "around.pth").write_text("\n".join(lines) + "\n")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    subprocess.run([*install, "--no-deps", "--no-build-isolation", str(PACK)], check=True, timeout=300)
    return python


@pytest.fixture(params=["folder", pytest.param("installed", marks=pytest.mark.slow)])
def learn(request: pytest.FixtureRequest, tmp_path: Path) -> Learn:
    if request.param == "folder":
        return runner(sys.executable, tmp_path, "--course", str(PACK))
    return runner(request.getfixturevalue("scratch"), tmp_path)


def test_it_is_taught(learn: Learn, tmp_path: Path) -> None:
    learn("init", "mine")
    stub = tmp_path / "mine" / "exercises" / "tensor_warmups" / "02_standardise.py"
    assert "raise NotImplementedError" in stub.read_text("utf-8")
    assert "mean 0 and standard deviation 1" in learn("show", "standardise").stdout
    assert "Along which dimension" in learn("hint", "tensor_warmups/02", "1").stdout
    assert "tensor_warmups/02" in learn("list").stdout


def test_it_is_checked_and_a_mistake_is_named(learn: Learn, tmp_path: Path) -> None:
    right = SOLUTIONS / "02_standardise" / "solution.py"
    assert json.loads(learn("check", "standardise", "--file", right, "--json").stdout)["verdict"] == "passed"
    wrong = tmp_path / "wrong.py"
    wrong.write_bytes(source_of(SOLUTIONS / "02_standardise", "biased"))
    report = json.loads(learn("check", "standardise", "--file", wrong, "--json", code=1).stdout)
    assert report["diagnosis"] == {
        "mistake": "biased",
        "message": "The spread divides by N instead of N - 1.",
    }


def test_its_reference_runs_on_a_data_set_of_its_own(learn: Learn) -> None:
    done = learn("run-solution", "mean_of_squares", "--data", "ants_bees", "--json")
    assert set(json.loads(done.stdout)["results"]["means"]) == {"ants", "bees"}


@pytest.mark.slow
def test_its_plugin_brings_a_data_set(scratch: Path, tmp_path: Path) -> None:
    learn = runner(scratch, tmp_path)
    done = learn("run-solution", "mean_of_squares", "--data", "stripes")
    assert "across" in done.stdout
    assert "stripes" in learn("plugins").stdout


def test_it_is_verified(learn: Learn) -> None:
    done = learn("verify", "tensor_warmups", "--seeds", 2, "--mutate", "--json", "--no-budget")
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert report["score"] == 1.0
    assert [one["mistakes"] for one in report["exercises"]] == [4, 6]
