"""What goes into a judge and what comes out of it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from learn_torch.judge.report import Verdict


class Job(Struct):
    """One check session. Paths are of folders that were made for this session alone."""

    source: bytes
    file: str
    device: str
    seed: int | None
    lang: str
    imports: list[str]
    time_limit: float
    memory: int
    scratch: str
    given: str


class TestResult(Struct):
    """One test of the grader: its function's name, and what came of it."""

    name: str
    verdict: Verdict
    message: str
    output: str


class Outcome(Struct):
    """What a judge says at the end. `broken` is set where the grader itself could not be run."""

    seed: int
    tests: list[TestResult]
    broken: str = ""


encode = msgspec.msgpack.Encoder().encode
decode_job = msgspec.msgpack.Decoder(Job).decode
decode_outcome = msgspec.msgpack.Decoder(Outcome).decode
