"""The library for graders: fixtures, and assertions that explain failures.

A grader is ordinary pytest. The fixtures `submission`, `sandbox`, `device`, `rng` and `given_files` need no import; the
assertions come from here. `docs/graders.md` shows how to use them.
"""

from learn_torch.session.describe import describe
from learn_torch.session.faults import HandleError, ImportFailed, RemoteError, SubmissionFault
from learn_torch.session.proxies import Handle, is_handle, type_name
from learn_torch.testing import bans
from learn_torch.testing.assertions import Mismatch, assert_close, assert_value, origin_of, plain
from learn_torch.testing.event_files import read_scalars
from learn_torch.testing.fixtures import Rng
from learn_torch.testing.names import random_names
from learn_torch.testing.submission import Sandbox, Submission

__all__ = [
    "Handle",
    "HandleError",
    "ImportFailed",
    "Mismatch",
    "RemoteError",
    "Rng",
    "Sandbox",
    "Submission",
    "SubmissionFault",
    "assert_close",
    "assert_value",
    "bans",
    "describe",
    "is_handle",
    "origin_of",
    "plain",
    "random_names",
    "read_scalars",
    "type_name",
]
