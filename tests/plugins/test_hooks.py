"""Every hook is documented with an example, and every example does what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import Ran
from learn_torch.authoring.scaffold import new_course
from learn_torch.course import course_root
from learn_torch.plugins import hookspecs
from plugins.conftest import install

DOCUMENT = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text("utf-8")
EXAMPLES = {
    title: re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    for title, text in re.findall(r"^## (learn_\w+)\n(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)
}
HOOKS = {name for name in vars(hookspecs) if name.startswith("learn_")}
REFERENCE = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"
Run = Callable[..., str]
Effect = Callable[[Run, Path], None]


def brings_a_course(run: Run, site: Path) -> None:
    new_course(site / "made")
    (site / "made" / "made").rename(site / "my_course")
    assert "made/01" in run("list")


def brings_a_data_set(run: Run, site: Path) -> None:
    out = run("run-solution", "getitem", "--data", "squares", "--out", str(site / "out"))
    assert "squares: 10 images, 2 classes" in out


def brings_a_command(run: Run, site: Path) -> None:
    assert run("greet", "--name", "Ada") == "Hello, Ada.\n"
    assert "Say hello." in run("--help")


def brings_a_report_format(run: Run, site: Path) -> None:
    assert run("check", "03", "--file", str(REFERENCE), "--format", "tsv") == "core/03\t10\t10\n"
    assert "tsv (exercise, points and maximum, a line each)" in run(
        "check", "03", "--file", str(REFERENCE), "--format", "none", code=2
    )


def notes_before(run: Run, site: Path) -> None:
    (site / "03.py").write_text(REFERENCE.read_text("utf-8") + "\nprint('hello')\n", encoding="utf-8")
    report = json.loads(run("check", "03", "--file", str(site / "03.py"), "--json"))
    assert report["verdict"] == "passed"
    (note,) = report["notes"]
    assert note["plugin"] == "example"
    assert "`print`" in note["text"]
    assert "example: There is a `print`" in run("check", "03", "--file", str(site / "03.py"))


def notes_after(run: Run, site: Path) -> None:
    report = json.loads(run("check", "03", "--file", str(REFERENCE), "--json"))
    assert report["notes"][0]["text"].startswith("That was conv_output_shape.")


def diagnoses(run: Run, site: Path) -> None:
    text = "def conv_output_shape(*args, **kwargs):\n    while True: pass\n\ndef same_padding(kernel_size):\n    return (kernel_size - 1) // 2\n"
    (site / "03.py").write_text(text, encoding="utf-8")
    report = json.loads(run("check", "03", "--file", str(site / "03.py"), "--json", code=1))
    assert report["diagnosis"]["mistake"] == "endless_loop"


def trained(run: Run, site: Path) -> str:
    return run(
        *("run-solution", "training", "--data", "ants_bees", "--device", "cpu", "--epochs", "2"),
        *("--out", str(site / "out")),
    )


def watches_the_start(run: Run, site: Path) -> None:
    trained(run, site)
    assert (site / "out" / "classes.txt").read_text("utf-8") == "ants\nbees"


def watches_batches(run: Run, site: Path) -> None:
    assert re.search(r"[1-9]\d+ images seen", trained(run, site))


def watches_epochs(run: Run, site: Path) -> None:
    assert re.search(r"after epoch 2: \d+%", trained(run, site))


def watches_the_end(run: Run, site: Path) -> None:
    assert "done after 2 epochs" in trained(run, site)


EFFECTS: dict[str, Effect] = {
    "learn_courses": brings_a_course,
    "learn_data_sets": brings_a_data_set,
    "learn_commands": brings_a_command,
    "learn_report_formats": brings_a_report_format,
    "learn_before_check": notes_before,
    "learn_after_check": notes_after,
    "learn_diagnose": diagnoses,
    "learn_run_started": watches_the_start,
    "learn_run_batch": watches_batches,
    "learn_run_epoch": watches_epochs,
    "learn_run_ended": watches_the_end,
}


def test_every_hook_has_its_section_its_example_and_its_test() -> None:
    assert set(EXAMPLES) == set(EFFECTS) == HOOKS
    for name, examples in EXAMPLES.items():
        assert len(examples) == 1
        assert f"def {name}(" in examples[0]


@pytest.mark.parametrize(
    "hook", [pytest.param(h, marks=pytest.mark.slow) if h.startswith("learn_run") else h for h in EFFECTS]
)
def test_the_example_of_each_hook_does_what_it_says(learn: Callable[..., Ran], site: Path, hook: str) -> None:
    install(site, "example", EXAMPLES[hook][0])

    def run(*arguments: str, code: int = 0) -> str:
        done = learn(*arguments, code=code)
        assert "does not work" not in done.err
        return done.out if code != 2 else done.err

    EFFECTS[hook](run, site)
