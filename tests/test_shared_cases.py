"""Small inputs from outside this project, where they are there: each gets the verdict that it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_line import Ran
from conftest import messages
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack
from learn_torch.worker import confinement

CASES = Path(__file__).parents[2] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="there are no shared cases beside this checkout")
FULL = confinement.expected_isolation() == "full"
EXPECTED = {"right": "passed", "wrong": "failed", "hostile": "failed", "messages": "failed"}
FILES = [
    pytest.param(path, verdict, id=f"{folder}-{path.stem}")
    for folder, verdict in EXPECTED.items()
    for path in sorted((CASES / folder).glob("[0-9][0-9]_*.py"))
]


@pytest.fixture(scope="module")
def confined() -> Iterator[Checker]:
    with Checker(require_full=FULL) as checker:
        yield checker


@pytest.mark.parametrize(("path", "verdict"), FILES)
def test_a_case_gets_the_verdict_that_it_should(
    path: Path, verdict: str, catalogue: Catalogue, confined: Checker
) -> None:
    if "hostile" in path.parts and not FULL:
        pytest.skip("submissions cannot be fully isolated here")
    report = confined.check(catalogue.resolve(f"core/{path.name[:2]}"), path.read_bytes())
    assert report.verdict == verdict, messages(report)
    assert list(confined.folder.iterdir()) == []


def test_a_file_of_answers_fails_where_nobody_names_the_seed(catalogue: Catalogue, confined: Checker) -> None:
    (path,) = (CASES / "hostile").glob("03_replay*.py")
    assert confined.check(catalogue.resolve("core/03"), path.read_bytes(), seed=8).verdict == "failed"


@pytest.mark.skipif(
    confinement.expected_isolation(processes=True) != "full", reason="no processes can be isolated here"
)
@pytest.mark.parametrize("path", sorted((CASES / "hostile").glob("tree_*.py")), ids=lambda path: path.stem)
def test_a_tree_gets_nowhere(path: Path, confined: Checker) -> None:
    pack = CoursePack("qa", CASES / "hostile" / "qa-course-with-processes" / "qa_course")
    report = confined.check(Catalogue([pack]).resolve("qa_course/01"), path.read_bytes())
    assert report.verdict == "failed", messages(report)
    assert list(confined.folder.iterdir()) == []


@pytest.mark.parametrize(("folder", "name"), [("workspace_hijack", "03"), ("workspace_device", "07")])
def test_a_strange_workspace_decides_nothing(learn: Callable[..., Ran], folder: str, name: str) -> None:
    place = CASES / "hostile" / folder
    (submission,) = place.glob("*.py")
    ran = learn("check", name, "--file", submission.name, "--json", cwd=place, code=1)
    assert ran.json["exercise"] == f"core/{name}"
