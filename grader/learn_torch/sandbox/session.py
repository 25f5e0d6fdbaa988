"""One check session: requests to the worker, their deadlines, and what was asked last."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from learn_torch.sandbox import messages, wire
from learn_torch.sandbox.channel import ChannelClosed, ChannelError, ChannelTimeout
from learn_torch.sandbox.decoding import Decoder
from learn_torch.sandbox.definitions import NeutralNames
from learn_torch.sandbox.encoding import CannotCross, Encoder
from learn_torch.sandbox.faults import (
    BrokenWorker,
    ImportFailed,
    NotIsolated,
    RemoteError,
    SubmissionFault,
    WorkerLost,
    remote_error,
)
from learn_torch.sandbox.processes import RunningWorker, Workers
from learn_torch.sandbox.proxies import Handle, held_by, remember_origin
from learn_torch.sandbox.watch import Overuse, Watch

_READY_LIMIT = 120.0
"""Seconds for a worker to become ready: on a cold and busy machine it imports torch."""


@dataclass(frozen=True)
class Conditions:
    """Under which a worker sees the submission.

    Args:
        device: as in `messages.Setup`.
        before: what runs before the submission is imported, as a source and the name of a function in it.
    """

    device: str
    before: tuple[str, str] | None = None


class Session:
    """One check session with the workers that it takes: requests, their deadlines and what was said.

    Args:
        workers: where workers come from.
        setup: how each worker is to be.
        source: the submission's bytes.
        file: the name it goes by in messages.
        time_limit: seconds for all checks together.
        seed: decides the names that definitions get in the worker.
        require_full: let no worker see the submission that is not fully isolated.
        listen: is told every request and what came of it.
    """

    def __init__(
        self,
        workers: Workers,
        setup: messages.Setup,
        source: bytes,
        file: str,
        time_limit: float,
        *,
        seed: int = 0,
        require_full: bool = False,
        listen: Callable[[messages.Request, messages.Reply | WorkerLost], None] | None = None,
    ) -> None:
        self._workers = workers
        self._setup = setup
        self._source = source
        self.file = file
        self._deadline = time.monotonic() + time_limit
        self._load_limit = max(time_limit, 10.0)
        # Importing is not the checks' time, as long as it is not done again and again.
        self._free_load_time = 2 * self._load_limit
        # One call that hangs must leave time for the other checks.
        self._call_limit = max(time_limit / 4, 1.0)
        self._tree = setup.processes
        self._require_full = require_full
        self._listen = listen
        self._worker: RunningWorker | None = None
        self._watch: Watch | None = None
        self._generation = 0
        self._usual = self._conditions = Conditions(setup.device)
        self._load_errors: dict[Conditions, ImportFailed | WorkerLost] = {}
        self._module: wire.Held | None = None
        self.names = NeutralNames(seed)
        """The names of definitions in the worker."""
        self.asked = 0
        """Requests that the submission had a part in, since `begin_check`."""
        self.last_call = ""
        """The last call on the submission, as a grader would write it."""
        self.last_reply: Any = None
        self.isolation = ""
        """How well the workers are confined, as they found when they tried; empty before the first one is ready."""
        self._left_output: tuple[str, int] = ("", 0)

    def begin_check(self) -> None:
        """Forget what was asked for the check before. With a seed, every check begins alike, whichever ran before."""
        if self._conditions != self._usual:
            self._go_on_with(self._usual)
        if self._worker is not None and self._setup.seed is not None:
            with contextlib.suppress(SubmissionFault):  # a broken worker shows when it is asked
                self._exchange(messages.Seed(self._setup.seed))
        # Once it is imported it may have changed everything in the worker: what breaks from then on is its doing.
        self.asked = int(self._module is not None or bool(self._load_errors))
        if self._setup.seed is not None:
            self._module = None  # imported anew, without what a check has left in it
        self.last_call = ""
        self.last_reply = None

    def restart(self, *, device: str = "", before: tuple[str, str] | None = None) -> None:
        """Go on in a new worker, until the next check begins.

        Args:
            device: by default what the session is judged on.
            before: what runs there before the submission is imported: a source, and a function in it.
        """
        self._go_on_with(Conditions(device or self._setup.device, before))

    def _go_on_with(self, conditions: Conditions) -> None:
        self._left_output = self.output()
        self.close()
        self._module = None
        self._conditions = conditions
        self._workers.prepare()

    def output(self) -> tuple[str, int]:
        """What the worker printed since this was last asked, and how many bytes of it were dropped."""
        (left, lost), self._left_output = self._left_output, ("", 0)
        more, dropped = self._worker.channel.take_output() if self._worker else ("", 0)
        return left + more, lost + dropped

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end(tree=self._tree)
            self._worker = None

    @property
    def without_cuda(self) -> bool:
        """Whether a check on a device goes on where there is no CUDA: who reads what came of it should know."""
        return self._conditions.device == "cpu" != self._usual.device

    @property
    def scratch(self) -> str:
        """The folder in which the submission works."""
        return self._setup.scratch

    # --- requests ---------------------------------------------------------------------------------------------

    def request(self, request: messages.Request) -> Any:
        """Ask, and return the answer as an object.

        Raises:
            RemoteError: it raised.
            WorkerLost: there was no proper answer.
        """
        value = self._ask(request)
        try:
            return Decoder(self._handle, remember_origin).decode(value)
        except wire.BadMessage as error:
            raise WorkerLost("garbage", detail=str(error)[:300]) from None

    def _ask(self, request: messages.Request) -> wire.Value:
        if time.monotonic() >= self._deadline:
            raise WorkerLost("no time left")
        if self._worker is None:
            self._worker = self._workers.take()
            self._generation += 1
            self._module = None
            self._watch = None
            try:
                self._be_ready(
                    self._exchange(msgspec.structs.replace(self._setup, device=self._conditions.device))
                )
                self._prepare_libraries()
            except NotIsolated:
                self.close()
                raise
            except SubmissionFault as error:
                text, _dropped = self.output()
                self.close()
                raise BrokenWorker(f"the worker could not be made ready: {error}\n{text[-2000:]}") from error
        return self._exchange(request)

    def _be_ready(self, answer: wire.Value) -> None:
        # It has not seen the submission yet: this answer is trusted.
        assert self._worker is not None
        self.isolation = str(answer)
        if self._require_full and self.isolation != "full":
            raise NotIsolated(self.isolation)
        # The memory of a whole tree is watched by its keeper.
        memory = 0 if self._setup.processes else self._setup.memory
        self._watch = Watch(self._worker.pid, self._setup.scratch, memory)

    def _prepare_libraries(self) -> None:
        if self._conditions.before is not None:
            definition = self._exchange(messages.Define(*self._conditions.before))
            assert isinstance(definition, wire.Held)
            self._exchange(messages.Call(definition.id, [], {}, hold=True))

    def _look(self) -> None:
        if self._watch is not None:
            self._watch.look()

    def _exchange(self, request: messages.Request) -> wire.Value:
        assert self._worker is not None
        started = time.monotonic()
        deadline = self._deadline_of(request, started)
        try:
            self._worker.channel.send(messages.encode(request), deadline)
            reply = messages.decode_reply(self._worker.channel.receive(deadline, self._look))
        except ChannelTimeout:
            # It will hardly be quicker the next time: the checks of other functions need their share.
            self._call_limit = max(self._call_limit / 2, 0.25)
            raise self._lose(WorkerLost("time", deadline - started), request) from None
        except ChannelClosed:
            raise self._lose(WorkerLost("ended"), request) from None
        except Overuse as error:
            raise self._lose(WorkerLost(error.what), request) from None
        except (ChannelError, wire.BadMessage) as error:
            raise self._lose(WorkerLost("garbage", detail=str(error)[:300]), request) from None
        self._give_back(request, time.monotonic() - started)
        if self._listen is not None:
            self._listen(request, reply)
        if isinstance(reply, messages.Raised):
            raise remote_error(msgspec.structs.replace(reply, message=self.names.readable(reply.message)))
        return reply.value

    def _give_back(self, request: messages.Request, seconds: float) -> None:
        """Let the time that making ready and importing took not count."""
        match request:
            case messages.Setup():
                self._deadline += seconds
            case messages.Load():
                free = min(seconds, self._free_load_time)
                self._free_load_time -= free
                self._deadline += free

    def _deadline_of(self, request: messages.Request, now: float) -> float:
        match request:
            case messages.Setup():
                return now + _READY_LIMIT
            case messages.Load():
                return now + min(self._load_limit, self._free_load_time + max(self._deadline - now, 0))
            case _:
                return min(now + self._call_limit, self._deadline)

    def _lose(self, lost: WorkerLost, request: messages.Request) -> WorkerLost:
        if self._listen is not None:
            self._listen(request, lost)
        # The next check gets a fresh worker.
        assert self._worker is not None
        self._left_output = self._worker.channel.take_output()
        self._worker.end(tree=self._tree)
        self._worker = None
        return lost

    def _handle(self, held: wire.Held) -> Handle:
        return Handle(self, held, self._generation, f"<{held.kind}>")

    def encode(self, value: Any) -> wire.Value:
        """A value on its way to the worker.

        Raises:
            CannotCross: it is neither plain data nor a handle of the worker that is there now.
        """
        return Encoder(self._cross_handle, lambda _tensor: "cpu", deep=True).encode(value)

    def _cross_handle(self, value: Any) -> wire.Held:
        if type(value) is Handle:
            return self.held(value)
        raise CannotCross(
            f"a {type(value).__module__}.{type(value).__qualname__} cannot cross to the worker: send plain data, "
            "build it there (`sandbox.torch`), or define it there (`@sandbox.define`)"
        )

    def held(self, handle: Handle) -> wire.Held:
        """What a handle stands for. Raises WorkerLost where its worker is gone."""
        held, generation = held_by(handle)
        if generation != self._generation or self._worker is None:
            raise WorkerLost("ended")
        return held

    # --- the submission ---------------------------------------------------------------------------------------

    def module(self) -> wire.Held:
        """The submission, imported if it is not yet.

        Raises:
            ImportFailed, WorkerLost: it could not be imported; the same again each time it is asked for.
        """
        self.asked += 1
        if self._conditions in self._load_errors:
            raise self._load_errors[self._conditions]
        if self._module is None or self._worker is None:
            try:
                value = self._ask(messages.Load(self._source, self.file))
            except WorkerLost as error:
                error.detail = error.detail or "import"
                self._load_errors[self._conditions] = error
                raise
            except RemoteError as error:
                failed = self._load_errors[self._conditions] = ImportFailed(error)
                raise failed from error
            if not isinstance(value, wire.Held):
                raise WorkerLost("garbage", detail="no module came back")
            self._module = value
        return self._module
