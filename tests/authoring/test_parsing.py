"""`learn verify` finds graders that parse what a submission wrote, however the bytes get there."""

from __future__ import annotations

import pytest

from authoring.conftest import Course
from learn_torch.authoring.findings import Finding
from learn_torch.authoring.parsing import check_parsing
from learn_torch.course import Catalogue, CoursePack, course_root

PARSED = {
    "directly": "json.loads(sandbox.read('a'))",
    "decoded": "assert sandbox.read('a').decode() == 'x'",
    "through a name": "data = sandbox.read('a')\nassert pickle.loads(data) == 1",
    "a slice of it": "data = sandbox.read('a')\nstruct.unpack('<Q', data[:8])",
    "one of its bytes": "data = sandbox.read('a')\nassert data[0] + 256 * data[1] == 7",
    "by keyword": "torch.frombuffer(buffer=sandbox.read('a'), dtype=torch.uint8)",
    "as a file": "with io.BytesIO(sandbox.read('a')) as file:\n    Image.open(file)",
    "as a text": "str(sandbox.read('a'), 'utf-8')",
    "numbers of it": "int(sandbox.read('a'))",
    "lines of it": "for line in sandbox.read('a').splitlines():\n    pass",
    "by a function of its own": "mine(sandbox.read('a'))",
    "by a function that reads for itself": "reads(sandbox)",
    "what a function gives": "json.loads(fetched(sandbox, 'a'))",
    "what a function inside gives": "def inside(name):\n    return sandbox.read(name)\njson.loads(inside('a'))",
    "by a function inside": "data = sandbox.read('a')\ndef inside():\n    return json.loads(data)\ninside()",
    "what a method gives": "json.loads(Run().log(sandbox))",
    "by a method": "Run().parse(sandbox.read('a'))",
    "what a fixture gives": "json.loads(log)",
    "the method by another name": "read = sandbox.read\njson.loads(read('a'))",
    "handed to a function": "applies(sandbox.read)",
    "in one case of two": "data = b'1'\nif sandbox:\n    data = sandbox.read('a')\njson.loads(data)",
    "in the second round": "data = b'1'\nfor _n in range(2):\n    json.loads(data)\n    data = sandbox.read('a')",
    "after an exception": "try:\n    data = sandbox.read('a')\nexcept ValueError:\n    data = b''\njson.loads(data)",
    "of several": "for name, data in {'a': sandbox.read('a')}.items():\n    json.loads(data)",
    "in a comprehension": "[json.loads(data) for data in [sandbox.read('a'), sandbox.read('b')]]",
    "by map": "list(map(json.loads, [sandbox.read('a')]))",
    "kept in an object": "run = Run()\nrun.data = sandbox.read('a')\njson.loads(run.data)",
    "added to another": "data = b''\ndata += sandbox.read('a')\njson.loads(data)",
    "if there is any": "if data := sandbox.read('a'):\n    json.loads(data)",
    "a number of its own": "n = 0\nfor byte in sandbox.read('a'):\n    n = n * 256 + byte",
    "written elsewhere": "(given_files / 'a').write_bytes(sandbox.read('a'))",
}
LEFT = {
    "compared": "assert sandbox.read('a') == b'hello'",
    "contained": "data = sandbox.read('a')\nassert b'x' in data and data not in (b'y',)",
    "measured": "assert 0 < len(sandbox.read('a')) < 100",
    "sliced": "assert sandbox.read('a')[:4] == bytes([1, 2, 3, 4])",
    "begun": "assert sandbox.read('a').startswith(b'P')",
    "asserted on": "data = sandbox.read('a')\nassert data and not data[5:], f'{data!r}'",
    "compared in a list": "assert [sandbox.read(name) for name in 'ab'] == [b'1', b'2']",
    "compared one by one": "files = {n: sandbox.read(n) for n in 'ab'}\nfor name, data in files.items():\n    assert data == name.encode()",
    "compared in pairs": "for name, data in zip('ab', [sandbox.read('a')]):\n    assert data == name.encode()",
    "asserted by testing": "assert_value(sandbox.read('a'), b'x')",
    "parsed by testing": "scalars = read_scalars(sandbox.read('a'))\nassert scalars['a'].keys() == {1}",
    "parsed by testing in full": "scalars = learn_torch.testing.read_scalars(sandbox.read('a'))\njson.dumps(scalars)",
    "parsed by a module of testing": "testing.read_scalars(sandbox.read('a')).items()",
    "described": "pytest.fail(describe(sandbox.read('a')))",
    "the name used again": "data = sandbox.read('a')\ndata = read_scalars(data)\nsorted(data)",
    "compared by a function": "compares(sandbox.read('a'), b'x')",
    "given back": "assert_value(submission.parse(sandbox.read('a')), 1)",
    "parsed in the worker": "@sandbox.define\ndef parse(data):\n    import json\n    return json.loads(data)\nparse(sandbox.read('a'))",
    "put into the worker": "sandbox.put(sandbox.read('a'))",
    "the submission's own function": "json.loads(submission.read('a'))",
    "another file": "json.loads((given_files / 'a').read_bytes())\nopen('a').read().split()",
}
GRADER = """\
import io, json, pickle, struct
import learn_torch.testing
import pytest
import torch
from learn_torch import testing
from learn_torch.testing import assert_value, describe, read_scalars
from PIL import Image

class Run:
    def log(self, sandbox):
        return sandbox.read("log")
    def parse(self, data):
        return json.loads(data)

def mine(text):
    return json.loads(text)

def reads(box):
    return json.loads(box.read("a"))

def fetched(box, name):
    return box.read(name)

def applies(read):
    return json.loads(read("a"))

def compares(data, expected):
    if data != expected:
        return compares(data[1:], expected)
    return len(data)

@pytest.fixture
def log(sandbox):
    yield sandbox.read("log")

def test_it(submission, sandbox, given_files, log):
"""


