"""Everything a learner reads is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from learn_torch.course import Catalogue, Exercise, course_root
from learn_torch.language import LANGUAGES, sentences, speaking

ROOT = Path(__file__).parents[1]
MESSAGES = ROOT / "grader" / "learn_torch" / "locale" / "zh_CN" / "LC_MESSAGES"
EXERCISES = sorted((ROOT / "exercises").glob("*/*/exercise.toml"))


def translations() -> Catalog:
    with open(MESSAGES / "learn_torch.po", "rb") as file:
        return read_po(file, locale="zh_CN")


def in_the_code() -> set[str | tuple[str, ...]]:
    found: set[str | tuple[str, ...]] = set()
    for line in (ROOT / "babel.cfg").read_text("utf-8").splitlines():
        folder, _slash, pattern = line.strip("[]").removeprefix("python: ").partition("/")
        extracted = extract_from_dir(ROOT / folder, [(pattern, "python")])
        found |= {message for _file, _line, message, _notes, _context in extracted}
    return found


def test_every_message_of_the_code_is_translated_and_nothing_else() -> None:
    translated = {message.id: message.string for message in translations() if message.id}
    assert in_the_code() == set(translated)
    assert all(text and all(text) for text in translated.values())


def test_translations_have_the_fields_of_their_originals() -> None:
    for message in translations():
        if message.id:
            assert message.string
            original = message.id if isinstance(message.id, str) else message.id[-1]
            text = message.string if isinstance(message.string, str) else message.string[0]
            assert sorted(re.findall(r"\{[^}]*\}", text)) == sorted(re.findall(r"\{[^}]*\}", original)), (
                original
            )


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    with open(MESSAGES / "learn_torch.mo", "rb") as file:
        compiled = {str(message.id): str(message.string) for message in read_mo(file) if message.id}
    text = {str(message.id): str(message.string) for message in translations() if message.id}
    # Of a plural, the compiled form has a list where the text has a tuple.
    assert {key.strip("[]()") for key in compiled} == {key.strip("[]()") for key in text}
    assert sorted(value.strip("[](),") for value in compiled.values()) == sorted(
        value.strip("[](),") for value in text.values()
    )


@pytest.mark.parametrize("manifest", EXERCISES, ids=lambda path: path.parent.name)
def test_every_exercise_has_its_statement_in_both_languages(manifest: Path) -> None:
    english = (manifest.parent / "README.md").read_text("utf-8")
    chinese = (manifest.parent / "README.zh.md").read_text("utf-8")
    assert not re.search(r"[\u4e00-\u9fff]{5}", english)
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese)) > 200


def test_a_full_width_stop_is_followed_by_no_space() -> None:
    assert sentences("One.", "", "Two.") == "One. Two."
    assert sentences("一。", "二。") == "一。二。"


def test_titles_follow_the_language(catalogue: Catalogue) -> None:
    exercise: Exercise = catalogue.resolve("core/03")
    with speaking("zh"):
        assert str(exercise.manifest.title) == "卷积输出尺寸"
        assert exercise.statement.name == "README.zh.md"
    assert str(exercise.manifest.title) == "Convolution output shape"
    assert LANGUAGES == ("en", "zh")
    assert course_root() == ROOT
