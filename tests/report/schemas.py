"""The JSON documents of the commands, and their schemas in `docs/schemas`."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from learn_torch.authoring.verify import VerifyReport
from learn_torch.doctor import Health
from learn_torch.report import Report
from learn_torch.runs.run import RunReport
from learn_torch.runs.training.metrics import Metrics

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
DOCUMENTS: dict[str, Any] = {
    "check": Report | list[Report],
    "verify": VerifyReport,
    "doctor": Health,
    "run-solution": RunReport | list[RunReport],
    "metrics": Metrics,
}
"""The documents by the names of their schemas, and what they are made of."""


def generated(name: str) -> dict[str, Any]:
    """The schema of a document, made from the code."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name}
    made = msgspec.json.schema(DOCUMENTS[name])
    for struct in made["$defs"].values():  # docstrings, which Python 3.13 takes the indentation from
        struct["description"] = inspect.cleandoc(struct["description"])
    return schema | made


def written(name: str) -> dict[str, Any]:
    """The schema of a document, as it stands in the documentation."""
    schema: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return schema


def write(name: str) -> None:
    text = json.dumps(generated(name), indent=2, ensure_ascii=False) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def insist(name: str, document: Any) -> None:
    """Raise jsonschema.ValidationError where a document is not as its documented schema says."""
    Draft202012Validator(written(name)).validate(document)
