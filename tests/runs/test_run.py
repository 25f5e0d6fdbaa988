"""What a run declares, gets, and is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from learn_torch.course import Exercise
from learn_torch.errors import DataError, DeviceError, LearnError
from learn_torch.runs.images.sets import BUILT_IN
from learn_torch.runs.options import Options
from learn_torch.runs.run import run_reference
from runs.conftest import Spoken

ALL_DATA = {one.name: one for one in BUILT_IN}
ECHO = """
USES = {uses}
def run(solution, context):
    context.say(f"{{solution.answer()}}, seed {{context.seed}}")
"""
REFERENCE = "def answer():\n    return 'forty-two'\n"


@pytest.fixture
def start(pack: Callable[..., list[Exercise]], spoken: Spoken) -> Callable[..., str]:
    """Runs the first exercise of a pack and returns what was said."""

    def start(runs: dict[str, Any], options: Options | None = None, data: str = "[]") -> str:
        exercises = pack(runs, data)
        options = options or Options()
        run_reference(exercises[0], options, catalogue=exercises, all_data=ALL_DATA, **spoken.consoles())
        return spoken.results.getvalue()

    return start


def test_a_run_gets_the_reference_and_the_seed(start: Callable[..., str]) -> None:
    assert (
        start({"01_echo": (ECHO.format(uses={"seed"}), REFERENCE)}, Options(seed=7)) == "forty-two, seed 7\n"
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (Options(device="cpu"), "--device"),
        (Options(data="ants_bees"), "--data"),
        (Options(data_root=Path("x")), "--data-root"),
        (Options(seed=0), "--seed"),
        (Options(out=Path("x")), "--out"),
    ],
)
def test_an_option_that_the_run_does_not_use_is_refused(
    start: Callable[..., str], options: Options, named: str
) -> None:
    with pytest.raises(LearnError) as raised:
        start({"01_echo": (ECHO.format(uses="set()"), REFERENCE)}, options)
    assert raised.value.message == f"the run of pack/01 echo does not use {named}"
    assert raised.value.exit_code == 2


def test_the_refusal_names_what_the_run_does_use(start: Callable[..., str]) -> None:
    with pytest.raises(LearnError) as raised:
        start({"01_echo": (ECHO.format(uses={"data"}), REFERENCE)}, Options(seed=1))
    assert "--data, --data-root" in raised.value.hint


def test_the_device_is_said(start: Callable[..., str]) -> None:
    said = start({"01_echo": (ECHO.format(uses={"device"}), REFERENCE)}, Options(device="cpu"))
    assert said.startswith("device: cpu\n")


def test_a_device_that_was_chosen_is_said_to_be(start: Callable[..., str]) -> None:
    said = start({"01_echo": (ECHO.format(uses={"device"}), REFERENCE)})
    assert "(auto)" in said.splitlines()[0]


def test_no_run_on_a_device_that_is_not_one(start: Callable[..., str]) -> None:
    with pytest.raises(DeviceError):
        start({"01_echo": (ECHO.format(uses={"device"}), REFERENCE)}, Options(device="gpu"))


def test_an_exercise_without_a_run_names_those_that_have_one(start: Callable[..., str]) -> None:
    with pytest.raises(LearnError, match="pack/01 plain has no run") as raised:
        start({"01_plain": None, "02_echo": (ECHO.format(uses="()"), REFERENCE)})
    assert "pack/02 echo" in raised.value.hint


def test_the_manifest_decides_about_the_data(start: Callable[..., str]) -> None:
    with pytest.raises(DataError, match="'elephants' is neither"):
        start({"01_echo": (ECHO.format(uses={"data"}), REFERENCE)}, data='["elephants"]')


def test_the_data_is_said(start: Callable[..., str], class_folder: Callable[..., Path]) -> None:
    folder = class_folder(ants=2, bees=1)
    said = start({"01_echo": (ECHO.format(uses={"data"}), REFERENCE)}, Options(data=str(folder)))
    assert f"data: {folder}: 3 images, 2 classes" in said


def test_chance_starts_from_the_seed(start: Callable[..., str]) -> None:
    draw = "USES = {'seed'}\ndef run(solution, context):\n    import torch\n    context.say(str(torch.rand(1).item()))\n"
    first = start({"01_draw": (draw, REFERENCE)}, Options(seed=3))
    import torch

    assert float(first) == torch.rand(1, generator=torch.Generator().manual_seed(3)).item()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("USES = {'gpu'}\ndef run(solution, context): ...\n", "USES has unknown entries: 'gpu'"),
        ("USES = set()\n", "no function run"),
    ],
)
def test_a_run_that_breaks_the_rules_is_told(start: Callable[..., str], source: str, told: str) -> None:
    with pytest.raises(LearnError, match=told):
        start({"01_wrong": (source, REFERENCE)})


def test_what_a_run_did_not_declare_it_does_not_get(start: Callable[..., str]) -> None:
    peek = "def run(solution, context):\n    context.data\n"
    with pytest.raises(AttributeError, match="USES"):
        start({"01_peek": (peek, REFERENCE)})


def test_results_take_their_place_when_they_are_complete(context: Callable[..., Any], spoken: Any) -> None:
    one = context()
    written = one.write("a.txt", lambda path: path.write_text("x", encoding="utf-8") and None)
    assert written.read_text(encoding="utf-8") == "x"
    assert f"written: {written}" in spoken.results.getvalue()

    def interrupted(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.write("a.txt", interrupted)
    assert written.read_text(encoding="utf-8") == "x"
    assert [path.name for path in one.out.iterdir()] == ["a.txt"]


def test_an_out_folder_that_is_a_file_is_told(context: Callable[..., Any]) -> None:
    one = context()
    one.out.write_text("x", encoding="utf-8")
    with pytest.raises(LearnError, match="cannot be written") as raised:
        one.write("a.txt", lambda path: None)
    assert "--out" in raised.value.hint


def test_columns_are_aligned_where_there_is_no_terminal(context: Callable[..., Any], spoken: Any) -> None:
    context().table(("label", "n"), [("蚂蚁", "1"), ("[b]bees[/b]", "20")])
    assert spoken.results.getvalue() == "label        n\n蚂蚁         1\n[b]bees[/b]  20\n"
