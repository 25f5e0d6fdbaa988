"""The process that runs a submission: the worker, its confinement, and simulated CUDA."""
