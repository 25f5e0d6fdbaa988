"""Checking a submission: read it, hide files from it, run it, make the report, recognise known mistakes."""
