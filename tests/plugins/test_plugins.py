"""Plugins come by entry points, and a bad one is named without taking `learn` down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import Ran
from conftest import source_of
from learn_torch.course import course_root
from learn_torch.plugins import hookspecs
from learn_torch.plugins.manager import make_plugin_manager
from plugins.conftest import install

Learn = Callable[..., Ran]

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


def test_an_installed_pack_is_listed_and_checked(learn: Learn, site: Path) -> None:
    install(site, "other_course", PACK)
    make_pack(site)
    assert "other/01" in learn("list").out
    assert "other_course" in learn("plugins").out
    (site / "mine.py").write_text("def answer():\n    return 42\n")
    done = learn("check", "other/sample", "--file", str(site / "mine.py"))
    assert done.code == 0, done.out + done.err
    (site / "mine.py").write_text("def answer():\n    return 41\n")
    assert learn("check", "other/01", "--file", str(site / "mine.py")).code == 1


def test_a_plugin_that_cannot_be_imported_is_named_and_left_out(learn: Learn, site: Path) -> None:
    install(site, "broken_course", "import nothing_of_this_name\n")
    done = learn("list")
    assert done.code == 0
    assert "core/03" in done.out
    assert "broken_course" in done.err
    assert "nothing_of_this_name" in done.err


@pytest.mark.parametrize("name", ["learn_course", "learn_coursess"])
def test_a_misspelled_hook_is_an_error_that_lists_the_hooks(learn: Learn, site: Path, name: str) -> None:
    install(site, "careless_course", PACK.replace("learn_courses", name))
    done = learn("list")
    assert done.code == 2
    assert name in done.err
    assert "learn_courses, learn_data_sets" in done.err
    assert "Traceback" not in done.err


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
def test_a_hook_that_raises_is_named_and_passed_over(
    learn: Learn, site: Path, hook: str, arguments: str
) -> None:
    install(site, "careless", RAISING.format(hook=hook, arguments=arguments))
    (site / "03.py").write_text("def conv_output_shape(*args):\n    return ()\n")
    command = ["check", "03", "--file", str(site / "03.py"), "--json"]
    if hook == "learn_data_sets":
        command = ["run-solution", "getitem", "--data", "ants_bees", "--out", str(site / "out")]
    done = learn(*command)
    assert done.code == (0 if hook == "learn_data_sets" else 1), done.err
    assert done.err.count("the plugin careless does not work") == 1
    assert f"{hook}: RuntimeError: out of order" in done.err
    assert "careless.py:6" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("result", ["42", "['a command']", "{}"])
def test_a_hook_that_returns_something_else_is_named(learn: Learn, site: Path, result: str) -> None:
    install(
        site,
        "careless",
        RAISING.format(hook="learn_commands", arguments="").replace(
            'raise RuntimeError("out of order")', f"return {result}"
        ),
    )
    done = learn("list")
    assert done.code == 0
    assert "core/03" in done.out
    if result != "{}":
        assert "careless does not work: learn_commands: it returned" in done.err


def test_of_two_commands_of_one_name_the_first_stays(learn: Learn, site: Path) -> None:
    source = """
import learn_torch
from learn_torch.plugins.contributions import Command

@learn_torch.hookimpl
def learn_commands():
    return [Command("list", print, "Another list."), Command("other", "nosuch.module:f", "Not there.")]
"""
    install(site, "greedy", source)
    done = learn("list")
    assert done.code == 0
    assert "core/03" in done.out
    assert "greedy does not work: learn_commands: a command 'list' already exists" in done.err
    done = learn("other")
    assert done.code == 2
    assert "the command 'other' cannot be loaded" in done.err


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
            "may not wrap the hooks of others",
        ),
    ],
    ids=["exits when imported", "exits in a hook", "wraps others"],
)
def test_a_plugin_that_ends_things_does_not_end_learn(
    learn: Learn, site: Path, source: str, told: str
) -> None:
    install(site, "careless", source)
    done = learn("list")
    assert done.code == 0
    assert "core/03" in done.out
    assert told in done.err


@pytest.mark.parametrize(
    ("hook", "result"),
    [("learn_diagnose", "'a str'"), ("learn_diagnose", "Diagnosis('x', None)"), ("learn_after_check", "42")],
)
def test_an_answer_of_the_wrong_kind_is_named_and_the_built_in_diagnosis_counts(
    learn: Learn, site: Path, hook: str, result: str
) -> None:
    source = f"""
