"""What runs beside a submission: the worker, its confinement, and simulated CUDA."""
