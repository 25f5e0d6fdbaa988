"""Plugins come by entry points, and a bad one is named without taking `learn` down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import source_of
from learn_torch.course import course_root
from learn_torch.plugins import hookspecs
from learn_torch.plugins.manager import make_plugin_manager


def install(site: Path, name: str, source: str) -> None:
    """Puts a distribution with one plugin module into a folder of packages."""
    (site / f"{name}.py").write_text(source, encoding="utf-8")
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[learn]\n{name} = {name}\n")


def learn(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "learn_torch.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(site), "LEARN_LANG": "en"},
        cwd=site.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


PACK = """
from pathlib import Path
import learn_torch
from learn_torch.course import CoursePack

@learn_torch.hookimpl
def learn_courses():
    return [CoursePack("other", Path(__file__).parent / "pack")]
"""


def make_pack(site: Path) -> None:
    folder = site / "pack" / "exercises" / "other" / "01_sample"
    folder.mkdir(parents=True)
    (folder.parent / "track.toml").write_text(
        'format_version = 1\nid = "other"\ntitle = { en = "Other", zh = "另" }\nexercises = ["01_sample"]\n'
    )
    (folder / "exercise.toml").write_text(
        'format_version = 1\nid = "01"\nslug = "sample"\ntitle = { en = "Sample", zh = "样例" }\ntopics = ["tests"]\n'
        'functions = ["answer"]\nimports = []\nhints = [{ en = "a", zh = "甲" }]\n'
        '[[checks]]\nname = "test_answer"\ntitle = { en = "answers", zh = "回答" }\n'
    )
    checks = site / "pack" / "grader" / "checks" / "other"
    checks.mkdir(parents=True)
    (checks / "test_01_sample.py").write_text(
        "from learn_torch.testing import assert_value\ndef test_answer(submission):\n    assert_value(submission.answer(), 42)\n"
    )


def test_the_built_in_course_is_a_plugin_like_any_other() -> None:
    plugins = make_plugin_manager()
    assert next(name for name, _plugin in plugins.manager.list_name_plugin()) == "builtin"
    assert next(track.id for track in plugins.catalogue().tracks) == "core"
    assert {"ants_bees", "cifar10"} <= set(plugins.data_sets())


def test_an_installed_pack_is_listed_and_checked(tmp_path: Path) -> None:
    install(tmp_path, "other_course", PACK)
    make_pack(tmp_path)
    assert "other/01" in learn(tmp_path, "list").stdout
    assert "other_course" in learn(tmp_path, "plugins").stdout
    (tmp_path / "mine.py").write_text("def answer():\n    return 42\n")
    done = learn(tmp_path, "check", "other/sample", "--file", str(tmp_path / "mine.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "mine.py").write_text("def answer():\n    return 41\n")
    assert learn(tmp_path, "check", "other/01", "--file", str(tmp_path / "mine.py")).returncode == 1


def test_a_plugin_that_cannot_be_imported_is_named_and_left_out(tmp_path: Path) -> None:
    install(tmp_path, "broken_course", "import nothing_of_this_name\n")
    done = learn(tmp_path, "list")
    assert done.returncode == 0
    assert "core/03" in done.stdout
    assert "broken_course" in done.stderr
    assert "nothing_of_this_name" in done.stderr


@pytest.mark.parametrize("name", ["learn_course", "learn_coursess"])
def test_a_misspelled_hook_is_an_error_that_lists_the_hooks(tmp_path: Path, name: str) -> None:
    install(tmp_path, "careless_course", PACK.replace("learn_courses", name))
    done = learn(tmp_path, "list")
    assert done.returncode == 2
    assert name in done.stderr
    assert "learn_courses, learn_data_sets" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_hook_says_when_it_is_called_and_what_it_returns() -> None:
    hooks = [value for name, value in vars(hookspecs).items() if name.startswith("learn_")]
    assert hooks
    for hook in hooks:
        assert "Called " in hook.__doc__
        assert ":return:" in hook.__doc__


RAISING = """
import learn_torch

@learn_torch.hookimpl
def {hook}({arguments}):
    raise RuntimeError("out of order")