import learn_torch
from learn_torch.report import Diagnosis

@learn_torch.hookimpl
def {hook}(report):
    return {result}
"""
    install(site, "careless", source)
    mistake = site / "mine.py"
    mistake.write_bytes(
        source_of(course_root() / "solutions" / "core" / "03_conv_output_shape", "true_division")
    )
    done = learn("check", "03", "--file", str(mistake), "--json")
    assert json.loads(done.out)["diagnosis"]["mistake"] == "true_division"
    assert f"careless does not work: {hook}: it returned" in done.err


def test_no_plugin_changes_a_verdict(learn: Learn, site: Path) -> None:
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
    install(site, "greedy", source)
    (site / "03.py").write_text("def conv_output_shape(*args):\n    return ()\n")
    done = learn("check", "03", "--file", str(site / "03.py"))
    assert done.code == 1
    assert "not passed" in done.out


@pytest.mark.parametrize("place", ["pack", "above it"])
@pytest.mark.parametrize("how", ["--course", "--course="])
def test_a_folder_of_courses_needs_no_packaging(learn: Learn, tmp_path: Path, how: str, place: str) -> None:
    make_pack(tmp_path)
    folder = tmp_path / ("pack" if place == "pack" else ".")
    arguments = ["--course", str(folder)] if how == "--course" else [f"--course={folder}"]
    assert "other/01" in learn("list", *arguments).out
    for answer, code in ((42, 0), (41, 1)):
        (tmp_path / "mine.py").write_text(f"def answer():\n    return {answer}\n")
        learn("check", "other/sample", "--file", "mine.py", *arguments, code=code)


@pytest.mark.parametrize("place", ["../pack", "../"], ids=["pack", "above it"])
def test_a_workspace_names_a_folder_of_courses(learn: Learn, tmp_path: Path, place: str) -> None:
    make_pack(tmp_path)
    here = tmp_path / "workspace"
    file = here / "exercises" / "other" / "01_sample.py"
    file.parent.mkdir(parents=True)
    (here / "learn.toml").write_text(
        f'format_version = 1\ntracks = ["other"]\nplugins = ["{place}"]\n', "utf-8"
    )
    learn("trust", cwd=here, code=0)
    assert "other/01" in learn("list", cwd=here).out
    # What lies around a file has no say in how it is checked.
    file.write_text("def answer():\n    return 42\n")
    assert (
        "no exercise 'other/sample'" in learn("check", "other/sample", "--file", file, cwd=here, code=2).err
    )
    for answer, code in ((42, 0), (41, 1)):
        file.write_text(f"def answer():\n    return {answer}\n")
        learn("check", "other/sample", cwd=here, code=code)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--course"], "'--course' requires an argument"),
        (["--course", "nowhere"], "holds no course"),
        (["list", "--course=."], "holds no course"),
    ],
)
def test_a_folder_without_a_course_is_an_error(
    learn: Learn, site: Path, arguments: list[str], told: str
) -> None:
    (site / "empty").mkdir()
    done = learn(*arguments, cwd=site / "empty")
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("version", ["2", '"1"'])
def test_another_format_version_says_what_to_do(learn: Learn, site: Path, version: str) -> None:
    make_pack(site)
    manifest = site / "pack" / "exercises" / "other" / "01_sample" / "exercise.toml"
    manifest.write_text(
        manifest.read_text("utf-8").replace("format_version = 1", f"format_version = {version}")
    )
    done = learn("list", "--course", str(site / "pack"))
    assert done.code == 2
    assert f"{manifest}:1: " in done.err
    assert "this learn-torch reads format_version 1" in done.err
    assert "pip install --upgrade learn-torch" in done.err


def test_a_format_that_does_not_work_is_an_error(learn: Learn, site: Path) -> None:
    source = """
import learn_torch
from learn_torch.plugins.contributions import ReportFormat

@learn_torch.hookimpl
def learn_report_formats():
    return [ReportFormat("odd", "an odd one", lambda reports: 1 / 0)]
"""
    install(site, "careless", source)
    (site / "03.py").write_text("x = 1\n")
    command = ["check", "03", "--file", str(site / "03.py"), "--format", "odd"]
    done = learn(*command)
    assert done.code == 2
    assert "the format odd does not work: ZeroDivisionError" in done.err
    assert "Traceback" not in done.err
    assert "cannot be used together" in learn(*command, "--json").err
