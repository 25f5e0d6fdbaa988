"""Checks that fail for one reason say so, and what a check does not allow is explained where it happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import messages, verdicts
from learn_torch.report import Report
from learn_torch.worker import confinement

Grade = Callable[..., Report]
HEAD = "import pytest\nimport torch\nfrom learn_torch.testing import *\n"


def grader(*asked: str) -> str:
    """A check for each of these expressions: it expects 3."""
    return HEAD + "".join(
        f"def test_{n}(submission):\n    assert_value(submission.{text}, 3)\n" for n, text in enumerate(asked)
    )


def causes(report: Report) -> dict[str, str]:
    return {check.name[5:]: str(check.cause) for check in report.checks if isinstance(check.cause, str)}


TWO = grader("answer(1)", "answer(2)")


@pytest.mark.parametrize(
    ("submission", "cause", "words"),
    [
        ("def answer(x):\n    return nothing\n", "exception:NameError:line 2", "line 2, in answer"),
        ("def answer(x):\n    pass\n", "type:answer:None", "`answer` gave back None"),
        ("def answer(x):\n    return [x]\n", "type:answer:list:int", "of type list; expected int"),
        ("def other(x):\n    pass\n", "missing:answer", "defines no `answer`"),
        ("import nothing_at_all\n", "import", "cannot be imported"),
        ("def answer(x):\n    import os\n    os._exit(1)\n", "lost:ended:answer", "the process ended"),
        ("def answer():\n    return 3\n", "exception:TypeError:answer() takes N", "It cannot be called like this"),
        ("def answer(x):\n    raise NotImplementedError\n", "unwritten:answer", "`answer` is not written yet"),
        ("def answer(x):\n    raise NotImplementedError('TODO')\n", "unwritten:answer", "is not written yet"),
    ],
)  # fmt: skip
def test_a_reason_that_two_checks_share_is_said_once(
    grade: Grade, submission: str, cause: str, words: str
) -> None:
    report = grade(TWO, submission)
    (shared,) = report.causes
    assert shared.cause.startswith(cause)
    assert words in shared.message
    assert shared.checks == ("test_0", "test_1")
    assert set(causes(report).values()) == {shared.cause}


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Numbers(')', [1])[0]", "Numbers(…)[…]"),
        ("Numbers('(')(2)", "Numbers(…)"),
        ("Numbers('').count(2)", "Numbers(…).count"),
        (f"count({list('abcdefghij') * 9}, {'x' * 400!r}, {'y' * 400!r})", "count"),
    ],
)
def test_a_forgotten_return_is_named_where_a_grader_compares_in_its_own_words(
    grade: Grade, asked: str, name: str
) -> None:
    source = HEAD + (
        f"def test_it(submission):\n    found = submission.{asked}\n"
        "    raise Mismatch(describe(found), 'a pair')\n"
    )
    submission = (
        "class Numbers:\n    def __init__(self, *given):\n        pass\n"
        "    def count(self, n):\n        pass\n    __call__ = __getitem__ = count\n"
    )
    submission += "def count(*given):\n    pass\n"
    (check,) = grade(source, submission).checks
    assert check.cause == f"type:{name}:None"


def test_wrong_values_share_nothing(grade: Grade) -> None:
    report = grade(TWO, "def answer(x):\n    return 7\n")
    assert report.causes == []
    assert causes(report) == {}


def test_different_lines_are_different_reasons(grade: Grade) -> None:
    submission = "def answer(x):\n    if x == 1:\n        return nothing\n    return nothing\n"
    report = grade(TWO, submission)
    assert report.causes == []
    assert causes(report) == {"0": "exception:NameError:line 3", "1": "exception:NameError:line 4"}


def test_an_attribute_error_keeps_its_name_on_the_way_out_of_getattr(grade: Grade) -> None:
    source = HEAD + "def test_it(submission):\n    submission.Numbers().image_names\n"
    message = messages(grade(source, "class Numbers:\n    pass\n"))["it"]
    assert "it raised AttributeError: 'Numbers' object has no attribute 'image_names'" in message


def test_an_exception_with_a_text_of_its_own_is_not_the_stubs(grade: Grade) -> None:
    submission = "def answer(x):\n    raise NotImplementedError('only for even numbers')\n"
    report = grade(TWO, submission)
    assert "NotImplementedError: only for even numbers" in messages(report)["0"]
    assert causes(report)["0"] == "exception:NotImplementedError:line 2"


def test_a_method_that_is_not_written_is_named_with_its_class(grade: Grade) -> None:
    submission = (
        "class Numbers:\n    def __init__(self, n):\n        # TODO\n        raise NotImplementedError\n"
    )
    report = grade(grader("Numbers(1)"), submission)
    assert causes(report) == {"0": "unwritten:Numbers.__init__"}


def test_a_tuple_of_a_million_items_is_too_long(grade: Grade) -> None:
    source = HEAD + "def test_it(submission):\n    assert_value(submission.answer(), (1, 2))\n"
    message = messages(grade(source, "def answer():\n    return (1,) * 2_000_000\n"))["it"]
    assert "the tuple is too long" in message
    assert "expected tuple" not in message


def test_a_misspelt_constructor_is_pointed_out(grade: Grade) -> None:
    submission = "class Numbers:\n    def __int__(self, n):\n        self.n = n\n"
    message = messages(grade(grader("Numbers(1).n"), submission))["0"]
    assert "Line 2 defines `__int__`: is `__init__` meant?" in message
    assert "compare its parameters" not in message


def test_a_given_folder_is_shown_with_what_is_in_it(grade: Grade) -> None:
    source = HEAD + (
        "def test_it(submission, given_files):\n"
        "    (given_files / 'ants').mkdir()\n    (given_files / 'ants' / 'a.jpg').touch()\n"
        "    assert_value(submission.answer(str(given_files), 'ants'), 3)\n"
    )
    message = messages(grade(source, "def answer(root, label):\n    print(root)\n    return 4\n"))["it"]
    assert message.splitlines()[:2] == [
        "asked      answer('/data', 'ants')",
        "files      /data/ants: 'a.jpg'",
    ]


CONFINED = confinement.expected_isolation() == "full"
PROCESSES = "A check starts no processes"
NETWORK = "A check has no network"
FILES = "A check reads only the files that it is given"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("import os; os.fork()", PROCESSES, marks=pytest.mark.skipif(not CONFINED, reason="")),
        pytest.param("import subprocess; subprocess.run(['true'])", PROCESSES),
        pytest.param("for _ in torch.utils.data.DataLoader([1, 2], num_workers=2): pass", PROCESSES),
        pytest.param("import socket; socket.create_connection(('127.0.0.1', 9))", NETWORK),
        pytest.param("import urllib.request; urllib.request.urlopen('http://localhost')", NETWORK),
        pytest.param("open('/usr/new', 'w')", FILES),
        pytest.param("open('/etc/shadow')", FILES),
        pytest.param("input()", "A check has no keyboard"),
        pytest.param("breakpoint()\n    return 4", "A check has no debugger"),
        pytest.param("import model", "A submission is checked alone, in one file"),
        pytest.param("from .model import Net", "A submission is checked alone, in one file"),
        pytest.param("import tensorflow", "tensorflow is not installed"),
    ],
)
@pytest.mark.skipif(not CONFINED, reason="submissions cannot be fully isolated here")
def test_a_refusal_is_explained(grade: Grade, body: str, words: str) -> None:
    report = grade(TWO, f"import torch\ndef answer(x):\n    {body}\n")
    assert set(verdicts(report).values()) == {"failed"}
    assert messages(report)["0"].splitlines()[-1].startswith(words), messages(report)["0"]


@pytest.mark.parametrize(
    "body", ["import torch.nothing", "open('missing')", "raise ValueError('[Errno 13]')", "raise EOFError"]
)
def test_another_exception_is_not_explained_away(grade: Grade, body: str) -> None:
    message = messages(grade(TWO, f"def answer(x):\n    {body}\n"))["0"]
    assert message.splitlines()[-1].strip() == body


def test_what_loads_data_at_import_is_told_where_it_belongs(grade: Grade) -> None:
    report = grade(TWO, "open('data/train.csv')\n")
    assert 'under `if __name__ == "__main__":`' in report.causes[0].message


FORGED = "passed\\nexpected  4"


@pytest.mark.parametrize(
    "submission",
    [
        f"def answer(x):\n    raise ValueError('{FORGED}')\n",
        f"raise ValueError('{FORGED}')\n",
        f"E = type('{FORGED}', (Exception,), {{}})\ndef answer(x):\n    raise E\n",
        f"def answer(x):\n    raise NotImplementedError\n"
        f"answer.__code__ = answer.__code__.replace(co_name='{FORGED}')\n",
        f"def answer(x):\n    return 1 / 0\nanswer.__code__ = answer.__code__.replace(co_name='{FORGED}')\n",
        "def answer(x):\n    return nothing\n",
    ],
)
def test_no_text_of_a_submission_looks_like_a_line_of_the_message(grade: Grade, submission: str) -> None:
    report = grade(TWO, submission)
    shown = [check.message for check in report.checks] + [cause.message for cause in report.causes]
    assert not any(line.startswith("expected") for text in shown for line in text.splitlines())
    assert all(str(check.cause).isprintable() for check in report.checks)


def test_a_module_that_is_no_library_is_not_looked_for(grade: Grade) -> None:
    submission = "def answer(x):\n    raise ModuleNotFoundError(\"No module named '__main__'\")\n"
    assert "could not be made" not in messages(grade(TWO, submission))["0"]


def test_a_line_is_shown_as_python_counts_lines(grade: Grade) -> None:
    submission = "x = '\u2028'\n\x0c\ndef answer(x):\n    return nothing\n"
    assert messages(grade(TWO, submission))["0"].endswith("line 4, in answer\n    return nothing")


@pytest.mark.parametrize("encoding", ["idna", "utf-7", "latin-1"])
def test_a_file_in_any_encoding_of_python_is_judged(grade: Grade, encoding: str) -> None:
    submission = f"# coding: {encoding}\ndef answer(x):\n    return 3\n"
    assert set(verdicts(grade(TWO, submission)).values()) == {"passed"}


def test_a_long_text_of_an_exception_leaves_room_for_its_line(grade: Grade) -> None:
    kind = "type('x' * 400, (Exception,), {})"
    submission = (
        f"def answer(x):\n    if x == 1:\n        raise {kind}('y' * 9000)\n    raise {kind}('y' * 9000)\n"
    )
    report = grade(TWO, submission)
    assert "line 3, in answer" in messages(report)["0"]
    assert [cause.rpartition(":")[2] for cause in causes(report).values()] == ["line 3", "line 4"]
