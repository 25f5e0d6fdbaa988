"""Reports and their JSON. This package imports no other room: it does not know how a report is made."""

from learn_torch.report.reports import (
    SCHEMA,
    Cause,
    CheckReport,
    Diagnosis,
    Note,
    Report,
    Verdict,
    Versions,
    to_json,
    verdict_of,
)

__all__ = [
    "SCHEMA",
    "Cause",
    "CheckReport",
    "Diagnosis",
    "Note",
    "Report",
    "Verdict",
    "Versions",
    "to_json",
    "verdict_of",
]
