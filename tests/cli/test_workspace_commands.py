"""init, list, show, next, hint, reset, plugins, and names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from learn_torch.course import Catalogue, course_root

Learn = Callable[..., Any]
FILE = "exercises/core/03_conv_output_shape.py"
SOLUTION = (course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py").read_bytes()


def test_init_makes_every_stub_and_statement(learn: Learn, workspace: Path, catalogue: Catalogue) -> None:
    for exercise in catalogue:
        assert (workspace / exercise.file).read_bytes() == exercise.stub.read_bytes()
        assert (workspace / exercise.file).with_suffix(".md").read_text("utf-8").startswith("# ")
    assert 'lang = "en"' in (workspace / "learn.toml").read_text("utf-8")


def test_init_speaks_chinese_when_asked(learn: Learn, tmp_path: Path) -> None:
    assert learn("init", "中文 作业", "--lang", "zh").code == 0
    statement = tmp_path / "中文 作业" / "exercises/core/03_conv_output_shape.md"
    assert "卷积输出尺寸" in statement.read_text("utf-8")
    assert "卷积输出尺寸" in learn("list", cwd=tmp_path / "中文 作业").out


def test_stubs_are_in_the_language_of_the_workspace(
    learn: Learn, tmp_path: Path, catalogue: Catalogue
) -> None:
    assert learn("init", "ws", "--lang", "zh").code == 0
    for exercise in catalogue:
        text = (tmp_path / "ws" / exercise.file).read_text("utf-8")
        assert re.search(r"# TODO: .*[\u4e00-\u9fff]|# TODO: self", text)
    assert learn("reset", "03", cwd=tmp_path / "ws").code == 0
    assert "算出高和宽" in (tmp_path / "ws" / FILE).read_text("utf-8")
    assert "03_conv_output_shape.py" in learn("check", "03", cwd=tmp_path / "ws").out


@pytest.mark.parametrize("name", ["01_custom_dataset", "02_getitem"])
def test_the_first_exercises_can_be_run_on_images_of_the_workspace(
    learn: Learn, workspace: Path, name: str
) -> None:
    folder = workspace / "exercises" / "core"
    images = folder / "data" / "ants_bees"
    assert sorted(path.name for path in (images / "ants").iterdir()) == [
        "10.jpg", "9.jpg", "Queen.PNG", "Thumbs.db", "formica.jpeg", "more.jpg", "notes.txt",
    ]  # fmt: skip
    solution = (course_root() / "solutions" / "core" / name / "solution.py").read_text("utf-8")
    own = (folder / f"{name}.py").read_text("utf-8")
    (folder / f"{name}.py").write_text(solution + own[own.index("\n\nif __name__") :], encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, f"{name}.py"], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 0, ran.stderr
    if name.startswith("01"):
        assert ran.stdout == "4 ['10.jpg', '9.jpg', 'Queen.PNG', 'formica.jpeg']\n"
    else:
        assert ran.stdout.count("mode=RGB size=96x72") == 4
    assert learn("check", name, "--json", cwd=workspace).json["verdict"] == "passed"


def test_images_that_cannot_be_made_are_told_and_the_workspace_is_ready(
    learn: Learn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learn_torch.runs.images.sets import AntsBees

    def fail(self: AntsBees, folder: Path) -> bool:
        raise ValueError("no pencil")

    monkeypatch.setattr(AntsBees, "put_samples", fail)
    done = learn("init", "ws")
    assert done.code == 0
    assert "no pencil" in done.err
    assert not (tmp_path / "ws" / "exercises" / "core" / "data").exists()
    assert not list((tmp_path / "ws" / "exercises").glob(".*"))


def test_images_that_are_there_stay(learn: Learn, workspace: Path) -> None:
    own = workspace / "exercises" / "core" / "data" / "ants_bees"
    (own / "ants" / "9.jpg").unlink()
    assert learn("init", workspace).code == 0
    assert not (own / "ants" / "9.jpg").exists()


def test_init_again_keeps_what_the_learner_wrote(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_text("mine", encoding="utf-8")
    (workspace / "learn.toml").write_text('format_version = 1\nlang = "zh"\n', encoding="utf-8")
    assert learn("init", workspace).code == 0
    assert (workspace / FILE).read_text("utf-8") == "mine"
    assert (workspace / "learn.toml").read_text("utf-8") == 'format_version = 1\nlang = "zh"\n'


def test_init_where_a_file_is_in_the_way(learn: Learn, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = learn("init", "file")
    assert done.code == 2
    assert "file" in done.err
    assert "Traceback" not in done.err


def test_a_language_that_is_not_there(learn: Learn) -> None:
    done = learn("init", "ws", "--lang", "fr")
    assert done.code == 2
    assert "en, zh" in done.err


def test_the_workspace_is_found_from_inside(learn: Learn, workspace: Path) -> None:
    done = learn("next", cwd=workspace / "exercises" / "core")
    assert done.code == 0
    assert str(workspace / "exercises" / "core") in done.out


@pytest.mark.parametrize("command", [["next"], ["check"], ["check", "--all"], ["show"], ["reset", "03"]])
def test_without_a_workspace_the_way_to_one_is_said(learn: Learn, command: list[str]) -> None:
    done = learn(*command)
    assert done.code == 2
    assert "learn.toml" in done.err
    assert "learn init DIR" in done.err


def test_list_and_show_need_no_workspace(learn: Learn) -> None:
    assert "conv_output_shape" in learn("list").out
    shown = learn("show", "03").out
    assert "# Convolution output shape" in shown
    assert "Topics: conv2d, shapes" in shown


@pytest.mark.parametrize(
    "name",
    ["03", "3", "core/03", "core/3", "conv_output_shape", "core/conv_output_shape", "03_conv_output_shape"],
)
def test_names_resolve_the_same_way(name: str, catalogue: Catalogue) -> None:
    assert catalogue.resolve(name).key == "core/03"


def test_an_unknown_name_lists_the_nearest(learn: Learn) -> None:
    done = learn("show", "conv_output")
    assert done.code == 2
    assert "core/03 conv_output_shape" in done.err
    assert "learn list" in learn("show", "zzz").err


def test_an_ambiguous_name_lists_the_candidates(tmp_path: Path) -> None:
    import shutil

    from learn_torch.course import CoursePack
    from learn_torch.errors import UnknownExercise

    other = tmp_path / "pack"
    shutil.copytree(course_root() / "exercises" / "core", other / "exercises" / "other")
    track = other / "exercises" / "other" / "track.toml"
    track.write_text(track.read_text("utf-8").replace('id = "core"', 'id = "other"'), encoding="utf-8")
    both = Catalogue([CoursePack("one", course_root()), CoursePack("other", other)])
    with pytest.raises(UnknownExercise, match="core/conv_output_shape, other/conv_output_shape"):
        both.resolve("03")
    assert both.resolve("03", "other").key == "other/03"
    assert both.resolve("other/3").key == "other/03"


def test_hints_come_one_by_one(learn: Learn) -> None:
    one, three = learn("hint", "03").out, learn("hint", "03", "3").out
    assert "Hint 1 of 3" in one
    assert "Hint 2" not in one
    assert "Hint 3 of 3" in three


def test_hints_without_a_name_are_those_of_the_next_exercise(learn: Learn, workspace: Path) -> None:
    assert learn("hint", cwd=workspace).out == learn("hint", "01", cwd=workspace).out


def test_a_change_of_language_is_told_in_the_new_one(learn: Learn, workspace: Path) -> None:
    learn("init", ".", "--lang", "zh", cwd=workspace)
    text = learn("init", ".", "--lang", "en", cwd=workspace).out
    assert 'learn.toml now says lang = "en".' in text
    assert "  cd " not in text  # one is there already


def test_reset_keeps_a_backup(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_text("print('mine')\n", encoding="utf-8")
    assert learn("reset", "03", cwd=workspace).code == 0
    assert "NotImplementedError" in (workspace / FILE).read_text("utf-8")
    (backup,) = (workspace / ".learn" / "backups").iterdir()
    assert backup.read_text("utf-8") == "print('mine')\n"


def test_a_passed_exercise_stays_passed_and_the_failed_try_is_shown(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION)
    assert learn("check", "03", cwd=workspace).code == 0
    (workspace / FILE).write_text("def conv_output_shape(:\n")
    assert learn("check", "03", cwd=workspace).code == 1
    listed = learn("list", cwd=workspace).out
    (line,) = [line for line in listed.splitlines() if "core/03" in line]
    assert line.startswith("✓✗ ")
    assert line.endswith(" 0/10")
    assert "✓✗: passed before, but not at the last check." in listed
    assert "1 of 9 passed." in listed


def test_progress_of_an_older_release_counts(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION)
    assert learn("check", "03", cwd=workspace).code == 0
    (file,) = (workspace / ".learn" / "progress").iterdir()
    old = json.loads(file.read_bytes())
    del old["ever_passed"]
    file.write_text(json.dumps(old))
    assert "1 of 9 passed." in learn("list", cwd=workspace).out


def test_a_reset_exercise_is_open_again(learn: Learn, workspace: Path) -> None:
    (workspace / FILE).write_bytes(SOLUTION)
    assert learn("check", "03", cwd=workspace).code == 0
    assert "learn check 03" in learn("reset", "03", cwd=workspace).out
    assert "0 of 9 passed." in learn("list", cwd=workspace).out


def test_an_untouched_stub_is_not_backed_up(learn: Learn, workspace: Path) -> None:
    for _again in range(2):
        assert learn("reset", "03", cwd=workspace).code == 0
    assert not (workspace / ".learn" / "backups").exists()


def test_plugins_lists_the_built_in_course(learn: Learn) -> None:
    done = learn("plugins")
    assert done.code == 0
    assert "builtin" in done.out
    assert "core" in done.out


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("format_version = 1\nlangg = 'en'\n", 2, "langg"),
        ("format_version = 1\nlang = 'fr'\n", 2, "fr"),
        ("format_version = 2\n", 1, "2"),
        ("format_version = 1\ndevice = 'gpu'\n", 2, "simulated-cuda"),
        ("this is no TOML\n", 1, "TOML"),
        ("\udcff\n", 1, "UTF-8"),
        ("", 1, "format_version"),
    ],
)
def test_settings_edited_into_nonsense_name_file_and_line(
    learn: Learn, workspace: Path, text: str, line: int, words: str
) -> None:
    (workspace / "learn.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = learn("check", "03", cwd=workspace)
    assert done.code == 2
    assert "learn.toml" in done.err
    assert words in done.err
    assert "Traceback" not in done.err
    if words != "UTF-8":
        assert f"learn.toml:{line}:" in done.err


def test_a_track_that_no_course_has(learn: Learn, workspace: Path) -> None:
    (workspace / "learn.toml").write_text('format_version = 1\ntracks = ["nlp"]\n')
    done = learn("list", cwd=workspace)
    assert done.code == 2
    assert "'nlp'" in done.err


def test_a_plugin_that_is_not_installed(learn: Learn, workspace: Path) -> None:
    (workspace / "learn.toml").write_text('format_version = 1\nplugins = ["nlp-course"]\n')
    assert learn("trust", cwd=workspace).code == 0
    done = learn("list", cwd=workspace)
    assert done.code == 2
    assert "'nlp-course'" in done.err


def test_a_console_that_is_not_utf8_gets_its_list(learn: Learn, workspace: Path) -> None:
    done = learn("list", cwd=workspace, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "conv_output_shape" in done.out


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_every_command(learn: Learn, arguments: list[str]) -> None:
    from learn_torch.builtin import learn_commands

    done = learn(*arguments)
    assert done.code == 0
    for command in learn_commands():
        assert f"{command.name} " in done.out
        assert command.help in done.out


def test_the_help_of_a_command_names_its_options(learn: Learn) -> None:
    done = learn("check", "--help")
    assert done.code == 0
    for option in ("--all", "--file", "--device", "--seed", "--json", "--launch"):
        assert option in done.out


def test_an_unknown_command_is_wrong_use(learn: Learn) -> None:
    done = learn("chek")
    assert done.code == 2
    assert "chek" in done.err


def test_version(learn: Learn) -> None:
    assert learn("--version").out.startswith("learn-torch ")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_progress_of_nonsense_counts_as_none(learn: Learn, workspace: Path) -> None:
    folder = workspace / ".learn" / "progress"
    folder.mkdir(parents=True)
    (folder / "core-03_conv_output_shape.json").write_bytes(b"\xff{nonsense")
    assert learn("list", cwd=workspace).code == 0


def test_init_with_a_course_makes_a_workspace_that_works(
    learn: Learn, tmp_path: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert learn("init", "ws", "--course", course).code == 0
    assert f'plugins = ["{course}"]' in (tmp_path / "ws" / "learn.toml").read_text("utf-8")
    assert "other/01" in learn("list", cwd=tmp_path / "ws").out
    done = learn("check", "other/01", "--json", cwd=tmp_path / "ws")
    assert done.json["verdict"] == "passed"


@pytest.mark.skipif(sys.platform != "linux", reason="this file system has no such names")
@pytest.mark.parametrize("name", [b"del\x7f", b"bad\xff", b"two\nlines"])
def test_a_course_that_learn_toml_cannot_name(
    learn: Learn, tmp_path: Path, course: Path, name: bytes
) -> None:
    odd = course.rename(tmp_path / os.fsdecode(name))
    done = learn("init", "ws", "--course", odd)
    assert done.code == 2
    assert "learn.toml cannot name the course" in done.err
    assert not (tmp_path / "ws" / "learn.toml").exists()


def test_a_course_inside_the_workspace_moves_with_it(learn: Learn, tmp_path: Path, course: Path) -> None:
    assert learn("init", ".", "--course", course).code == 0
    assert 'plugins = ["./course"]' in (tmp_path / "learn.toml").read_text("utf-8")
    assert "other/01" in learn("list").out


def test_init_adds_a_course_to_a_workspace(learn: Learn, workspace: Path, course: Path) -> None:
    before = (workspace / "learn.toml").read_text("utf-8")
    done = learn("init", workspace, "--course", course)
    assert done.code == 0, done.err
    assert "learn.toml now names the course course." in done.out
    assert "other/01" in learn("list", cwd=workspace).out
    assert (workspace / "exercises" / "other" / "01_sample.py").is_file()
    assert "# en | zh" in before
    assert "# en | zh" in (workspace / "learn.toml").read_text("utf-8")
    again = learn("init", workspace, "--course", course)
    assert "now names" not in again.out


def test_init_in_another_language_changes_what_the_learner_has_not(
    learn: Learn, workspace: Path, catalogue: Catalogue
) -> None:
    (workspace / FILE).write_text("mine", encoding="utf-8")
    done = learn("init", workspace, "--lang", "zh")
    assert done.code == 0, done.err
    assert 'lang = "zh"' in done.out
    assert 'lang = "zh"' in (workspace / "learn.toml").read_text("utf-8")
    assert (workspace / FILE).read_text("utf-8") == "mine"
    assert "卷积输出尺寸" in (workspace / FILE).with_suffix(".md").read_text("utf-8")
    other = catalogue.resolve("core/06")
    assert (workspace / other.file).read_bytes() == other.stub_in("zh").read_bytes()
    assert learn("init", workspace).code == 0
    assert 'lang = "zh"' in (workspace / "learn.toml").read_text("utf-8")


def test_the_next_command_names_track_and_course_where_it_needs_them(
    learn: Learn, tmp_path: Path, course: Path
) -> None:
    assert learn("init", "ws", "--course", course).code == 0
    ws = tmp_path / "ws"
    settings = (ws / "learn.toml").read_text("utf-8")
    # `01` alone is the one of the default track.
    (ws / "learn.toml").write_text(settings.replace('default_track = "core"', 'default_track = "other"'))
    assert learn("trust", cwd=ws).code == 0
    shown = learn("next", cwd=ws).out
    assert "learn show core/01" in shown
    assert "learn check core/01" in shown
    (tmp_path / "mine.py").write_text("def answer():\n    return 1\n")
    hint = learn("hint", "other/01", "--course", course).out
    assert "One more" not in hint  # it has only one
    more = learn("hint", "core/01", "--course", course).out
    assert "`learn hint core/01 2 --course course`" in more


@pytest.mark.parametrize("of_course", [False, True])
def test_the_commands_after_a_failed_file_work_as_they_are_printed(
    learn: Learn, tmp_path: Path, course: Path, of_course: bool
) -> None:
    (tmp_path / "mine.py").write_text("def conv_output_shape(:\n")
    options = ["--course", course] if of_course else []
    out = learn("check", "core/03", "--file", "mine.py", *options).out
    printed = out.partition("A hint: ")[2].split()
    assert printed == ["learn", "hint", "03", *(["--course", "course"] if of_course else [])]
    assert learn(*printed[1:]).code == 0
    assert "learn next" not in out
