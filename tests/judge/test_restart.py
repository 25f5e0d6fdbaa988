"""A check can continue in a new worker: without CUDA, or with libraries that the grader has changed."""

from __future__ import annotations

from collections.abc import Callable

from conftest import messages, verdicts
from learn_torch.report import Report

Grade = Callable[..., Report]

HEAD = "import pytest\nimport torch\nfrom learn_torch.testing import *\n"


def test_without_cuda_the_submission_is_imported_where_there_is_none(grade: Grade) -> None:
    grader = HEAD + (
        "def test_it(submission, sandbox):\n"
        "    assert_value(submission.answer(), (True, True))\n"
        "    sandbox.restart(cuda=False)\n"
        "    assert_value(submission.answer(), (False, False))\n"
        "def test_next(submission):\n"
        "    assert_value(submission.answer(), (True, True))\n"
    )
    source = "import torch\nTHERE = torch.cuda.is_available()\ndef answer():\n    return THERE, torch.cuda.is_available()\n"
    report = grade(grader, source, device="simulated-cuda")
    assert verdicts(report) == {"it": "passed", "next": "passed"}, messages(report)


def test_libraries_can_be_changed_before_the_submission_is_imported(grade: Grade) -> None:
    grader = HEAD + (
        "def test_it(submission, sandbox):\n"
        "    def spoil():\n"
        "        import math\n"
        "        math.sqrt = lambda x: -1.0\n"
        "    sandbox.restart(before=spoil)\n"
        "    assert_value(submission.answer(4.0), -1.0)\n"
        "def test_next(submission):\n"
        "    assert_value(submission.answer(4.0), 2.0)\n"
    )
    report = grade(grader, "from math import sqrt\ndef answer(x):\n    return sqrt(x)\n")
    assert verdicts(report) == {"it": "passed", "next": "passed"}, messages(report)


def test_what_runs_before_the_import_and_raises_is_the_graders_own_fault(grade: Grade) -> None:
    grader = HEAD + (
        "def test_it(submission, sandbox):\n"
        "    def spoil():\n        raise ValueError('mine')\n"
        "    sandbox.restart(before=spoil)\n"
        "    submission.answer()\n"
    )
    report = grade(grader, "def answer():\n    return 1\n")
    assert verdicts(report) == {"it": "error"}
    assert "mine" in messages(report)["it"]


def test_an_exception_while_importing_is_never_the_one_that_a_check_waits_for(grade: Grade) -> None:
    grader = HEAD + (
        "def test_raises(submission):\n    with pytest.raises(ValueError):\n        submission.answer()\n"
        "def test_caught(submission):\n"
        "    try:\n        submission.answer()\n    except RemoteError:\n        return\n    raise AssertionError\n"
        "def test_any(submission):\n    with pytest.raises(RemoteError):\n        submission.answer()\n"
    )
    report = grade(grader, "raise ValueError('nothing is written here')\n")
    assert set(verdicts(report).values()) == {"failed"}
    assert all("cannot be imported: ValueError" in message for message in messages(report).values())


TELLING = HEAD + (
    "def test_it(submission, sandbox):\n"
    "    @sandbox.define\n"
    "    class Spy:\n"
    "        '''Looks on.'''\n"
    "        def look(self, depth=2):\n"
    "            '''Every time.'''\n"
    "            def inner_spy(n):\n"
    "                return Spy() if n else None\n"
    "            class Watch:\n"
    "                pass\n"
    "            return inner_spy(depth), Watch()\n"
    "    one, other = Spy().look(depth=1)\n"
    "    assert is_handle(one) and is_handle(other)\n"
    "    assert type_name(one).endswith('Spy') and type_name(other).endswith('Watch')\n"
    "    assert_value(submission.answer(Spy()), 0)\n"
)


def test_a_submission_does_not_learn_how_a_grader_calls_its_definitions(grade: Grade) -> None:
    source = (
        "import inspect, linecache\n"
        "def answer(x):\n"
        "    sources = [''.join(entry[2]) for file, entry in linecache.cache.items() if file != __file__]\n"
        "    (text,) = [source for source in sources if 'def look(self, depth' in source]\n"
        "    return type(x).__qualname__, type(x).__doc__, [w for w in ('Spy', 'Watch', 'Looks', 'Every') if w in text]\n"
    )
    message = messages(grade(TELLING, source))["it"]
    came_back = message.split("came back")[1]
    assert "None, [])" in came_back
    assert "'Spy'" not in came_back


def test_messages_have_the_graders_own_names(grade: Grade) -> None:
    message = messages(grade(TELLING, "def answer(x):\n    return x\n"))["it"]
    assert "came back  <learn_definitions.Spy>" in message


def test_names_of_definitions_differ_from_run_to_run(grade: Grade) -> None:
    found = {
        messages(grade(TELLING, "def answer(x):\n    return type(x).__name__\n", seed=seed))["it"]
        for seed in range(3)
    }
    assert len(found) == 3


def test_a_learner_is_told_that_there_was_no_cuda(grade: Grade) -> None:
    grader = HEAD + (
        "def test_without(submission, sandbox):\n"
        "    sandbox.restart(cuda=False)\n    assert_value(submission.answer(), 2)\n"
        "def test_with(submission, sandbox):\n    assert_value(submission.answer(), 2)\n"
    )
    source = "def answer():\n    return 1\n"
    found = messages(grade(grader, source, device="simulated-cuda"))
    assert {name: "without CUDA" in text for name, text in found.items()} == {"without": True, "with": False}
    assert "without CUDA" not in messages(grade(grader, source, device="cpu"))["without"]
