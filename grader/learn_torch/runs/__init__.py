"""Reference runs: `learn run-solution`, the devices it runs on, and the datasets it reads.

An exercise's run is `run.py` beside its `solution.py`; `learn_torch.runs.run` describes its contents.
"""
