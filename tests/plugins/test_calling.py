"""Calling hooks: what others wrote is guarded, and what we wrote is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from learn_torch import hookimpl
from learn_torch.course import CoursePack, course_root
from learn_torch.plugins.manager import Plugins, make_plugin_manager
from learn_torch.report import Diagnosis

EVERYTHING = {"exercise": None, "source": b"", "report": None, "examine": None}


class Diagnoses:
    """A plugin that answers `learn_diagnose`, and counts how often it is asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked = 0

    @hookimpl
    def learn_diagnose(self, source: bytes) -> Any:
        self.asked += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    monkeypatch.setattr("learn_torch.diagnosis.matching.diagnose", lambda *_unused: None)
    return make_plugin_manager()


def install(plugins: Plugins, name: str, plugin: Any) -> Any:
    plugins.manager.register(plugin, name)
    plugins.installed.add(name)
    return plugin


FOUND = Diagnosis("found", "by somebody")


def test_the_last_one_that_came_is_asked_first_and_who_answers_nothing_is_left_out(plugins: Plugins) -> None:
    install(plugins, "first", Diagnoses(FOUND))
    install(plugins, "silent", Diagnoses(None))
    install(plugins, "last", Diagnoses(FOUND))
    assert list(plugins.call("learn_diagnose", **EVERYTHING)) == [("last", FOUND), ("first", FOUND)]


def test_who_wants_one_answer_asks_no_further(plugins: Plugins) -> None:
    asked_never = install(plugins, "first", Diagnoses(FOUND))
    install(plugins, "last", Diagnoses(FOUND))
    assert next(plugins.call("learn_diagnose", **EVERYTHING)) == ("last", FOUND)
    assert asked_never.asked == 0


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (RuntimeError("out of order"), "learn_diagnose: RuntimeError: out of order ("),
        (SystemExit("gone"), "learn_diagnose: SystemExit: gone ("),
        ("text", "learn_diagnose: it returned str, not Diagnosis, a list of Diagnosis or None"),
        (Diagnosis("x", None), "learn_diagnose: it returned Diagnosis, not a Diagnosis of two texts"),  # type: ignore[arg-type]
    ],
    ids=["raises", "exits", "wrong type", "wrong parts"],
)
def test_a_hook_that_fails_is_remembered_and_not_called_again(
    plugins: Plugins, answer: Any, told: str
) -> None:
    careless = install(plugins, "careless", Diagnoses(answer))
    install(plugins, "useful", Diagnoses(FOUND))
    for _again in range(3):
        assert list(plugins.call("learn_diagnose", **EVERYTHING)) == [("useful", FOUND)]
    assert careless.asked == 1
    (broken,) = plugins.broken
    assert broken.name == "careless"
    assert broken.reason.startswith(told)


def test_the_other_hooks_of_a_plugin_are_called_all_the_same(plugins: Plugins) -> None:
    class HalfBroken(Diagnoses):
        @hookimpl
        def learn_before_check(self) -> str:
            return "a note"

    install(plugins, "half", HalfBroken(RuntimeError()))
    list(plugins.call("learn_diagnose", **EVERYTHING))
    notes = plugins.call("learn_before_check", exercise=None, source=b"")
    assert list(notes) == [("half", "a note")]


def test_what_we_wrote_keeps_its_traceback(plugins: Plugins) -> None:
    plugins.manager.register(Diagnoses(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        list(plugins.call("learn_diagnose", **EVERYTHING))
    assert plugins.broken == []


def test_contributions_begin_with_the_built_in_ones(plugins: Plugins) -> None:
    class Brings:
        @hookimpl
        def learn_courses(self) -> list[CoursePack]:
            return [CoursePack("mine", course_root())]

    install(plugins, "brings", Brings())
    assert [name for name, _packs in plugins.contributed("learn_courses")] == ["builtin", "brings"]
    assert [pack.name for pack in plugins.packs()] == ["learn-torch", "mine"]


def test_who_watches_a_training_is_told_as_long_as_they_watch(plugins: Plugins) -> None:
    losses: list[float] = []

    class Watches:
        @hookimpl
        def learn_run_batch(self, batch: Any) -> None:
            losses.append(batch.loss)

    with plugins.joined_by(Watches()):
        plugins.tell("learn_run_batch", batch=SimpleNamespace(loss=0.5))
    plugins.tell("learn_run_batch", batch=SimpleNamespace(loss=0.25))
    assert losses == [0.5]