def findings_of(course: Course, body: str) -> list[Finding]:
    course.write("grader", GRADER + "".join(f"    {line}\n" for line in body.splitlines()))
    return list(check_parsing(course.exercise))


@pytest.mark.parametrize("how", PARSED)
def test_bytes_of_a_submission_that_are_parsed(how: str, course: Course) -> None:
    found = findings_of(course, PARSED[how])
    assert found, PARSED[how]
    for one in found:
        assert (one.rule, one.file) == ("parsing", str(course.path("grader")))
        line = int(one.message.removeprefix("line ").partition(":")[0])
        assert 0 < line <= GRADER.count("\n") + PARSED[how].count("\n") + 1
        assert "a function of learn_torch.testing" in one.message


@pytest.mark.parametrize("how", LEFT)
def test_bytes_that_are_not(how: str, course: Course) -> None:
    assert findings_of(course, LEFT[how]) == []


def test_the_line_and_what_is_written_there(course: Course) -> None:
    (one,) = findings_of(course, "data = sandbox.read('a')\n\nassert json.loads(data) == {}")
    line = GRADER.count("\n") + 3
    assert one.message.startswith(f"line {line}: bytes of the submission: `json.loads(data)` is given them; ")


def test_bytes_that_a_shared_file_parses(course: Course) -> None:
    shared = course.path("grader").with_name("files.py")
    shared.write_text(
        "import json\nimport pytest\n\ndef parsed(data):\n    return json.loads(data)\n\n"
        "@pytest.fixture\ndef table(sandbox):\n    return sandbox.read('table')\n"
    )
    course.change("exercise.toml", "time_limit = 10", 'fixtures = ["files.py"]\ntime_limit = 10')
    course.write("grader", "from files import parsed\n\ndef test_it(table):\n    assert parsed(table) == 1\n")
    (one,) = check_parsing(course.exercise)
    assert one.file == str(shared)
    assert one.message.startswith("line 5: ")


def test_the_built_in_graders_parse_nothing() -> None:
    for exercise in Catalogue([CoursePack("learn-torch", course_root())]):
        assert list(check_parsing(exercise)) == []


def test_a_grader_that_is_no_python_is_another_rules(course: Course) -> None:
    course.write("grader", "def test_it(:\n")
    assert list(check_parsing(course.exercise)) == []
