"""Outcomes are kept by what could have made them different, and only those that another run would repeat."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path

import pytest

from authoring.conftest import Course, Runs
from learn_torch.authoring import cache as caching
from learn_torch.authoring.cache import OutcomeCache, is_lasting, key_of, surroundings_of
from learn_torch.authoring.verify import VerifyReport
from learn_torch.course import Exercise
from learn_torch.judge import job as jobs
from learn_torch.judge.job import Outcome

KEY = "0123456789abcdef"
PASSED = Outcome(3, [jobs.TestResult("test_answer", "passed", "", "", cpu=0.25)])


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    OutcomeCache(tmp_path).put(KEY, PASSED)
    assert OutcomeCache(tmp_path).get(KEY) == PASSED
    assert OutcomeCache(tmp_path).get(KEY[::-1]) is None


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(0, [jobs.TestResult("test_answer", "failed", "late", "", lost="time")]),
        Outcome(0, [jobs.TestResult("test_answer", "failed", "gone", "", lost="ended")]),
        Outcome(0, [PASSED.tests[0], jobs.TestResult("test_other", "error", "broken", "")]),
        Outcome(0, [], broken="the grader could not be collected"),
        Outcome(0, [], refused=True),
    ],
)
def test_what_another_run_could_change_is_not_kept(outcome: Outcome, tmp_path: Path) -> None:
    kept = OutcomeCache(tmp_path)
    kept.put(KEY, outcome)
    assert not is_lasting(outcome)
    assert kept.get(KEY) is None
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda data: data + b"x",
        lambda data: b"not an outcome, but long enough to be one",
    ],
)
def test_a_damaged_file_is_ignored_and_written_anew(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    kept = OutcomeCache(tmp_path)
    kept.put(KEY, PASSED)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert kept.get(KEY) is None
    kept.put(KEY, PASSED)
    assert kept.get(KEY) == PASSED


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = OutcomeCache(tmp_path / "file")
    kept.put(KEY, PASSED)
    kept.prune()
    assert kept.get(KEY) is None


def test_what_was_not_used_for_longest_is_removed(tmp_path: Path) -> None:
    kept = OutcomeCache(tmp_path)
    keys = [f"{n:064x}" for n in range(4)]
    for key in keys:
        kept.put(key, PASSED)
    for age, file in enumerate(files(tmp_path)):
        os.utime(file, (1000 + age, 1000 + age))
    size = files(tmp_path)[0].stat().st_size
    assert kept.get(keys[0]) == PASSED  # used now
    OutcomeCache(tmp_path, most_bytes=2 * size).prune()
    assert [kept.get(key) is not None for key in keys] == [True, False, False, True]


def write_and_read(folder: Path) -> int:
    kept = OutcomeCache(folder)
    wrong = 0
    for number in range(300):
        key = f"{number % 7:064x}"
        kept.put(key, PASSED)
        wrong += kept.get(key) != PASSED
    return wrong


def test_two_processes_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert list(pool.map(write_and_read, [tmp_path, tmp_path])) == [0, 0]
    assert len(files(tmp_path)) == 7


class TestNames:
    """What gives an outcome another name."""

    GRADER = "def test_answer(submission):\n    assert submission.answer() == 42\n"

    def test_all_that_is_asked(self) -> None:
        asked = [
            (b"around", b"source", "cpu", 0, "en", {}),
            (b"other", b"source", "cpu", 0, "en", {}),
            (b"around", b"other", "cpu", 0, "en", {}),
            (b"around", b"source", "cuda:0", 0, "en", {}),
            (b"around", b"source", "cpu", 1, "en", {}),
            (b"around", b"source", "cpu", 0, "zh", {}),
            (b"around", b"source", "cpu", 0, "en", {"traced": True}),
            (b"around", b"source", "cpu", 0, "en", {"first_failure": True}),
            (b"around", b"source", "cpu", 0, "en", {"only": ["test_a"]}),
            (b"around", b"source", "cpu", 0, "en", {"only": ["test_a", "test_b"]}),
            (b"around", b"source", "cpu", 0, "en", {"time_limit": 1.0}),
        ]
        assert len({key_of(*one) for one in asked}) == len(asked)
        both = {"traced": True, "only": ["test_a"]}
        assert key_of(*asked[0][:5], both) == key_of(*asked[0][:5], dict(reversed(both.items())))

    def test_the_grader_its_fixtures_and_what_of_the_manifest_reaches_a_job(
        self, make_exercise: Callable[..., Exercise]
    ) -> None:
        fixtures = 'fixtures = ["shared.py"]'
        first = make_exercise(self.GRADER, extra=fixtures)
        shared = first.grader.with_name("shared.py")
        shared.write_text("a = 1\n")
        names = [surroundings_of(first, gpu=False)]
        shared.write_text("a = 2\n")
        names.append(surroundings_of(first, gpu=False))
        for options in (
            {"imports": "[]"},
            {"time_limit": 9},
            {"extra": f'{fixtures}\nmemory = "2 GiB"'},
            {"extra": f"{fixtures}\nprocesses = true"},
            {"extra": ""},
        ):
            names.append(
                surroundings_of(make_exercise(self.GRADER, **{"extra": fixtures, **options}), gpu=False)
            )
        names.append(surroundings_of(make_exercise(self.GRADER + "\n", extra=fixtures), gpu=False))
        assert len(set(names)) == len(names)

    def test_not_what_only_a_learner_reads(self, make_exercise: Callable[..., Exercise]) -> None:
        exercise = make_exercise(self.GRADER)
        before = surroundings_of(exercise, gpu=False)
        manifest = exercise.folder / "exercise.toml"
        manifest.write_text(manifest.read_text("utf-8").replace('"Sample"', '"Example"'), encoding="utf-8")
        assert surroundings_of(make_exercise(self.GRADER, extra="budget = 1.0"), gpu=False) == before

    def test_our_own_sources_and_the_versions_of_what_runs(
        self, make_exercise: Callable[..., Exercise], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exercise = make_exercise(self.GRADER)
        names = [surroundings_of(exercise, gpu=False)]
        monkeypatch.setattr(caching, "_our_sources", lambda: b"edited")
        names.append(surroundings_of(exercise, gpu=False))
        monkeypatch.setattr(metadata, "version", lambda name: "0.0.1" if name == "torch" else "1")
        caching._version.cache_clear()
        names.append(surroundings_of(exercise, gpu=False))
        monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")
        names.append(surroundings_of(exercise, gpu=False))
        caching._version.cache_clear()
        assert len(set(names)) == 4


@pytest.mark.slow
class TestVerifying:
    """Each verifies an exercise once, and then what has changed."""

    def test_a_second_run_runs_nothing_and_finds_the_same(
        self, verify: Callable[..., VerifyReport], course: Course, kept: OutcomeCache
    ) -> None:
        course.change("mistakes.toml", '[[".mean()", ".sum()"]]', '[[".mean()", ".mean( )"]]')
        first = verify(cache=kept, mutants=True)
        runs = Runs()
        second = verify(runs, cache=kept, mutants=True)
        assert first.ran > 0
        assert (second.ran, runs.began_with) == (0, [])
        assert second.kept  # but for the traces, which are believed
        assert runs.ended == second.kept
        assert (second.findings, second.exercises) == (first.findings, first.exercises)
        assert first.findings

    def test_only_what_has_changed_runs_again(
        self, verify: Callable[..., VerifyReport], course: Course, kept: OutcomeCache
    ) -> None:
        whole = verify(cache=kept).ran
        course.change("mistakes.toml", '[[".mean()", ".sum()"]]', '[[".mean()", ".sum() * 2"]]')
        runs = Runs()
        verify(runs, cache=kept)
        assert set(runs.began_with) == {"mistake sum_for_mean"}
        more = verify(cache=kept, seeds=3)  # one seed more of everything
        assert 0 < more.ran < whole
        course.change("grader", "import torch\n", "import torch  # again\n")
        assert verify(cache=kept).ran == whole

    def test_a_run_that_is_interrupted_loses_nothing(
        self, verify: Callable[..., VerifyReport], kept: OutcomeCache
    ) -> None:
        class Interrupting(Runs):
            def done(self, runs: int) -> None:
                super().done(runs)
                if self.ended > 20:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            verify(Interrupting(), cache=kept)
        assert verify(cache=kept).kept > 20

    def test_a_mistake_that_runs_out_of_time_runs_again(
        self, verify: Callable[..., VerifyReport], course: Course, kept: OutcomeCache
    ) -> None:
        course.change("exercise.toml", "time_limit = 10", "time_limit = 1")
        loop = "def mean_of_squares(x):\n    while True:\n        pass\n"
        course.write("mistakes/never_ends.py", f'"""It never ends.\n\n永远不会结束。\n"""\n\n\n{loop}')
        verify(cache=kept)
        runs = Runs()
        verify(runs, cache=kept)
        assert runs.began_with == ["mistake never_ends"]
