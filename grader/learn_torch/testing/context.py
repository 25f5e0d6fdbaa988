"""The judge's data about the current check session, for the fixtures."""

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
        seed: the session's random seed.
        given: the folder for given files.
    """

    session: Session
    device: str
    seed: int
    given: Path

    def seed_of(self, test: str) -> int:
        """The random seed of one test. It depends on the session's seed, not on the tests before."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}/{test}".encode()).digest()[:7], "little")


CONTEXT = pytest.StashKey[CheckContext]()
