"""Checking a submission: start the processes, hand over the job, put the report together."""
