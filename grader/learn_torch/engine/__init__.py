"""Forking: the warm engine with its zygote, and the sources of workers and judges."""