"""


@pytest.mark.parametrize(
    ("hook", "arguments"),
    [
        ("learn_courses", ""),
        ("learn_data_sets", ""),
        ("learn_commands", ""),
        ("learn_report_formats", ""),
        ("learn_before_check", "source"),
        ("learn_after_check", "report"),
        ("learn_diagnose", "report, examine"),
    ],
)
def test_a_hook_that_raises_is_named_and_passed_over(tmp_path: Path, hook: str, arguments: str) -> None:
    install(tmp_path, "careless", RAISING.format(hook=hook, arguments=arguments))
    (tmp_path / "03.py").write_text("def conv_output_shape(*args):\n    return ()\n")
    command = ["check", "03", "--file", str(tmp_path / "03.py"), "--json"]
    if hook == "learn_data_sets":
        command = ["run-solution", "getitem", "--data", "ants_bees", "--out", str(tmp_path / "out")]
    done = learn(tmp_path, *command)
    assert done.returncode == (0 if hook == "learn_data_sets" else 1), done.stderr
    assert done.stderr.count("the plugin careless does not work") == 1
    assert f"{hook}: RuntimeError: out of order" in done.stderr
    assert "careless.py:6" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("result", ["42", "['a command']", "{}"])
def test_a_hook_that_returns_something_else_is_named(tmp_path: Path, result: str) -> None:
    install(
        tmp_path,
        "careless",
        RAISING.format(hook="learn_commands", arguments="").replace(
            'raise RuntimeError("out of order")', f"return {result}"
        ),
    )
    done = learn(tmp_path, "list")
    assert done.returncode == 0
    assert "core/03" in done.stdout
    if result != "{}":
        assert "careless does not work: learn_commands: it returned" in done.stderr


def test_of_two_commands_of_one_name_the_first_stays(tmp_path: Path) -> None:
    source = """
import learn_torch
from learn_torch.plugins.contributions import Command

@learn_torch.hookimpl
def learn_commands():
    return [Command("list", print, "Another list."), Command("other", "nosuch.module:f", "Not there.")]
"""
    install(tmp_path, "greedy", source)
    done = learn(tmp_path, "list")
    assert done.returncode == 0
    assert "core/03" in done.stdout
    assert "greedy does not work: learn_commands: there is a command 'list' already" in done.stderr
    done = learn(tmp_path, "other")
    assert done.returncode == 2
    assert "the command 'other' cannot be loaded" in done.stderr


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import sys\nsys.exit('gone')\n", "SystemExit: gone"),
        (
            RAISING.format(hook="learn_courses", arguments="").replace(
                'RuntimeError("out of order")', "SystemExit"
            ),
            "learn_courses: SystemExit",
        ),
        (
            RAISING.format(hook="learn_commands", arguments="")
            .replace("hookimpl", "hookimpl(wrapper=True)")
            .replace("    raise", "    yield\n    raise"),
            "may not wrap what others do",
        ),
    ],
    ids=["exits when imported", "exits in a hook", "wraps others"],
)
def test_a_plugin_that_ends_things_does_not_end_learn(tmp_path: Path, source: str, told: str) -> None:
    install(tmp_path, "careless", source)
    done = learn(tmp_path, "list")
    assert done.returncode == 0
    assert "core/03" in done.stdout
    assert told in done.stderr


@pytest.mark.parametrize(
    ("hook", "result"),
    [("learn_diagnose", "'a str'"), ("learn_diagnose", "Diagnosis('x', None)"), ("learn_after_check", "42")],
)
def test_an_answer_of_the_wrong_kind_is_named_and_the_built_in_diagnosis_counts(
    tmp_path: Path, hook: str, result: str
) -> None:
    source = f"""
import learn_torch
from learn_torch.report import Diagnosis

@learn_torch.hookimpl
def {hook}(report):
    return {result}
"""
    install(tmp_path, "careless", source)
    mistake = tmp_path / "mine.py"
    mistake.write_bytes(
        source_of(course_root() / "solutions" / "core" / "03_conv_output_shape", "true_division")
    )
    done = learn(tmp_path, "check", "03", "--file", str(mistake), "--json")
    assert json.loads(done.stdout)["diagnosis"]["mistake"] == "true_division"
    assert f"careless does not work: {hook}: it returned" in done.stderr


def test_no_plugin_changes_a_verdict(tmp_path: Path) -> None:
    source = """
