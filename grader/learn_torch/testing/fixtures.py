"""The fixtures of a grader."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from learn_torch import devices
from learn_torch.testing.context import CONTEXT, CheckContext
from learn_torch.testing.submission import Sandbox, Submission

if TYPE_CHECKING:
    import torch

Rng = random.Random


@pytest.fixture(scope="session")
def _context(pytestconfig: pytest.Config) -> CheckContext:
    return pytestconfig.stash[CONTEXT]


@pytest.fixture
def submission(_context: CheckContext) -> Submission:
    """The submission: `submission.train_step(...)`. The worker imports it at the first use."""
    return Submission(_context.session)


@pytest.fixture
def sandbox(_context: CheckContext) -> Sandbox:
    """The worker's libraries and tools."""
    return Sandbox(_context.session)


@pytest.fixture
def device(_context: CheckContext) -> torch.device:
    """The device to grade on: the CPU, or a simulated or real `cuda:0`."""
    import torch

    return torch.device(devices.parse(_context.device).for_torch)


@pytest.fixture
def rng(_context: CheckContext, request: pytest.FixtureRequest) -> Rng:
    """Random numbers for this test, from a secret seed; torch's and NumPy's generators get the same seed."""
    return Rng(_context.seed_of(request.node.name))


@pytest.fixture
def given_files(_context: CheckContext) -> Path:
    """A new folder for files that the grader writes and the submission may read."""
    return Path(tempfile.mkdtemp(dir=_context.given))
