"""The pytest plugin that is the judge: it takes a job, runs the grader's tests and sends the outcome."""

from __future__ import annotations

import os
import random
import secrets
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from learn_torch.engine.workers import Workers
from learn_torch.errors import EngineError
from learn_torch.judge import explain
from learn_torch.judge import job as jobs
from learn_torch.judge.tracing import CheckTrace, Recorder, Shown
from learn_torch.language import use_language
from learn_torch.report import Verdict
from learn_torch.session.describe import describe
from learn_torch.session.faults import BrokenWorker, NotIsolated, SubmissionFault, WorkerLost
from learn_torch.session.session import Session
from learn_torch.testing.context import CONTEXT, CheckContext
from learn_torch.wire import channel
from learn_torch.worker import confinement

_MEMORY = 2 * 2**30
"""Memory of a judge in bytes, besides what its exercise allows the submission: the answers take it."""
TakeJob = Callable[[], tuple[IO[bytes], IO[bytes], Workers]]


class Grading:
    """One judge's work, as a pytest plugin.

    Args:
        files: the grader and its fixtures.
        take_job: blocks until there is a job: where it is read from, where the outcome goes, where workers come from.
    """

    def __init__(self, files: list[str], take_job: TakeJob) -> None:
        self._files = frozenset(map(os.path.abspath, files))  # as pytest names them in frames
        self._take_job = take_job
        self._write: IO[bytes] | None = None
        self._broken = ""
        self._unanswered = 0
        self._session: Session | None = None
        self._first_failure = False
        self._recorder: Recorder | None = None
        self._begin_run(0)

    # --- pytest's hooks ---------------------------------------------------------------------------------------

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why the grader could not be collected."""
        if report.failed and not self._broken:
            self._broken = f"the grader could not be collected:\n{report.longreprtext[-4000:]}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Wait for a job where pytest would begin to run the tests."""
        read, self._write, workers = self._take_job()
        if not self._broken:
            workers.prepare()
        job = jobs.decode_job(channel.read_frame(read))
        session.config.stash[CONTEXT] = context = self._begin(job, workers)
        items = [item for item in session.items if job.only is None or _check_of(item) in job.only]
        for number, seed in enumerate(job.seeds):
            self._begin_run(secrets.randbits(48) if seed is None else seed)
            session.config.stash[CONTEXT] = replace(context, seed=self._seed)
            context.session.begin_run(self._seed, worker_seed=self._seed if job.traced else None)
            self._run(session, items)
            more = number + 1 < len(job.seeds)
            # The worker ends before its outcome is sent: who has the outcome may end this judge. The next run begins
            # in a new worker, which holds nothing of this one.
            context.session.close(wait=more)
            if more:
                workers.prepare()
            self._send_outcome()
        return True

    def _run(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Do what pytest's own loop does, and end at the first failure where that is enough."""
        if self._broken:
            return
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            check = _check_of(item)
            if following is None or _check_of(following) != check:
                self._send_result(check)
            if self._is_enough:
                if following is not None:  # fixtures that others share end as well
                    item.ihook.pytest_runtest_teardown(item=item, nextitem=None)
                return

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Give each test its own, repeatable random state."""
        session = item.config.stash[CONTEXT].session
        session.begin_check()
        session.output()
        self._computed = _computed(session)
        if self._recorder is not None:
            self._recorder.begin()
        seed = item.config.stash[CONTEXT].seed_of(item.name)
        random.seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed % 2**32)
        if "torch" in sys.modules:
            sys.modules["torch"].default_generator.manual_seed(seed)  # the judge draws on the CPU alone

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str]:
        """Describe briefly what a plain assert compared. pytest would search for the difference, which takes long."""
        return [f"{describe(left)} {op} {describe(right)}"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn what happened into a verdict."""
        report = yield
        name = _check_of(item)
        session = item.config.stash[CONTEXT].session
        if call.when == "teardown":
            self._cpu[name] = self._cpu.get(name, 0.0) + _computed(session) - self._computed
        if call.excinfo is None:
            if call.when == "call":
                self._results.setdefault(name, jobs.TestResult(name, "passed", "", ""))
                self._keep_trace(name, item, passed=True)
            return report
        if isinstance(call.excinfo.value, NotIsolated):
            self._refused = True
        fault = isinstance(call.excinfo.value, SubmissionFault)
        failed = fault or (call.when == "call" and session.asked > 0 and not _gave_up(call.excinfo.value))
        verdict: Verdict = "failed" if failed else "error"
        error = call.excinfo.value
        explained = (
            _explanation(error, session, self._files) if failed else explain.grader_error(error, self._files)
        )
        output = explain.output(*session.output(), session)
        lost = error.kind if isinstance(error, WorkerLost) else ""
        result = jobs.TestResult(
            name, verdict, explained.message, output, lost, cause=explained.cause, reason=explained.reason
        )
        # Of several cases of one check, the first that did not pass is shown; a broken grader outweighs it.
        known = self._results.get(name)
        if known is None or known.verdict == "passed" or (verdict == "error" and known.verdict != "error"):
            self._results[name] = result
        self._keep_trace(name, item, passed=False)
        if self._first_failure and verdict == "failed" and lost not in ("time", "no time left"):
            self._is_enough = True
        return report

    def _keep_trace(self, check: str, item: pytest.Item, *, passed: bool) -> None:
        if self._recorder is not None:
            self._traces.setdefault(check, {})[item.name] = None if passed else self._recorder.trace()
            self._shown.setdefault(check, {})[item.name] = self._recorder.shown()

    # --- begin and end ----------------------------------------------------------------------------------------

    def _begin(self, job: jobs.Job, workers: Workers) -> CheckContext:
        use_language(job.lang)
        _seed_afresh()
        seconds = (int(job.time_limit * 4) + 60) * len(job.seeds)
        confinement.limit_judge(cpu_seconds=seconds, memory=_MEMORY + job.memory)
        self._unanswered = len(job.seeds)
        self._first_failure = job.first_failure
        self._recorder = Recorder(job.given, job.setup.scratch) if job.traced else None
        self._session = Session(
            workers,
            job.setup,
            job.source,
            job.file,
            job.time_limit,
            require_full=job.require_full,
            listen=self._recorder.note if self._recorder else None,
        )
        return CheckContext(self._session, job.setup.device, 0, Path(job.given))

    def _begin_run(self, seed: int) -> None:
        self._seed = seed
        self._results: dict[str, jobs.TestResult] = {}
        self._refused = self._is_enough = False
        self._traces: dict[str, CheckTrace] = {}
        self._shown: dict[str, dict[str, Shown]] = {}
        self._cpu: dict[str, float] = {}

    def give_up(self, reason: str) -> None:
        """Answer every job with the reason why it could not be graded."""
        self._broken = reason

    def finish(self, code: int) -> None:
        """Send the outcomes that are missing. `code` is pytest's exit code."""
        if self._write is None:  # no job ever came: pytest refused to start at all
            sys.exit(f"pytest ended with {code} before the grader was collected: {self._broken}")
        if code not in (0, 1, 2, 5) and not self._broken:
            self._broken = f"pytest ended with {code}"
        while self._unanswered:
            self._send_outcome()
        if self._session is not None:
            self._session.close()

    def _send_result(self, check: str) -> None:
        if check in self._results:
            self._results[check].cpu = round(self._cpu.get(check, 0.0), 4)
            self._send(self._results[check])

    def _send_outcome(self) -> None:
        isolation = self._session.isolation if self._session else ""
        self._unanswered -= 1
        self._send(
            jobs.Outcome(
                self._seed,
                list(self._results.values()),
                self._broken,
                isolation,
                self._refused,
                self._traces,
                self._shown,
                round(sum(self._cpu.values()), 4),
            )
        )

    def _send(self, told: jobs.Told) -> None:
        assert self._write is not None
        self._write.write(channel.frame(jobs.encode_told(told)))
        self._write.flush()


def _check_of(item: pytest.Item) -> str:
    """The check that a test belongs to: the name of its function, without parameters."""
    return item.originalname if isinstance(item, pytest.Function) else item.name


def _explanation(error: BaseException, session: Session, files: frozenset[str]) -> explain.Explanation:
    try:
        return explain.failure(error, session, files)
    except Exception as problem:  # whatever a submission sends: its check has failed, the grader has not
        kind = type(problem).__name__
        return explain.Explanation(f"it failed, and the message could not be made: {kind}")


def _computed(session: Session) -> float:
    """CPU seconds of judge and worker so far."""
    return time.process_time() + session.computed()


def _seed_afresh() -> None:
    # Forks of one template would otherwise draw the same numbers where no test has seeded yet.
    random.seed(secrets.token_bytes(16))
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(secrets.randbits(56))
        sys.modules["torch"].set_num_threads(1)


def _gave_up(error: BaseException) -> bool:
    """Whether the test ended for a reason that is not the submission's: a skip, an exit, no worker."""
    return isinstance(
        error,
        BrokenWorker | EngineError | pytest.skip.Exception | pytest.exit.Exception | pytest.xfail.Exception,
    )
