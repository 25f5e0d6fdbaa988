"""A course of somebody else's: as a folder, and installed with pip into an environment of its own."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from command_line import Ran, command
from conftest import source_of

PACK = Path(__file__).parent / "packs" / "tensor-warmups"
SOLUTIONS = PACK / "tensor_warmups" / "solutions" / "tensor_warmups"
Learn = Callable[..., Ran]


@dataclass
class Scratch:
    """A Python that has the course installed, and otherwise what this one has; `packages` is where that lies."""

    python: Path
    packages: Path


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    folder = tmp_path_factory.mktemp("scratch")
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    packages = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    lines = [f"import site; site.addsitedir({path!r})" for path in site.getsitepackages()]
    (packages / "around.pth").write_text("\n".join(lines) + "\n")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    subprocess.run([*install, "--no-deps", "--no-build-isolation", str(PACK)], check=True, timeout=300)
    return Scratch(python, packages)


@pytest.fixture(params=["folder", pytest.param("installed", marks=pytest.mark.slow)])
def learn(request: pytest.FixtureRequest, learn: Learn) -> Learn:
    """Runs `learn`, which knows the course; by default it has to succeed."""
    if request.param == "folder":
        return lambda *arguments, code=0: learn(*arguments, "--course", PACK, code=code)
    return partial(learn, site=request.getfixturevalue("scratch").packages, code=0)


def test_it_is_taught(learn: Learn, tmp_path: Path) -> None:
    learn("init", "mine")
    stub = tmp_path / "mine" / "exercises" / "tensor_warmups" / "02_standardise.py"
    assert "raise NotImplementedError" in stub.read_text("utf-8")
    assert "mean 0 and standard deviation 1" in learn("show", "standardise").out
    assert "Along which dimension" in learn("hint", "tensor_warmups/02", "1").out
    assert "tensor_warmups/02" in learn("list").out


def test_it_is_checked_and_a_mistake_is_named(learn: Learn, tmp_path: Path) -> None:
    right = SOLUTIONS / "02_standardise" / "solution.py"
    assert learn("check", "standardise", "--file", right, "--json").json["verdict"] == "passed"
    wrong = tmp_path / "wrong.py"
    wrong.write_bytes(source_of(SOLUTIONS / "02_standardise", "biased"))
    report = learn("check", "standardise", "--file", wrong, "--json", code=1).json
    assert report["diagnosis"] == {
        "mistake": "biased",
        "message": "The spread divides by N instead of N - 1.",
    }


def test_its_reference_runs_on_a_data_set_of_its_own(learn: Learn) -> None:
    ran = learn("run-solution", "mean_of_squares", "--data", "ants_bees", "--json")
    assert set(ran.json["results"]["means"]) == {"ants", "bees"}


@pytest.mark.slow
def test_in_its_own_environment_it_is_checked_and_brings_a_data_set(scratch: Scratch, tmp_path: Path) -> None:
    def learn_process(*arguments: object) -> str:
        made = command(*arguments)
        made["args"][0] = str(scratch.python)
        done = subprocess.run(**made, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    solution = SOLUTIONS / "02_standardise" / "solution.py"
    assert "passed" in learn_process("check", "standardise", "--file", solution)
    assert "across" in learn_process("run-solution", "mean_of_squares", "--data", "stripes")
    assert "stripes" in learn_process("plugins")


def test_it_is_verified(learn: Learn) -> None:
    report = learn("verify", "tensor_warmups", "--seeds", 2, "--mutate", "--json", "--no-budget").json
    assert report["findings"] == []
    assert report["score"] == 1.0
    assert [one["mistakes"] for one in report["exercises"]] == [4, 6]
