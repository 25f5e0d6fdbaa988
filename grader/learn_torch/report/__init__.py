"""Reports, and how they are written as JSON. A leaf: it knows nothing of how a report came about."""

from learn_torch.report.reports import (
    SCHEMA,
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
    "CheckReport",
    "Diagnosis",
    "Note",
    "Report",
    "Verdict",
    "Versions",
    "to_json",
    "verdict_of",
]
