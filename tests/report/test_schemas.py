"""The schemas of `docs/schemas` are those of the code. `pytest --update-golden` writes them anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from report.schemas import DOCUMENTS, FOLDER, generated, insist, write, written

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documented_schema_is_that_of_the_code(name: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        write(name)
    assert written(name) == generated(name)
    Draft202012Validator.check_schema(written(name))


def test_every_schema_is_of_a_document_and_described() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(DOCUMENTS)
    assert set(re.findall(r"\(schemas/([\w-]+)\.json\)", DOCUMENT)) == set(DOCUMENTS)


def test_every_key_of_a_report_is_described() -> None:
    section = DOCUMENT.partition("## check")[2].partition("\n## ")[0]
    described = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    schema = written("check")["$defs"]
    assert described == set(schema["Report"]["properties"]) | set(schema["CheckReport"]["properties"])


def test_the_example_in_the_documentation_is_a_report() -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    insist("check", json.loads(example))


@pytest.mark.parametrize("key", ["sha256", "at", "versions", "grader", "language", "file", "schema"])
def test_a_report_that_lacks_something_is_none(key: str) -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    report = json.loads(example)
    del report[key]
    with pytest.raises(ValidationError):
        insist("check", report)