import learn_torch
import msgspec

@learn_torch.hookimpl
def learn_after_check(report):
    report.verdict = "passed"

@learn_torch.hookimpl
def learn_diagnose(report):
    report.checks[:] = []
"""
    install(tmp_path, "greedy", source)
    (tmp_path / "03.py").write_text("def conv_output_shape(*args):\n    return ()\n")
    done = learn(tmp_path, "check", "03", "--file", str(tmp_path / "03.py"))
    assert done.returncode == 1
    assert "not passed" in done.stdout


@pytest.mark.parametrize("place", ["pack", "above it"])
@pytest.mark.parametrize("how", ["--course", "--course=", "learn.toml"])
def test_a_folder_of_courses_needs_no_packaging(tmp_path: Path, how: str, place: str) -> None:
    (tmp_path / "site").mkdir()
    make_pack(tmp_path / "site")
    folder = tmp_path / "site" / ("pack" if place == "pack" else ".")
    here = tmp_path / "workspace"
    here.mkdir()
    (here / "mine.py").write_text("def answer():\n    return 42\n")
    arguments = {
        "--course": ["--course", str(folder)],
        "--course=": [f"--course={folder}"],
        "learn.toml": [],
    }[how]
    if how == "learn.toml":
        (here / "learn.toml").write_text(
            f'format_version = 1\nplugins = ["../site/{"pack" if place == "pack" else ""}"]\n'
        )

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "learn_torch.cli", *command],
            env={**os.environ, "LEARN_LANG": "en"},
            cwd=here,
            capture_output=True,
            text=True,
            timeout=120,
        )

    if how == "learn.toml":
        assert run("trust").returncode == 0
        # What lies around a file has no say in how it is checked.
        assert "no exercise 'other/sample'" in run("check", "other/sample", "--file", "mine.py").stderr
        file = here / "exercises" / "other" / "01_sample.py"
        file.parent.mkdir(parents=True)
        command = ["check", "other/sample"]
    else:
        assert "other/01" in run("list", *arguments).stdout
        file = here / "mine.py"
        command = ["check", "other/sample", "--file", "mine.py"]
    for answer, code in ((42, 0), (41, 1)):
        file.write_text(f"def answer():\n    return {answer}\n")
        done = run(*command, *arguments)
        assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--course"], "--course needs a folder"),
        (["--course", "nowhere"], "holds no course"),
        (["list", "--course=."], "holds no course"),
    ],
)
def test_a_folder_without_a_course_is_an_error(tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "empty").mkdir()
    done = learn(tmp_path / "empty", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("version", ["2", '"1"'])
def test_another_format_version_says_what_to_do(tmp_path: Path, version: str) -> None:
    make_pack(tmp_path)
    manifest = tmp_path / "pack" / "exercises" / "other" / "01_sample" / "exercise.toml"
    manifest.write_text(
        manifest.read_text("utf-8").replace("format_version = 1", f"format_version = {version}")
    )
    done = learn(tmp_path, "list", "--course", str(tmp_path / "pack"))
    assert done.returncode == 2
    assert f"{manifest}:1: " in done.stderr
    assert "this learn-torch reads format_version 1" in done.stderr
    assert "pip install --upgrade learn-torch" in done.stderr


def test_a_format_that_does_not_work_is_an_error(tmp_path: Path) -> None:
    source = """
import learn_torch
from learn_torch.plugins.contributions import ReportFormat

@learn_torch.hookimpl
def learn_report_formats():
    return [ReportFormat("odd", "an odd one", lambda reports: 1 / 0)]
"""
    install(tmp_path, "careless", source)
    (tmp_path / "03.py").write_text("x = 1\n")
    command = ["check", "03", "--file", str(tmp_path / "03.py"), "--format", "odd"]
    done = learn(tmp_path, *command)
    assert done.returncode == 2
    assert "the format odd does not work: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    assert "cannot both be" in learn(tmp_path, *command, "--json").stderr
