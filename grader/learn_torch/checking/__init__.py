"""Checking a submission: read it, hide what it may not read, run it, report on it, name its mistake."""
