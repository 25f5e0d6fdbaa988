"""What a judge receives and what it sends."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from learn_torch.judge.tracing import CheckTrace, Shown
from learn_torch.report import Verdict
from learn_torch.wire import messages


class Job(Struct):
    """One submission to be graded, once with each seed. Paths are of folders that were made for this job alone.

    Args:
        source: the submission's bytes.
        file: the name that it goes by in messages.
        setup: how its workers are to be. Its seed is set for each run, where the job is traced.
        given: the folder for given files.
        seeds: of the runs; None draws a fresh secret one.
        lang: the language of the messages.
        time_limit: seconds for all checks of a run together.
        memory: bytes that the exercise allows the submission.
        require_full: let no worker see the submission that is not fully isolated.
        only: the names of the checks to run; None for all.
        first_failure: end a run at the first check that fails.
        traced: keep what the submission answers, and let the worker's random numbers depend on the seed as well.
    """

    source: bytes
    file: str
    setup: messages.Setup
    given: str
    seeds: tuple[int | None, ...]
    lang: str
    time_limit: float
    memory: int
    require_full: bool
    only: list[str] | None = None
    first_failure: bool = False
    traced: bool = False


class TestResult(Struct, tag=True):
    """One check of the grader: its function's name, and what came of it.

    `lost` says how the worker was lost, if the check failed for that reason: see `WorkerLost.kind`. `cpu` is the CPU
    time of judge and worker together in seconds, as far as the system reports it. `cause` is the same for all checks
    that failed for the same reason, and `reason` says it in words: see `explain.Explanation`.
    """

    name: str
    verdict: Verdict
    message: str
    output: str
    lost: str = ""
    cpu: float = 0.0
    cause: str = ""
    reason: str = ""


class Outcome(Struct, tag=True):
    """What a judge says at the end of a run.

    `broken` is set where the grader itself could not be run, `isolation` where a worker was ready, `refused` where
    it was not as well confined as was asked for, `traces` by check where the job was to be traced, and so is `shown`,
    by check and test. `cpu` is how many seconds judge and worker computed in all, as far as the system tells.
    """

    seed: int
    tests: list[TestResult]
    broken: str = ""
    isolation: str = ""
    refused: bool = False
    traces: dict[str, CheckTrace] = {}
    shown: dict[str, dict[str, Shown]] = {}
    cpu: float = 0.0


Told = TestResult | Outcome
"""What a judge sends: a result after each check, and an outcome after each run."""

encode_job = msgspec.msgpack.Encoder().encode
decode_job = msgspec.msgpack.Decoder(Job).decode
encode_told = msgspec.msgpack.Encoder().encode
decode_told = msgspec.msgpack.Decoder(Told).decode
