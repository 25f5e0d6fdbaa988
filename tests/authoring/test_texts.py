"""What `learn verify` finds without running anything."""

from __future__ import annotations

import pytest

from authoring.conftest import Course
from learn_torch.authoring.texts import check_exercise, check_track
from learn_torch.course import Catalogue, CoursePack

TEXTS: dict[str, tuple[str, str, str, str]] = {
    "no Chinese hint": ("exercise.toml", "轻轻一推：想一想哪个问题有帮助？", "?", "the hint 1 has no Chinese text"),
    "a TODO in the statement": ("README.md", "## What", "TODO\n\n## What", "the statement still has a TODO"),
    "a function that is not named": ("README.zh.md", "mean_of_squares", "f", "does not name `mean_of_squares`"),
    "no Chinese sentence": ("mistakes.toml", "给犯了这个错的人看的一句话。（这里：平方求了和，却没有除以个数。）", "?", "`zh` is not a Chinese sentence"),
    "a stub without its mark": ("stub.py", "# TODO: return", "# return", "every gap needs a comment"),
    "other code in the Chinese stub": ("stub.zh.py", "(x)", "(y)", "its code differs from that of stub.py"),
    "a Chinese stub without its mark": ("stub.zh.py", "# TODO: ", "# ", "every gap needs a comment"),
    "something required that is not there": ("exercise.toml", "requires = []", 'requires = ["mine/07"]', "is not an exercise"),
    "itself required": ("exercise.toml", "requires = []", 'requires = ["mine/01"]', "it requires itself"),
}  # fmt: skip


@pytest.mark.parametrize("what", TEXTS)
def test_texts(what: str, course: Course) -> None:
    place, old, new, message = TEXTS[what]
    course.change(place, old, new)
    catalogue = Catalogue([CoursePack("mine", course.root)])
    exercise = catalogue.resolve("mine/01")
    findings = [*check_exercise(exercise), *check_track(exercise.track, catalogue)]
    assert any(message in one.message for one in findings), findings
    assert len(findings) == 1


def test_a_missing_statement_and_a_stray_file(course: Course) -> None:
    course.path("README.md").rename(course.path("README.md").with_name("readme.txt"))
    catalogue = Catalogue([CoursePack("mine", course.root)])
    exercise = catalogue.resolve("mine/01")
    assert [one.message for one in check_exercise(exercise)] == ["the statement is missing"]
    (stray,) = check_track(exercise.track, catalogue)
    assert stray.file.endswith("readme.txt")


def test_comments_and_docstrings_of_the_chinese_stub_may_differ_and_it_may_be_missing(course: Course) -> None:
    course.change("stub.zh.py", "    # TODO", '    """平方的均值。"""\n    # 第一步\n    # TODO')
    catalogue = Catalogue([CoursePack("mine", course.root)])
    exercise = catalogue.resolve("mine/01")
    assert [*check_exercise(exercise)] == []
    assert exercise.stub_in("zh").name == "stub.zh.py"
    course.path("stub.zh.py").unlink()
    assert [*check_exercise(exercise)] == []
    assert exercise.stub_in("zh") == exercise.stub_in("en") == exercise.stub


def test_a_chinese_stub_in_english(course: Course) -> None:
    course.write("stub.zh.py", course.path("stub.py").read_text("utf-8"))
    (found,) = check_exercise(Catalogue([CoursePack("mine", course.root)]).resolve("mine/01"))
    assert found.message == "it has no Chinese text"
