"""`learn run-solution` on the core track's references."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(learn: Callable[..., Any], cache: Path) -> Callable[..., Any]:
    def run(*arguments: object) -> Any:
        return learn("run-solution", *arguments, LEARN_CACHE=str(cache))

    return run


def test_getitem_draws_a_contact_sheet_and_prints_the_labels(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run("getitem")
    assert ran.code == 0, ran.err
    assert "ants   40        0" in ran.out
    assert "bees   40        0" in ran.out
    with Image.open(tmp_path / "learn-runs" / "getitem" / "contact_sheet.png") as sheet:
        assert min(sheet.size) > 500


def test_getitem_names_a_broken_picture_and_leaves_it_out(run: Callable[..., Any], tmp_path: Path) -> None:
    for label in ("ants", "bees"):
        (tmp_path / "train" / label).mkdir(parents=True)
        Image.new("RGB", (50, 40), "red").save(tmp_path / "train" / label / "one two.jpg")
    (tmp_path / "train" / "bees" / "broken.png").write_bytes(b"no picture")
    ran = run("02", "--data", tmp_path / "train", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert "broken.png: cannot be read" in ran.err
    assert "bees   1         1" in ran.out
    assert (tmp_path / "out" / "contact_sheet.png").exists()


def test_conv_output_shape_prints_predictions_beside_the_network(run: Callable[..., Any]) -> None:
    ran = run("conv_output_shape", "--device", "cpu")
    assert ran.code == 0, ran.err
    assert ran.out.count("✓") == 9
    assert "✗" not in ran.out
    assert "4 × 64 × 4 × 4" in ran.out


@pytest.mark.slow
@pytest.mark.parametrize("name", ["optimizer_step", "gpu_transfer"])
def test_training_makes_the_loss_fall(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    ran = run(name, "--device", "cpu", "--seed", "1", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("device: cpu\n")
    with (tmp_path / "out" / "loss.csv").open(encoding="utf-8", newline="") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert len(losses) == 300
    assert sum(losses[-20:]) < sum(losses[:20]) / 2
    assert (tmp_path / "out" / "loss.png").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["getitem", "--device", "cpu"], "does not use --device"),
        (["conv_output_shape", "--data", "ants_bees", "--seed", "0"], "does not use --data, --seed"),
        (["conv_output_shape", "--device", "gpu"], "'gpu' is not a device"),
        (["conv_output_shape", "--device", "cuda:77"], "cuda:77 is not here"),
        (["getitem", "--data", "nowhere"], "'nowhere' is neither a folder nor a data set"),
        (["getitem", "--data", "."], "no class folders and no pictures"),
        (["unheard_of"], "there is no exercise 'unheard_of'"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(run: Callable[..., Any], arguments: list[str], told: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == "" or not ran.out.startswith("data:")
