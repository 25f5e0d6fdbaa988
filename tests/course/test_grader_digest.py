"""A digest says whether two submissions were judged by the same tests under the same conditions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from learn_torch.course import Exercise, grader_digest

GRADER = "def test_it(submission):\n    submission.answer()\n"
FIXTURES = 'fixtures = ["drawn.py"]'
Make = Callable[..., Exercise]


def test_it_is_the_documented_sum(make_exercise: Make) -> None:
    content = (
        b'{"device":"cpu","imports":["torch"],"memory":1073741824,"processes":false,"time_limit":10.0}\n'
        b'["test_01_sample.py",%d]\n%b' % (len(GRADER), GRADER.encode())
    )
    assert grader_digest(make_exercise(GRADER)) == hashlib.sha256(content).hexdigest()


def test_it_changes_with_the_grader_its_fixtures_and_its_conditions(make_exercise: Make) -> None:
    digests = [grader_digest(make_exercise(GRADER)), grader_digest(make_exercise(GRADER + "\n"))]
    for extra in ('memory = "2 GiB"', 'device = "simulated-cuda"', "processes = true"):
        digests.append(grader_digest(make_exercise(GRADER, extra=extra)))
    digests.append(grader_digest(make_exercise(GRADER, time_limit=11)))
    digests.append(grader_digest(make_exercise(GRADER, imports='["torch", "PIL"]')))
    exercise = make_exercise(GRADER, extra=FIXTURES)
    for source in ("", "side = 3\n"):
        exercise.grader.with_name("drawn.py").write_text(source)
        digests.append(grader_digest(exercise))
    assert len(set(digests)) == len(digests)


def test_it_stays_with_other_line_ends_titles_and_points(make_exercise: Make) -> None:
    digest = grader_digest(make_exercise(GRADER))
    exercise = make_exercise(GRADER)
    exercise.grader.write_bytes(GRADER.replace("\n", "\r\n").encode())
    assert grader_digest(exercise) == digest
    manifest = exercise.folder / "exercise.toml"
    text = (
        manifest.read_text("utf-8")
        .replace("Sample", "Another")
        .replace("[[checks]]", "[[checks]]\npoints = 5")
    )
    manifest.write_text(text, "utf-8")
    (again,) = exercise.track.pack.tracks()[0].exercises
    assert again.max_points == 5
    assert grader_digest(again) == digest


def test_without_the_grader_there_is_none(make_exercise: Make) -> None:
    exercise = make_exercise(GRADER)
    exercise.grader.unlink()
    with pytest.raises(FileNotFoundError):
        grader_digest(exercise)
