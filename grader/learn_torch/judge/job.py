"""What goes into a judge and what comes out of it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from learn_torch.judge.tracing import CheckTrace, Shown
from learn_torch.report import Verdict


class Job(Struct):
    """One check session. Paths are of folders that were made for this session alone.

    `only` names the checks to run, all by default; `first_failure` ends the session there; `traced` keeps what the
    submission answers, and lets the worker's random numbers depend on the seed as well.
    """

    source: bytes
    file: str
    device: str
    seed: int | None
    lang: str
    imports: list[str]
    could_use: list[str]
    time_limit: float
    memory: int
    base: str
    scratch: str
    given: str
    hidden: list[str]
    processes: bool
    confined: bool
    require_full: bool
    only: list[str] | None = None
    first_failure: bool = False
    traced: bool = False


class TestResult(Struct):
    """One test of the grader: its function's name, and what came of it.

    `lost` says how the worker was lost, where that is why it failed: see `WorkerLost.kind`. `cpu` is how many seconds
    judge and worker computed for it together, as far as the system tells.
    """

    name: str
    verdict: Verdict
    message: str
    output: str
    lost: str = ""
    cpu: float = 0.0


class Outcome(Struct):
    """What a judge says at the end.

    `broken` is set where the grader itself could not be run, `isolation` where a worker was ready, `refused` where
    it was not as well confined as was asked for, `traces` by check where the job was to be traced, and so is `shown`,
    by check and test.
    """

    seed: int
    tests: list[TestResult]
    broken: str = ""
    isolation: str = ""
    refused: bool = False
    traces: dict[str, CheckTrace] = {}
    shown: dict[str, dict[str, Shown]] = {}


encode = msgspec.msgpack.Encoder().encode
decode_job = msgspec.msgpack.Decoder(Job).decode
decode_outcome = msgspec.msgpack.Decoder(Outcome).decode
