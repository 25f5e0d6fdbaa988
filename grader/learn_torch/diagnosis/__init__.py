"""Recognise known mistakes in a submission by its answers."""
