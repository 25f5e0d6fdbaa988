"""`learn run-solution` on the core track's references."""

from __future__ import annotations

import csv
import json
import signal
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
        return learn("run-solution", *arguments, LEARN_CACHE=str(cache), OMP_NUM_THREADS="1")

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


def test_custom_dataset_counts_and_adds_up(run: Callable[..., Any]) -> None:
    ran = run("custom_dataset")
    assert ran.code == 0, ran.err
    assert "ants   40" in ran.out
    assert "+: 80" in ran.out


def test_pooling_agrees_with_the_layers_and_draws(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run("pooling", "--device", "cpu")
    assert ran.code == 0, ran.err
    assert (ran.out.count("✓"), ran.out.count("✗")) == (8, 0)
    with Image.open(tmp_path / "learn-runs" / "pooling" / "pooled.png") as sheet:
        assert min(sheet.size) > 500


def trained(run: Callable[..., Any], folder: Path, *more: str) -> Any:
    return run("training", "--data", "ants_bees", "--device", "cpu", "--epochs", "2", "--out", folder, *more)


def test_training_and_then_inference_on_a_picture_of_ones_own(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    ran = trained(run, tmp_path / "runs" / "training", "--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert (document["exercise"], document["data"], document["seed"]) == ("core/08", "ants_bees", 0)
    assert document["results"]["epoch"] == 2
    assert all(Path(file).exists() for file in document["files"])
    assert "epoch 2/2" in ran.err
    picture = tmp_path / "我的 ant.png"
    Image.new("RGBA", (300, 200), "brown").save(picture)
    asked = run(
        "inference", "--device", "cpu", "--image", picture, "--out", tmp_path / "runs" / "inference", "--json"
    )
    assert asked.code == 0, asked.err
    (answer,) = json.loads(asked.out)["results"]["answers"]
    assert answer["class"] in ("ants", "bees", "–")
    assert answer["top"][0] == [answer["class"], pytest.approx(answer["probability"], abs=1e-6)]
    assert len(answer["top"]) == 5
    with Image.open(answer["annotated"]) as sheet:
        assert min(sheet.size) > 200
    shown = run("inference", "--device", "cpu", "--out", tmp_path / "runs" / "inference")
    assert shown.code == 0, shown.err
    assert "of 12 are right" in shown.out
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    refused = run("inference", "--device", "cpu", "--image", broken, "--out", tmp_path / "runs" / "inference")
    assert refused.code == 2
    assert "broken.jpg: cannot be read" in refused.err


def test_ctrl_c_ends_a_training_cleanly_and_it_goes_on(
    start: Callable[..., Any], run: Callable[..., Any], tmp_path: Path, cache: Path
) -> None:
    def epochs(name: str) -> list[dict[str, float]]:
        document = json.loads((tmp_path / name / "metrics.json").read_text("utf-8"))
        timed = ("seconds", "images_per_second")
        return [{k: v for k, v in epoch.items() if k not in timed} for epoch in document["epochs"]]

    training = start(
        "run-solution",
        *(
            "training",
            "--data",
            "ants_bees",
            "--device",
            "cpu",
            "--epochs",
            "9999",
            "--seed",
            "3",
            "--out",
            tmp_path / "broken",
        ),
        LEARN_CACHE=str(cache),
        OMP_NUM_THREADS="1",
    )
    for line in training.stdout:
        if line.startswith("epoch    2/9999"):
            break
    training.send_signal(signal.SIGINT)
    out, err = training.communicate(timeout=60)
    assert training.returncode == 130, err
    assert "To continue: learn run-solution core/08" in out
    assert "Traceback" not in err
    more = str(len(epochs("broken")) + 2)
    resumed = trained(run, tmp_path / "broken", "--epochs", more, "--resume", "--json")
    assert resumed.code == 0, resumed.err
    assert json.loads(resumed.out)["seed"] == 3
    trained(run, tmp_path / "whole", "--epochs", more, "--seed", "3")
    assert epochs("broken") == epochs("whole")


@pytest.mark.slow
def test_shapes_are_learnt_with_the_defaults(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run("training", "--device", "cpu", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["results"]["test_accuracy"] >= 0.8


@pytest.mark.slow
def test_all_of_them_in_order_the_last_with_the_weights_of_the_one_before(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    ran = run("--all", "--device", "cpu", "--data", "ants_bees", "--epochs", "1", "--out", tmp_path, "--json")
    assert ran.code == 0, ran.err
    documents = json.loads(ran.out)
    assert [document["exercise"] for document in documents] == [f"core/0{n}" for n in range(1, 10)]
    assert documents[-1]["results"]["weights"] == str(tmp_path / "training" / "model.pt")
    for name in ("loss", "optimizer_step", "gpu_transfer"):
        with (tmp_path / name / "loss.csv").open(encoding="utf-8", newline="") as file:
            losses = [float(row["loss"]) for row in csv.DictReader(file)]
        assert len(losses) == 300
        assert sum(losses[-20:]) < sum(losses[:20]) / 2
        assert (tmp_path / name / "loss.png").exists()
    rows = [
        line.split() for line in ran.err.splitlines() if line.startswith(("l1_loss", "mse_loss", "cross_"))
    ]
    assert len(rows) == 3
    assert all(float(row[-1]) < 1e-5 for row in rows), "the reference's losses are torch's"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["getitem", "--device", "cpu"], "does not use --device"),
        (["conv_output_shape", "--data", "ants_bees", "--seed", "0"], "does not use --data, --seed"),
        (["conv_output_shape", "--device", "gpu"], "'gpu' is not a device"),
        (["conv_output_shape", "--device", "cuda:77"], "cuda:77 is not available"),
        (["getitem", "--data", "nowhere"], "'nowhere' is neither a folder nor a dataset"),
        (["getitem", "--data", "."], "no class folders and no images"),
        (["inference"], "there are no trained weights"),
        (["training", "--lr", "0"], "--lr is 0"),
        (["training", "--resume", "--data", "ants_bees"], "to resume"),
        (["training", "--image", "x.png"], "does not use --image"),
        ([], "either the name of an exercise or --all"),
        (["getitem", "--all"], "either the name of an exercise or --all"),
        (["unheard_of"], "there is no exercise 'unheard_of'"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(run: Callable[..., Any], arguments: list[str], told: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == "" or not ran.out.startswith("data:")
