"""What the judge knows of the check session that runs, for the fixtures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from learn_torch.session.session import Session


@dataclass(frozen=True)
class CheckContext:
    """One check session.

    Args:
        session: the requests to the worker.
        device: `cpu`, `simulated-cuda`, or a real card such as `cuda:0`.
        seed: the session's seed.
        given: the folder for given files.
    """

    session: Session
    device: str
    seed: int
    given: Path

    def seed_of(self, test: str) -> int:
        """The seed of one test: the same for the same session seed, whatever ran before it."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}/{test}".encode()).digest()[:7], "little")


CONTEXT = pytest.StashKey[CheckContext]()
