"""One check session: requests to workers, their deadlines, and the last request."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from learn_torch import wire
from learn_torch.engine import scratch
from learn_torch.engine.workers import RunningWorker, Workers
from learn_torch.session.allowance import Allowance, Turn
from learn_torch.session.definitions import NeutralNames
from learn_torch.session.faults import (
    BrokenWorker,
    ImportFailed,
    NotIsolated,
    RemoteError,
    SubmissionFault,
    WorkerLost,
    remote_error,
)
from learn_torch.session.pause import Pause
from learn_torch.session.proxies import Handle, held_by, remember_origin
from learn_torch.session.stopwatch import Stopwatch
from learn_torch.session.watch import Overuse, Watch
from learn_torch.wire import messages
from learn_torch.wire.channel import ChannelClosed, ChannelError, ChannelTimeout
from learn_torch.wire.decoding import Budget, Decoder, Overspent
from learn_torch.wire.encoding import CannotCross, Encoder


@dataclass(frozen=True)
class Conditions:
    """The conditions under which a worker runs the submission.

    Args:
        device: as in `messages.Setup`.
        before: code that runs before the submission is imported: a source and the name of a function in it.
    """

    device: str
    before: tuple[str, str] | None = None


class Session:
    """One check session with its workers: requests, deadlines, and the last request and reply.

    Args:
        workers: the source of workers.
        setup: the setup of each worker.
        source: the submission's bytes.
        file: the submission's name in messages.
        time_limit: seconds for all checks together, as a `Stopwatch` counts them.
        seed: decides the names of definitions in the worker.
        require_full: raise NotIsolated, before the submission is sent, for a worker that is not fully isolated.
        listen: is called with every request and its reply.
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
        self._time_limit = time_limit
        self._allowance = Allowance(time_limit)
        self._budget = Budget()
        self._tree = setup.processes
        self._require_full = require_full
        self._listen = listen
        self._worker: RunningWorker | None = None
        self._watch: Watch | None = None
        self._stopwatch: Stopwatch | None = None
        self._pause: Pause | None = None
        self._computed_before = 0.0
        self._generation = 0
        self._usual = self._conditions = Conditions(setup.device)
        self._load_errors: dict[Conditions, ImportFailed | WorkerLost] = {}
        self._module: wire.Held | None = None
        self.names = NeutralNames(seed)
        """The names of definitions in the worker."""
        self.asked = 0
        """Requests that involved the submission, since `begin_check`."""
        self.last_call = ""
        """The last call on the submission, as a grader would write it."""
        self.last_reply: Any = None
        self.asking = ""
        """The current request, as a grader would write it."""
        self.isolation = ""
        """The isolation that the workers found when they tried it; empty before the first one is ready."""
        self._left_output: tuple[str, int] = ("", 0)

    def begin_run(self, seed: int, *, worker_seed: int | None) -> None:
        """Start again with another random seed: with the full time limit, and the submission imported again.

        Args:
            seed: decides the names of definitions in the worker.
            worker_seed: as in `messages.Setup`.
        """
        self._setup = msgspec.structs.replace(self._setup, seed=worker_seed)
        self._allowance = Allowance(self._time_limit)
        self.names = NeutralNames(seed)
        self._load_errors.clear()
        self._module = None
        if self._conditions != self._usual:
            self._go_on_with(self._usual)
        scratch.empty(self._setup.scratch)

    def computed(self) -> float:
        """CPU seconds of the workers so far, as far as the system reports them."""
        return self._computed_before + (self._stopwatch.computed() if self._stopwatch else 0.0)

    def begin_check(self) -> None:
        """Forget the requests of the check before. With a random seed, the checks before make no difference."""
        if self._conditions != self._usual:
            self._go_on_with(self._usual)
        if self._worker is not None and self._setup.seed is not None:
            with contextlib.suppress(SubmissionFault):  # a broken worker fails at the next request, too
                self._exchange(messages.Seed(self._setup.seed))
        # An imported submission may have changed anything in the worker, so it takes part in every request.
        self.asked = int(self._module is not None or bool(self._load_errors))
        if self._setup.seed is not None:
            self._module = None  # import it again: the check before may have changed its state
        self.last_call = self.asking = ""
        self.last_reply = None
        self._budget = Budget()

    def restart(self, *, device: str = "", before: tuple[str, str] | None = None) -> None:
        """Continue in a new worker, until the next check begins.

        Args:
            device: by default the device of the session.
            before: as in `Conditions`.
        """
        self._go_on_with(Conditions(device or self._setup.device, before))

    def _go_on_with(self, conditions: Conditions) -> None:
        self._left_output = self.output()
        self.close()
        self._module = None
        self._conditions = conditions
        self._workers.prepare()

    def output(self) -> tuple[str, int]:
        """What the worker printed since the last call, and how many bytes of it were dropped."""
        (left, lost), self._left_output = self._left_output, ("", 0)
        more, dropped = self._worker.channel.take_output() if self._worker else ("", 0)
        return left + more, lost + dropped

    def close(self, *, wait: bool = False) -> None:
        """Kill the worker; with `wait`, it has exited on return."""
        if self._worker is not None:
            if self._pause is not None:
                self._pause.close()
                self._pause = None
            self._computed_before, self._stopwatch = self.computed(), None
            self._worker.end(tree=self._tree or wait)
            self._worker = None

    @property
    def without_cuda(self) -> bool:
        """Whether a check on a CUDA device now runs without CUDA. Failure messages say so."""
        return self._conditions.device == "cpu" != self._usual.device

    @property
    def scratch(self) -> str:
        """The folder in which the submission works."""
        return self._setup.scratch

    @property
    def given(self) -> tuple[str, ...]:
        """The folders of given files, which the submission may read."""
        return tuple(self._setup.readable)

    @property
    def processes(self) -> bool:
        """Whether the submission may have processes of its own."""
        return self._setup.processes

    @property
    def source(self) -> bytes:
        """The submission's bytes."""
        return self._source

    # --- requests ---------------------------------------------------------------------------------------------

    def request(self, request: messages.Request, asking: str = "") -> Any:
        """Send a request, and return the answer as an object.

        Args:
            request: the request.
            asking: the request as a grader would write it; empty where it does not involve the submission.

        Raises:
            RemoteError: the worker raised.
            WorkerLost: there was no valid answer.
        """
        self.asking = asking
        value = self._ask(request)
        try:
            return Decoder(self._handle, remember_origin, self._budget).decode(value)
        except wire.BadMessage as error:
            raise self._lose(WorkerLost("garbage", detail=str(error)[:300]), request) from None
        except (Overspent, MemoryError):
            raise self._lose(WorkerLost("answers"), request) from None
        except Exception as error:  # see `_exchange`
            raise self._lose(WorkerLost("garbage", detail=repr(error)[:300]), request) from None

    def _ask(self, request: messages.Request) -> wire.Value:
        if self._allowance.is_used_up():
            raise WorkerLost("no time left")
        if self._worker is None:
            self._start_worker()
        return self._exchange(request)

    # --- the worker -------------------------------------------------------------------------------------------

    def _start_worker(self) -> None:
        self._worker = self._workers.take()
        self._generation += 1
        self._module = None
        self._watch = self._stopwatch = self._pause = None
        try:
            setup = msgspec.structs.replace(self._setup, device=self._conditions.device)
            self._be_ready(self._exchange(setup))
            self._prepare_libraries()
        except NotIsolated:
            self.close()
            raise
        except SubmissionFault as error:
            text, _dropped = self.output()
            self.close()
            raise BrokenWorker(f"the worker could not be made ready: {error}\n{text[-2000:]}") from error
        # A keeper watches the memory of its whole tree.
        memory = 0 if self._tree else self._setup.memory
        self._watch = Watch(self._worker.pid, self._setup.scratch, memory)
        self._stopwatch = Stopwatch(self._worker.pid, tree=self._tree)
        # A tree is not stopped, because its keeper watches it all the time.
        self._pause = None if self._tree else Pause(self._worker.pid)

    def _be_ready(self, answer: wire.Value) -> None:
        # The worker has not seen the submission yet: this answer can be trusted.
        assert self._worker is not None
        self.isolation = str(answer)
        if self._require_full and self.isolation != "full":
            raise NotIsolated(self.isolation)

    def _prepare_libraries(self) -> None:
        if self._conditions.before is not None:
            definition = self._exchange(messages.Define(*self._conditions.before))
            assert isinstance(definition, wire.Held)
            self._exchange(messages.Call(definition.id, [], {}, hold=True))

    def _exchange(self, request: messages.Request) -> wire.Value:
        assert self._worker is not None
        turn = Turn(self._allowance.of(request), self._stopwatch, self._watch)
        if self._pause is not None:
            self._pause.end()
        try:
            self._worker.channel.send(messages.encode(request), turn.deadline, turn.look)
            data = self._worker.channel.receive(turn.deadline, turn.look)
            self._budget.take(data=len(data), items=1)
            reply = messages.decode_reply(data)
        except ChannelTimeout:
            raise self._lose(WorkerLost("time", turn.limit, busy=turn.busy), request) from None
        except ChannelClosed:
            raise self._lose(WorkerLost("ended"), request) from None
        except Overuse as error:
            raise self._lose(WorkerLost(error.what), request) from None
        except (Overspent, MemoryError):
            raise self._lose(WorkerLost("answers"), request) from None
        except (ChannelError, wire.BadMessage) as error:
            raise self._lose(WorkerLost("garbage", detail=str(error)[:300]), request) from None
        except Exception as error:
            # An unexpected error here must never look like an exception of the submission's.
            raise self._lose(WorkerLost("garbage", detail=repr(error)[:300]), request) from None
        finally:
            if self._pause is not None:
                self._pause.begin()
            turn.end()
            self._allowance.take(request, turn.seconds)
        if self._listen is not None:
            self._listen(request, reply)
        if isinstance(reply, messages.Raised):
            raise remote_error(msgspec.structs.replace(reply, message=self.names.readable(reply.message)))
        return reply.value

    def _lose(self, lost: WorkerLost, request: messages.Request) -> WorkerLost:
        if self._listen is not None:
            self._listen(request, lost)
        # The next check gets a fresh worker.
        if self._worker is not None:
            self._left_output = self._worker.channel.take_output()
            self.close(wait=True)
            scratch.empty(self._setup.scratch)  # every worker starts with an empty folder
        return lost

    def _handle(self, held: wire.Held) -> Handle:
        return Handle(self, held, self._generation, f"<{held.kind}>")

    def encode(self, value: Any) -> wire.Value:
        """The wire form of a value for the worker.

        Raises:
            CannotCross: the value is neither plain data nor a handle of the current worker.
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
        """What a handle stands for. Raises WorkerLost if its worker has exited."""
        held, generation = held_by(handle)
        if generation != self._generation or self._worker is None:
            raise WorkerLost("ended")
        return held

    # --- the submission ---------------------------------------------------------------------------------------

    def module(self) -> wire.Held:
        """The submission, imported at the first call.

        Raises:
            ImportFailed, WorkerLost: the import failed. Later calls raise the same exception again.
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
