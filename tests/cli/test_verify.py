"""`learn verify` on the command line."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from command_line import Ran
from learn_torch.cli.verify_progress import watching
from learn_torch.course import Exercise

Learn = Callable[..., Ran]
GRADER = "def test_answer(submission):\n    assert submission.answer() == 42\n"


@pytest.fixture
def sample(make_exercise: Callable[..., Exercise]) -> Exercise:
    """An exercise with a reference and one mistake, and without traces."""
    exercise = make_exercise(GRADER, imports="[]")
    (exercise.solutions / "mistakes").mkdir(parents=True)
    (exercise.solutions / "solution.py").write_text("def answer():\n    return 42\n")
    wrong = '"""It is too small.\n\n太小了。\n"""\n\n\ndef answer():\n    return 41\n'
    (exercise.solutions / "mistakes" / "too_small.py").write_text(wrong, encoding="utf-8")
    return exercise


@pytest.fixture
def verify(learn: Learn, sample: Exercise) -> Learn:
    course = sample.track.pack.root
    return lambda *options: learn("verify", "pack", "--course", course, "--no-budget", "--json", *options)


def test_what_has_not_changed_does_not_run_again(verify: Learn) -> None:
    first, second, anew = verify("--seeds", 1), verify("--seeds", 1), verify("--seeds", 1, "--no-cache")
    assert first.json["ran"] > 0
    assert (second.json["ran"], second.json["kept"]) == (0, first.json["ran"])
    assert (anew.json["ran"], anew.json["kept"]) == (first.json["ran"], 0)
    assert first.json["findings"] == second.json["findings"] == anew.json["findings"]


def test_traces_are_written_only_when_asked_for(verify: Learn, sample: Exercise) -> None:
    def stale(done: Ran) -> bool:
        return any("traces are stale" in one["message"] for one in done.json["findings"])

    assert stale(verify("--seeds", 1))
    assert not sample.traces.exists()
    assert not stale(verify("--seeds", 1, "--write"))
    assert sample.traces.exists()
    assert not stale(verify("--seeds", 1, "--check"))


def test_seeds_by_purpose_one_number_for_all_or_thorough(verify: Learn) -> None:
    def runs(*options: object) -> int:
        report = verify(*options).json
        return int(report["ran"] + report["kept"])

    # The reference with 6 seeds and 1 elsewhere, 4 to recognise it, 1 renamed, 6 wrong types; a mistake with 3 runs.
    assert runs() == 6 + 1 + 4 + 1 + 6 + 3
    assert runs("--seeds", 3) == 3 + 3 + 4 + 1 + 6 + 4
    assert runs("--thorough", "--seeds", 3) == 3 + 3 + 4 + 1 + 6 + 4 + 1


def test_a_shard_without_exercises_finds_nothing_in_them(verify: Learn) -> None:
    assert [one["exercise"] for one in verify("--seeds", 1, "--shard", "1/2").json["exercises"]] == [
        "pack/01"
    ]
    assert verify("--seeds", 1, "--shard", "2/2").json["exercises"] == []


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_shards_that_are_none(verify: Learn, shard: str) -> None:
    done = verify(f"--shard={shard}")
    assert done.code == 2
    assert "--shard 1/4" in done.err


def test_a_terminal_shows_what_runs(sample: Exercise) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    with watching(console, 3) as watcher:
        for _run in range(4):  # one more than was foreseen
            watcher.began(sample, "mistake too_small")
            watcher.done(1)
    assert "pack/01 mistake too_small" in shown.getvalue()
    assert "4/4" in shown.getvalue()


def test_elsewhere_are_lines(sample: Exercise) -> None:
    shown = io.StringIO()
    with watching(Console(file=shown, width=100), 20) as watcher:
        for _run in range(20):
            watcher.began(sample, "stub")
            watcher.done(1)
    lines = shown.getvalue().splitlines()
    assert lines[0] == "pack/01 sample"
    assert lines[1:] == [f"verifying {2 * n}/20" for n in range(1, 11)]
