"""Mistakes are edits of a right solution, or whole files, and what no longer fits is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from authoring.conftest import Course
from learn_torch.authoring.export import leaks
from learn_torch.authoring.findings import Finding
from learn_torch.authoring.solutions import Solutions
from learn_torch.authoring.texts import check_exercise
from learn_torch.errors import LearnError

NAMES = ["absolute_values", "always_float32", "square_of_the_mean", "sum_for_mean"]
WHOLE = '"""It is halved.\n\n多除以了二。\n"""\n\n\ndef mean_of_squares(x):\n    return x.pow(2).mean() / 2\n'


def entry(edits: str, more: str = "", name: str = "fifth") -> str:
    return f'\n[[mistakes]]\nname = "{name}"\nen = "A sentence."\nzh = "一句话。"\n{more}\nedits = {edits}\n'


def add(course: Course, text: str) -> None:
    course.write("mistakes.toml", course.path("mistakes.toml").read_text("utf-8") + text)


def names(course: Course) -> list[str]:
    return [mistake.name for mistake in Solutions.of(course.exercise).mistakes]


def source(course: Course, name: str) -> str:
    return Solutions.of(course.exercise).mistake(name).source.decode()


def finding(course: Course) -> Finding:
    (one,) = check_exercise(course.exercise)
    return one


def test_an_edit_makes_a_whole_submission_of_the_reference(course: Course) -> None:
    assert names(course) == NAMES
    assert list(check_exercise(course.exercise)) == []
    assert source(course, "sum_for_mean") == "def mean_of_squares(x):\n    return x.pow(2).sum()  # ()\n"


def test_a_mistake_may_be_an_edit_of_an_alternative(course: Course) -> None:
    add(course, entry('[[" / len(x)", ""]]', 'of = "alternatives/loop"'))
    assert list(check_exercise(course.exercise)) == []
    assert source(course, "fifth").endswith("    return total\n")


def test_no_edit_sees_what_another_one_makes(course: Course) -> None:
    add(course, entry('[["x.pow(2)", "x.mean(0)"], [".mean()", ".pow(2)"]]'))
    assert "return x.mean(0).pow(2)" in source(course, "fifth")


def test_line_endings_of_another_system_do_not_matter(course: Course) -> None:
    text = "def mean_of_squares(x):\n    y = x.pow(2)\n    return y.mean()\n"
    course.path("solution.py").write_bytes(text.replace("\n", "\r\n").encode())
    course.path("mistakes.toml").write_bytes(
        b"format_version = 1\r\n" + entry(r'[["y = x.pow(2)\n", "y = x\n"]]').replace("\n", "\r\n").encode()
    )
    assert source(course, "fifth") == text.replace("x.pow(2)", "x")


def test_a_whole_file_stands_beside_the_edits(course: Course) -> None:
    course.write("mistakes/halved.py", WHOLE)
    assert list(check_exercise(course.exercise)) == []
    assert names(course) == sorted([*NAMES, "halved"])
    mistake = Solutions.of(course.exercise).mistake("halved")
    assert (mistake.source.decode(), mistake.sentence.en) == (WHOLE, "It is halved.")


FAULTS: dict[str, tuple[str, str]] = {
    "an old text that is not there": (
        entry('[["x.pow(3)", "x"]]'),
        "fifth: the reference has changed, it does not contain:\nx.pow(3)",
    ),
    "an old text that is there twice": (
        entry('[["x", "y"]]'),
        "fifth: the reference has changed, it contains more than once:\nx",
    ),
    "edits of the same text": (
        entry('[["x.pow(2)", "x"], ["pow(2).mean()", "sum()"]]'),
        "fifth: two edits touch the same text:\npow(2)",
    ),
    "no Python": (
        entry('[["return ", "return ("]]'),
        "fifth: the reference with these edits is not valid Python",
    ),
    "another base that is not there": (
        entry('[["x", "y"]]', 'of = "alternatives/none"'),
        "fifth: alternatives/none cannot be read",
    ),
    "an alternative that has changed": (
        entry('[["sum", "mean"]]', 'of = "alternatives/loop"'),
        "fifth: alternatives/loop has changed",
    ),
    "a name twice": (
        entry('[["x.pow(2)", "x"]]', name="sum_for_mean"),
        "there is another mistake 'sum_for_mean'",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_an_entry_that_cannot_be_used_is_a_finding_with_its_line(what: str, course: Course) -> None:
    text, message = FAULTS[what]
    at = course.path("mistakes.toml").read_text("utf-8").count("\n") + 2
    add(course, text)
    found = finding(course)
    assert found.message.startswith(message)
    assert (found.rule, Path(found.file), found.line) == ("mistake", course.path("mistakes.toml"), at)
    assert names(course) == NAMES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (entry('[["x", "y"]]', 'colour = "red"'), "unknown field `colour`"),
        (entry("[]"), "edits"),
        (entry('[["x"]]'), "edits"),
        (entry('[["", "y"]]'), "edits"),
        (entry('[["x", "y"]]', 'of = "../run"'), "of: "),
        (entry('[["x", "y"]]', name="Not a name"), "name: "),
        ("\n[[mistakes\n", "not valid TOML"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_finding_with_its_line(
    text: str, message: str, course: Course
) -> None:
    at = course.path("mistakes.toml").read_text("utf-8").count("\n") + 2
    add(course, text)
    found = finding(course)
    line = int(found.message.removeprefix(f"{course.path('mistakes.toml')}:").partition(":")[0])
    assert found.rule == "manifest"
    assert message in found.message
    assert at <= line <= at + 6
    assert names(course) == []
    assert Solutions.of(course.exercise).reference.is_file()


def test_an_unknown_field_lists_those_that_are_allowed(course: Course) -> None:
    add(course, entry('[["x", "y"]]', 'colour = "red"'))
    assert "allowed here: name, en, zh, edits, also, of" in finding(course).message


def test_a_whole_file_of_the_same_name_is_a_finding(course: Course) -> None:
    course.write("mistakes/sum_for_mean.py", WHOLE)
    found = finding(course)
    assert found.message == "there is another mistake 'sum_for_mean'"
    assert found.file.endswith("sum_for_mean.py")


def test_a_whole_file_without_its_sentence_is_a_finding(course: Course) -> None:
    course.write("mistakes/halved.py", WHOLE.replace("多除以了二。", ""))
    found = finding(course)
    assert (found.rule, found.line) == ("text", 1)
    assert found.message.startswith("its docstring is not a sentence in English, an empty line")


def test_whoever_asks_for_a_mistake_that_cannot_be_used_is_told_where_to_look(course: Course) -> None:
    add(course, entry('[["x.pow(3)", "x"]]'))
    with pytest.raises(LearnError, match="mine/01 has no mistake 'fifth'") as caught:
        Solutions.of(course.exercise).mistake("fifth")
    assert (
        caught.value.hint
        == f"its mistakes: {', '.join(NAMES)}; `learn verify mine/01` says what is wrong with the others"
    )


def test_a_list_of_mistakes_is_not_handed_on(course: Course) -> None:
    statement = course.path("README.md").parent
    assert list(leaks(course.root, course.root / "exercises")) == []
    (statement / "notes.toml").write_bytes(course.path("mistakes.toml").read_bytes())
    assert [path.name for path, _lines in leaks(course.root, course.root / "exercises")] == ["notes.toml"]


def test_other_ways_of_making_a_mistake_are_submissions_of_their_own(course: Course) -> None:
    add(course, entry('[["x.pow(2)", "x"]]', 'also = [[["x.pow(2)", "x + x"]], [[".mean()", ".sum() / 2"]]]'))
    assert list(check_exercise(course.exercise)) == []
    assert names(course) == [*NAMES[:1], NAMES[1], "fifth", "fifth", "fifth", *NAMES[2:]]
    assert "return (x + x).mean()" in source(course, "fifth/2") or "return x + x.mean()" in source(
        course, "fifth/2"
    )
    assert "x.pow(2).sum() / 2" in source(course, "fifth/3")


def test_another_way_that_does_not_fit_is_named(course: Course) -> None:
    add(course, entry('[["x.pow(2)", "x"]]', 'also = [[["x.pow(3)", "x"]]]'))
    assert "fifth, also 1: the reference has changed" in finding(course).message
