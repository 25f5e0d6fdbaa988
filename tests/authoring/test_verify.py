"""`learn verify` finds what is wrong with an exercise, and nothing where nothing is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from authoring.conftest import Course, Runs, fill_in
from learn_torch.authoring.cache import OutcomeCache
from learn_torch.authoring.checkers import Checkers
from learn_torch.authoring.mistakes import is_chinese
from learn_torch.authoring.plan import Seeds
from learn_torch.authoring.scaffold import new_exercise
from learn_torch.authoring.solutions import Solutions
from learn_torch.authoring.verify import Verified, Verifier, VerifyReport
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack
from learn_torch.diagnosis.matching import read_traces, source_digest
from learn_torch.judge.job import Outcome
from learn_torch.language import speaking

pytestmark = pytest.mark.slow  # each runs some sixty submissions


def found(report: VerifyReport, rule: str) -> list[str]:
    assert {one.rule for one in report.findings} == {rule}, report.findings
    return [one.message for one in report.findings]


def test_the_scaffold_has_nothing_to_mend_once_it_is_filled_in(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    report = verify(mutants=True)
    assert report.findings == []
    (one,) = report.exercises
    assert (one.right, one.mistakes, one.mutants, one.killed) == (3, 4, 3, 3)
    assert report.score == 1.0
    traces = read_traces(course.exercise)
    assert traces is not None
    assert {mistake.name for mistake in traces.mistakes} == {
        "absolute_values",
        "always_float32",
        "square_of_the_mean",
        "sum_for_mean",
    }


def test_as_many_runs_as_were_foreseen(
    verify: Callable[..., VerifyReport], course: Course, checkers: Checkers
) -> None:
    runs = Runs()
    foreseen = Verifier(
        Catalogue([CoursePack("mine", course.root)]), checkers, seeds=Seeds.all(2), mutants=True
    ).runs([course.exercise])
    assert verify(runs, mutants=True).ran == runs.ended == foreseen


def test_a_stub_that_passes_or_fails_otherwise_than_by_its_todo(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.change("stub.py", "    raise NotImplementedError", "    return x.float().pow(2).mean()")
    course.write("stub.py", course.path("stub.py").read_text() + "\n\n# raise NotImplementedError\n")
    told = found(verify(), "stub")
    assert any("test_example passes with the stub" in message for message in told)
    assert any("test_dtype fails, but not because of a TODO" in message for message in told)


def test_a_reference_that_fails(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("solution.py", ".pow(2)", ".pow(3)")
    told = [one.message for one in verify().findings if one.rule == "reference"]
    assert any("test_example failed on cpu, seed 0, with every seed" in message for message in told)
    assert any("on simulated-cuda" in message for message in told)


def test_an_alternative_that_fails(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("alternatives/loop.py", "number**2", "number**4")
    assert "test_example" in found(verify(), "alternative")[0]


def test_a_mistake_that_passes(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("mistakes.toml", '".sum()"', '".mean()"')
    (message,) = found(verify(), "mistake")
    assert message == "sum_for_mean: it passes, with seed 0"


def test_a_mistake_that_passes_with_some_seeds(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change(
        "grader",
        "def test_any_numbers(submission, rng):",
        "def test_any_numbers(submission, rng):\n    if rng.random() < 0.6:\n        return",
    )
    course.change("grader", "torch.randn(rng.randint(3, 50), dtype=dtype)", "torch.randn(5, dtype=dtype)")
    course.change(
        "mistakes.toml",
        '[".mean()", ".sum()"]',
        '["x.pow(2).mean()", "x.pow(2).sum() if len(x) > 5 else x.pow(2).mean()"]',
    )
    told = [one.message for one in verify(seeds=12).findings if one.rule == "mistake"]
    assert len(told) == 1
    assert told[0].startswith("sum_for_mean: it passes")


NEVER_ENDS = (
    '"""It never ends.\n\n永远不会结束。\n"""\n\n\ndef mean_of_squares(x):\n    while True:\n        pass\n'
)


def test_a_mistake_that_only_the_clock_notices(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("exercise.toml", "time_limit = 10", "time_limit = 1")
    course.write("mistakes/never_ends.py", NEVER_ENDS)
    (told,) = found(verify(), "mistake")
    assert "only its running out of time distinguishes it from right code" in told


def test_a_mutant_that_never_ends_is_neither_noticed_nor_missed(
    only: Callable[..., Verified], course: Course
) -> None:
    course.write(
        "solution.py",
        "import torch\n\n\ndef mean_of_squares(x):\n    total, n = torch.zeros((), dtype=torch.float64), 0\n"
        "    while n < len(x):\n        total, n = total + x[n].double() ** 2, n + 1\n    return total / n\n",
    )
    verified = only(mutants=True, seeds=1)
    assert verified.hung
    assert verified.mutants == (verified.killed or 0) + len(verified.survivors)


def test_mistakes_that_answer_alike(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.write(
        "mistakes/magnitudes.py",
        '"""Magnitudes are no squares, either.\n\n大小也不是平方。\n"""\n\n\ndef mean_of_squares(x):\n'
        "    return abs(x).sum() / len(x)\n",
    )
    told = found(verify(), "diagnosis")
    assert len(told) == 2
    assert "absolute_values" in told[1]


def test_a_check_that_no_mistake_fails(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change(
        "grader",
        "def test_dtype(",
        "def test_nothing(submission):\n    submission.mean_of_squares(torch.ones(1))\n\n\ndef test_dtype(",
    )
    course.change(
        "exercise.toml",
        '[[checks]]\nname = "test_dtype"',
        '[[checks]]\nname = "test_nothing"\ntitle = { en = "a", zh = "甲" }\n\n[[checks]]\nname = "test_dtype"',
    )
    (message,) = found(verify(), "check")
    assert "test_nothing notices no mistake" in message


def test_an_answer_of_the_wrong_type_that_passes(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change(
        "grader",
        "    assert_close(submission",
        "    return submission, assert_close\n    assert_close(submission",
    )
    told = [one.message for one in verify().findings if one.rule == "wrong-types"]
    assert "where mean_of_squares returns a str, every check passes" in told


def test_an_answer_of_the_wrong_type_that_breaks_the_grader(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.change(
        "grader",
        "    x = torch.tensor([1.0, -2.0, 3.0])",
        "    if submission.mean_of_squares(torch.ones(1)) is None:\n        import pytest\n        pytest.skip()\n    x = torch.tensor([1.0, -2.0, 3.0])",
    )
    told = found(verify(), "wrong-types")
    assert len(told) == 1
    assert told[0].startswith("where mean_of_squares returns None, test_example is an error")


def test_a_check_that_breaks_behind_one_that_fails_is_found_by_a_thorough_run(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    body = course.path("grader").read_text("utf-8")
    before, name, after = body.partition("def test_dtype(")
    arguments, colon, rest = after.partition(":\n")
    skipping = "    if submission.mean_of_squares(torch.ones(1)) is None:\n        import pytest\n        pytest.skip()\n"
    course.write("grader", before + name + arguments + colon + skipping + rest)
    assert verify(seeds=1).findings == []
    told = found(verify(seeds=Seeds.thorough(1)), "wrong-types")
    assert told[0].startswith("where mean_of_squares returns None, test_dtype is an error")


def test_too_few_solutions(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.path("alternatives/loop.py").unlink()
    course.leave_out("sum_for_mean")
    told = found(verify(), "solutions")
    assert told == ["1 alternatives; at least 2 are needed", "3 mistakes; at least 4 are needed"]


def test_a_survivor_is_shown_and_may_be_listed(only: Callable[..., Verified], course: Course) -> None:
    for place in ("solution.py", "mistakes.toml"):
        course.change(place, "x.pow(2).mean()", "x.pow(2).mean(dim=0)")
    course.change("mistakes.toml", '".mean()"', '".mean(dim=0)"')
    one = only(mutants=True)
    assert [survivor.becomes for survivor in one.survivors] == [
        "return x.pow(2).mean()",
        "return x.pow(2).mean(dim=-1)",
    ]
    assert "-    return x.pow(2).mean(dim=0)" in one.survivors[0].diff
    assert {finding.rule for finding in one.findings} == {"mutants"}
    entry = '[[mutants]]\nstatement = "return x.pow(2).mean(dim=0)"\nbecomes = "{}"\nreason = "x has one dimension"\n'
    both = [entry.format(survivor.becomes) for survivor in one.survivors]
    course.write("equivalent.toml", "format_version = 1\n" + "\n".join(both))
    one = only(mutants=True)
    assert (one.findings, one.survivors, one.equivalent) == ([], [], 2)
    course.write("equivalent.toml", "format_version = 1\n" + entry.format("return 1") + "\n".join(both))
    assert "no mutant is `return x.pow(2).mean(dim=0)` -> `return 1`" in only().findings[0].message


def test_slower_than_its_budget(
    verify: Callable[..., VerifyReport], course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine = Checker.examine_seeds

    def slowly(*args: Any, **options: Any) -> list[Outcome]:
        outcomes = examine(*args, **options)
        for outcome in outcomes:
            for test in outcome.tests:
                test.cpu = 2.5 if test.name == "test_dtype" else 0.5
        return outcomes

    monkeypatch.setattr(Checker, "examine_seeds", slowly)
    report = verify(measured=True, seeds=1)
    (message,) = found(report, "budget")
    assert message == "a check takes 3.5 s, more than its budget of 2 s; test_dtype alone takes 2.5 s"
    assert report.exercises[0].seconds == 3.5
    assert verify(measured=False, seeds=1).findings == []


def test_a_grader_that_breaks(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("grader", "import torch\n", "import torch\nimport nothing_of_this_name\n")
    assert any("could not be collected" in message for message in (one.message for one in verify().findings))


def test_a_grader_without_a_test_of_the_manifest(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("grader", "def test_dtype", "def test_kind")
    told = [one.message for one in verify().findings if one.rule == "grader"]
    assert "it has no test test_dtype" in told
    assert "test_kind is not among the checks of the manifest" in told


def test_a_broken_list_of_equivalents_is_a_finding(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.write("equivalent.toml", 'format_version = 1\n[[mutants]]\nstatement = "x"\n')
    (message,) = found(verify(), "manifest")
    assert "equivalent.toml:2: " in message


def test_a_missing_reference_is_a_finding(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.path("solution.py").unlink()
    assert found(verify(mutants=True), "solutions") == ["there is no reference"]


def test_a_reference_that_is_no_python_is_a_finding(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.write("solution.py", "def mean_of_squares(x:\n")
    assert any("not valid Python" in one.message for one in verify().findings)


def test_statements_and_references_that_are_not_utf8_are_findings(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.path("README.md").write_bytes(b"\xff\xfe")
    assert any("is not UTF-8" in one.message for one in verify(seeds=1).findings)
    course.path("solution.py").write_bytes(b"# \xff\ndef mean_of_squares(x): pass\n")
    assert any(one.rule == "reference" for one in verify(seeds=1, mutants=True).findings)


def test_a_reference_without_mutants_has_nothing_to_mend(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    for place in ("solution.py", "mistakes.toml"):
        course.change(place, "x.pow(2).mean()", "x.square().nanmean()")
    course.change("mistakes.toml", '".mean()"', '".nanmean()"')
    course.change("mistakes.toml", '"x.pow(2)"', '"x.square()"')
    report = verify(seeds=1, mutants=True)
    assert (report.findings, report.exercises[0].mutants, report.score) == ([], 0, None)


def test_a_check_that_mutants_fail_behind_another_is_not_idle(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    course.leave_out("always_float32")
    course.write(
        "mistakes/halved.py",
        '"""It is halved.\n\n多除以了二。\n"""\n\n\ndef mean_of_squares(x):\n    return x.pow(2).mean() / (2 if len(x) == 3 else 1)\n',
    )
    right = "x.pow(2).mean()"
    for old, new, wrong in (
        (".mean()", ".sum()", "x.pow(2).sum()"),
        (right, "x.mean().pow(2)", "x.mean().pow(2)"),
        ("x.pow(2)", "x.abs()", "x.abs().mean()"),
    ):
        only_three = f'["{right}", "{wrong} if len(x) == 3 else {right}"]'
        course.change("mistakes.toml", f'["{old}", "{new}"]', only_three)
    idle = [one.message for one in verify(seeds=1).findings if one.rule == "check"]
    assert idle == ["test_any_numbers notices no mistake", "test_dtype notices no mistake"]
    assert not [one for one in verify(seeds=1, mutants=True).findings if one.rule == "check"]


def test_a_mistake_that_fails_only_where_there_are_no_points_passes(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    text = course.path("exercise.toml").read_text("utf-8")
    before, marker, after = text.rpartition("points = 1")
    course.write("exercise.toml", before + marker.replace("1", "0") + after)
    told = [one.message for one in verify(seeds=1).findings if one.rule == "mistake"]
    assert told == ["always_float32: it passes, with seed 0"]


def test_traces_of_mistakes_that_are_gone_go_too(verify: Callable[..., VerifyReport], course: Course) -> None:
    verify(seeds=1)
    assert course.exercise.traces.is_file()
    course.path("mistakes.toml").unlink()
    verify(seeds=1)
    assert not course.exercise.traces.exists()


def test_stale_traces_are_a_finding_and_nothing_is_written_unless_asked(
    verify: Callable[..., VerifyReport], course: Course, kept: OutcomeCache
) -> None:
    def check() -> list[str]:
        before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
        told = [(one.rule, one.message) for one in verify(seeds=1, write=False, cache=kept).findings]
        assert before == {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
        assert {rule for rule, _message in told} <= {"diagnosis"}
        return [message for _rule, message in told]

    stale = ["the traces are stale: `learn verify --write` updates them"]
    assert check() == stale
    assert verify(seeds=1, cache=kept).findings == []
    assert check() == []
    course.change("mistakes.toml", "but not divided", "but not split")
    assert check() == stale
    assert verify(seeds=1, cache=kept).findings == []
    course.change("grader", "import torch\n", "import torch  # again\n")
    assert check() == stale


def test_findings_of_a_chinese_run_are_chinese(verify: Callable[..., VerifyReport], course: Course) -> None:
    course.change("solution.py", ".pow(2)", ".pow(3)")
    with speaking("zh"):
        report = verify(seeds=1)
    told = [one.message for one in report.findings if one.rule == "reference"]
    assert told
    assert all(is_chinese(message) for message in told)


def test_shards_find_together_what_the_whole_finds(
    course: Course, checkers: Checkers, kept: OutcomeCache
) -> None:
    new_exercise(course.root, "mine", "02_other")
    fill_in(course.root.parent)
    course.change("mistakes.toml", '[[".mean()", ".sum()"]]', '[[".mean()", ".mean( )"]]')
    course.change("alternatives/loop.py", "number**2", "number**4")
    catalogue = Catalogue([CoursePack("mine", course.root)])
    exercises = list(catalogue)
    assert len(exercises) == 2

    def verified(*shard: int) -> VerifyReport:
        verifier = Verifier(catalogue, checkers, seeds=Seeds.all(1), measured=False, cache=kept)
        return verifier.verify(verifier.shard(exercises, *shard), Runs())

    whole, one, other = verified(1, 1), verified(1, 2), verified(2, 2)
    assert len(one.exercises) == len(other.exercises) == 1
    assert sorted(map(repr, whole.exercises)) == sorted(map(repr, [*one.exercises, *other.exercises]))
    assert {*map(repr, whole.findings)} == {*map(repr, one.findings), *map(repr, other.findings)}
    assert {"mistake", "alternative"} <= {one.rule for one in whole.findings}


def test_the_traces_of_a_students_edition_stay(verify: Callable[..., VerifyReport], course: Course) -> None:
    verify(seeds=1)
    traces = course.exercise.traces.read_bytes()
    shutil.rmtree(course.root / "solutions")
    assert {one.rule for one in verify(seeds=1).findings} == {"solutions"}
    assert course.exercise.traces.read_bytes() == traces


def test_traces_that_are_there_already_are_believed(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    made, again = verify(), verify(write=False)
    assert made.findings == again.findings == []
    mistakes = made.exercises[0].mistakes
    assert again.exercises[0].mistakes == mistakes
    assert made.ran - again.ran == 2 * mistakes  # the grader still has to notice each
    # Of a mistake that was edited they are stale, and it is run as a new one.
    course.change("mistakes.toml", '".sum()"', '".sum() * 1"')
    changed = verify(write=False)
    assert changed.ran == again.ran + 2
    assert found(changed, "diagnosis") == ["the traces are stale: `learn verify --write` updates them"]


def test_a_mistake_that_passes_is_found_whatever_its_traces_say(
    verify: Callable[..., VerifyReport], course: Course
) -> None:
    verify()
    traces = course.exercise.traces
    text = traces.read_text("utf-8")
    right = course.path("solution.py").read_bytes()
    wrong = next(one for one in Solutions.of(course.exercise).mistakes if one.name == "sum_for_mean").source
    traces.write_text(
        text.replace(source_digest(wrong), source_digest(right.replace(b"mean()", b"mean() * 1"))), "utf-8"
    )
    course.change("mistakes.toml", '".sum()"', '".mean() * 1"')
    (told,) = found(verify(write=False), "mistake")
    assert told.startswith("sum_for_mean: it passes on cpu, with the seeds 1")
