"""The commands: every help shows `--course`, it works before and behind a command's name, and help loads little."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from learn_torch.language import speaking
from learn_torch.plugins.manager import make_plugin_manager

Learn = Callable[..., Any]
COMMANDS = [*make_plugin_manager().commands()]
BELOW = [["new", "course"], ["new", "exercise"], ["export", "course"]]


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS), *BELOW], ids=" ".join)
def test_every_help_shows_course_in_the_language_in_use(learn: Learn, words: list[str]) -> None:
    done = learn(*words, "--help")
    assert (done.code, done.err) == (0, "")
    assert "--course DIR" in done.out


def test_help_has_a_line_for_each_command(learn: Learn) -> None:
    help_of_all = learn("--help").out
    with speaking("en"):
        for command in make_plugin_manager().commands().values():
            assert f"  {command.name} " in help_of_all
            assert command.help in help_of_all


@pytest.mark.parametrize(
    "place",
    [
        lambda folder: ["--course", folder, "list"],
        lambda folder: ["list", "--course", folder],
        lambda folder: [f"--course={folder}", "list"],
    ],
    ids=["before", "behind", "with ="],
)
def test_a_course_is_named_before_or_behind_a_command(
    learn: Learn, course: Path, place: Callable[[Path], list[object]]
) -> None:
    done = learn(*place(course))
    assert done.code == 0, done.err
    assert "other/01" in done.out


def test_the_last_of_several_courses_is_exported(learn: Learn, course: Path, tmp_path: Path) -> None:
    assert learn("new", "course", "mine").code == 0
    done = learn("--course", "mine", "export", "--course", course, "course", "--out", "out")
    assert done.code == 0, done.err
    assert {path.name for path in (tmp_path / "out" / "exercises").iterdir()} == {"other"}


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--help"], {"msgspec", "importlib.metadata", "rich.console", "pydantic", "pytest", "torch"}),
        (["list"], {"importlib.metadata", "rich.console", "pydantic", "pytest", "torch"}),
    ],
    ids=["help", "list"],
)
def test_a_command_loads_only_what_it_needs(tmp_path: Path, arguments: list[str], unneeded: set[str]) -> None:
    script = (
        "import sys\nfrom learn_torch.cli import main\n"
        f"try:\n    main({arguments})\nfinally:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert not unneeded & {*done.stderr.split()}
