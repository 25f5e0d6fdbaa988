"""Manifests are read strictly, and what is wrong is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from learn_torch.course import ExerciseManifest, TrackManifest
from learn_torch.course.manifests import decode_manifest, read_manifest
from learn_torch.errors import ManifestError

GOOD = """\
format_version = 1
id = "03"
slug = "sample"
title = { en = "Sample", zh = "样例" }
topics = ["tests"]
functions = ["answer"]
hints = [{ en = "a", zh = "甲" }]
time_limit = 10
[[checks]]
name = "test_one"
title = { en = "one", zh = "一" }
[[checks]]
name = "test_two"
title = { en = "two", zh = "二" }
points = 2
"""


def test_a_good_manifest() -> None:
    manifest = decode_manifest(GOOD, ExerciseManifest, Path("exercise.toml"))
    assert manifest.slug == "sample"
    assert [check.points for check in manifest.checks] == [1.0, 2]
    assert manifest.memory_bytes == 2**30


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("time_limit", "timelimit", 8, "timelimit"),
        ("time_limit = 10", "time_limit = 'long'", 8, "float"),
        ("time_limit = 10", "time_limit = 0", 8, "> 0"),
        ("points = 2", "point = 2", 15, "`point`"),
        ("points = 2", "points = -1", 15, ">= 0"),
        ("test_two", "two", 13, "regex"),
        ("format_version = 1", "format_version = 7", 1, "7"),
        ('zh = "二"', 'fr = "deux"', 14, "fr"),
        ('slug = "sample"', 'slug = "Not A Slug"', 3, "regex"),
        ('id = "03"', 'id = "03', 2, "TOML"),
        ("points = 2", 'after = ["test_three"]', 15, "checks[1].after: there is no check test_three"),
        ("points = 2", 'after = ["test_two"]', 15, "checks[1].after: test_two would come after itself"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ManifestError) as caught:
        decode_manifest(GOOD.replace(old, new), ExerciseManifest, Path("exercise.toml"))
    assert caught.value.message.startswith(f"exercise.toml:{line}: "), caught.value.message
    assert words in caught.value.message


def test_an_unknown_key_lists_those_that_are_allowed() -> None:
    with pytest.raises(ManifestError) as caught:
        decode_manifest(GOOD.replace("points = 2", "point = 2"), ExerciseManifest, Path("x"))
    assert "name, title, points, help" in caught.value.hint


def test_a_missing_file_and_one_that_is_no_utf8(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path / "track.toml", TrackManifest)
    (tmp_path / "track.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestError, match="UTF-8"):
        read_manifest(tmp_path / "track.toml", TrackManifest)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "exercise.toml").write_text(GOOD, encoding="utf-8-sig")
    assert read_manifest(tmp_path / "exercise.toml", ExerciseManifest).id == "03"


def test_checks_that_come_after_each_other_in_a_circle_are_refused() -> None:
    text = GOOD.replace("points = 2", 'after = ["test_one"]')
    assert decode_manifest(text, ExerciseManifest, Path("exercise.toml")).checks[1].after == ("test_one",)
    text = text.replace('zh = "一" }', 'zh = "一" }\nafter = ["test_two"]')
    with pytest.raises(
        ManifestError, match=r"exercise\.toml:\d+: checks\[\d\]\.after: .* would come after itself"
    ):
        decode_manifest(text, ExerciseManifest, Path("exercise.toml"))
