"""Texts of manifests, statements and courses are shown: no terminal and no CI runner obeys them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from learn_torch.course import Catalogue, CoursePack, Text
from learn_torch.language import speaking

Learn = Callable[..., Any]
EVIL = "a\x1b[2J\r\u202eb\n::error::c\n##[command]d ##vso[task.complete]e ##teamcity[x]"
HARMLESS = (
    "a\\x1b[2J\\r\\u202eb\n\\x3a:error::c\n\\x23#[command]d \\x23#vso[task.complete]e \\x23#teamcity[x]"
)


@pytest.fixture
def evil(course: Path) -> Path:
    """The course, with texts that a terminal or a CI runner would obey wherever there are texts."""
    text = json.dumps(EVIL)
    both = f"{{ en = {text}, zh = {text} }}"
    exercise = course / "exercises" / "other" / "01_sample"
    (exercise / "exercise.toml").write_text(
        f'format_version = 1\nid = "01"\nslug = "sample"\ntitle = {both}\ntopics = [{text}]\nrequires = [{text}]\n'
        f'functions = ["answer"]\nimports = []\nhints = [{both}]\n'
        f'[[checks]]\nname = "test_answer"\ntitle = {both}\nhelp = {both}\n',
        "utf-8",
    )
    track = exercise.parent / "track.toml"
    track.write_text(
        f'format_version = 1\nid = "other"\ntitle = {both}\nexercises = ["01_sample"]\n', encoding="utf-8"
    )
    (exercise / "README.md").write_text(
        f"# {EVIL}\n\n- {EVIL}\n\n&#x202e; &#13; `{EVIL}`\n", encoding="utf-8"
    )
    grader = course / "grader" / "checks" / "other" / "test_01_sample.py"
    grader.write_text("def test_answer(submission):\n    assert submission.answer() == 42\n")
    return course


def assert_harmless(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" for c in text), ascii(text)
    assert not any(line.strip().startswith("::") for line in text.splitlines())
    assert not any(kind in text for kind in ("##[", "##vso[", "##teamcity["))


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"], ["show", "other/01"], ["hint", "other/01"], ["plugins"], ["check", "other/01", "--file", "mine.py"],
        ["check", "other/01", "--file", "mine.py", "--json"], ["check", "other/01", "--file", "right.py"],
        ["verify", "other", "--seeds", "1", "--no-budget"], ["verify", "other", "--seeds", "1", "--no-budget", "--json"],
        ["run-solution", "other/01"], ["export", "course", "other", "--out", "copy"], ["show", "sampl"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_texts_of_a_course_are_obeyed_by_nobody(
    learn: Learn, tmp_path: Path, evil: Path, arguments: list[str]
) -> None:
    (tmp_path / "mine.py").write_text("def answer():\n    return 41\n")
    (tmp_path / "right.py").write_text("def answer():\n    return 42\n")
    done = learn(*arguments, "--course", evil)
    assert "Traceback" not in done.err
    assert_harmless(done.out + done.err)
    if arguments[0] in ("show", "hint", "list") and done.code == 0:
        assert "\\x1b[2J" in done.out
    if "--json" in arguments and arguments[0] == "check":
        (check,) = done.json["checks"]
        assert (check["title"], check["help"]) == (HARMLESS, HARMLESS)


def test_texts_of_a_workspaces_course_are_obeyed_by_nobody(learn: Learn, tmp_path: Path, evil: Path) -> None:
    (tmp_path / "learn.toml").write_text(
        'format_version = 1\ntracks = ["other"]\ndefault_track = "other"\nplugins = ["./course"]\n'
    )
    assert learn("trust").code == 0
    assert learn("init", ".").code == 0
    for arguments in (["next"], ["show"], ["list"], ["check", "--json"], ["check", "--all"], ["reset", "01"]):
        done = learn(*arguments)
        assert done.code in (0, 1)
        assert_harmless(done.out + done.err)


def test_markdown_on_a_terminal_is_obeyed_by_no_terminal(
    learn: Learn, evil: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a terminal obeys is made by rich alone: with its styles taken off, nothing is left."""
    shown = io.StringIO()
    monkeypatch.setattr(
        "learn_torch.cli.show.out",
        lambda: Console(file=shown, force_terminal=True, color_system=None, width=80, highlight=False),
    )
    assert learn("show", "other/01", "--course", evil).code == 0
    text = shown.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[1;4m", "")
    assert "\\x1b[2J" in text
    assert all(c.isprintable() or c == "\n" for c in text), ascii(text)


def test_a_diagnosis_and_notes_are_obeyed_by_nobody(
    learn: Learn, tmp_path: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from learn_torch import hookimpl
    from learn_torch.plugins.manager import Plugins, make_plugin_manager
    from learn_torch.report import Diagnosis

    class Evil:
        @hookimpl
        def learn_after_check(self) -> str:
            return EVIL

    def with_evil() -> Plugins:
        plugins = make_plugin_manager()
        plugins.manager.register(Evil(), EVIL)
        return plugins

    monkeypatch.setattr("learn_torch.diagnosis.matching.diagnose", lambda *_: [Diagnosis(EVIL, EVIL)])
    monkeypatch.setattr("learn_torch.cli.edge.make_plugin_manager", with_evil)
    (tmp_path / "mine.py").write_text("def answer():\n    return 41\n")
    grader = course / "grader" / "checks" / "other" / "test_01_sample.py"
    grader.write_text("def test_answer(submission):\n    assert submission.answer() == 42\n")
    command = ["check", "other/01", "--file", "mine.py", "--course", course]
    assert_harmless(learn(*command).out)
    report = learn(*command, "--json").json
    assert report["diagnosis"]["message"] == HARMLESS
    assert report["notes"][0]["text"] == HARMLESS
    assert_harmless(report["diagnosis"]["mistake"] + report["notes"][0]["plugin"])


def test_a_text_is_safe_to_show_in_both_languages() -> None:
    text = Text(EVIL, EVIL)
    assert str(text) == HARMLESS
    with speaking("zh"):
        assert str(text) == HARMLESS


@pytest.mark.parametrize("field", ["id", "slug", "name"])
def test_a_name_in_a_manifest_ends_where_its_line_does(course: Path, field: str) -> None:
    from learn_torch.errors import ManifestError

    path = course / "exercises" / "other" / "01_sample" / "exercise.toml"
    text = path.read_text("utf-8")
    value = {"id": "01", "slug": "sample", "name": "test_answer"}[field]
    path.write_text(text.replace(f'{field} = "{value}"', f'{field} = "{value}\\n"'), encoding="utf-8")
    with pytest.raises(ManifestError, match=r"exercise\.toml"):
        list(Catalogue([CoursePack("course", course)]))
