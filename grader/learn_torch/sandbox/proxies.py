"""What a grader holds in its hands: the submission, and objects of the worker, by proxy.

Plain data comes by value. Everything else is a `Handle`: attributes, calls, indexing, iteration, `with` and arithmetic
go to the worker and come back; comparison does not, because the worker must never be the one who compares.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar, cast

from learn_torch.sandbox import wire
from learn_torch.sandbox.channel import ChannelClosed, ChannelError, ChannelTimeout
from learn_torch.sandbox.describe import describe, describe_call
from learn_torch.sandbox.processes import RunningWorker, Workers
from learn_torch.sandbox.values import CannotCross, Decoder, Encoder

Definition = TypeVar("Definition", bound=Callable[..., Any] | type)


class SubmissionFault(Exception):
    """The submission did not answer as it should: it raised, died, hung or babbled. Fails the check it happens in."""


class WorkerLost(SubmissionFault):
    """The worker ended, did not answer in time, or broke the rules of the channel."""

    def __init__(self, kind: str, seconds: float = 0.0, detail: str = "") -> None:
        super().__init__(f"{kind} {detail}".strip())
        self.kind = kind
        """`ended`, `time`, `no time left` or `garbage`."""
        self.seconds = seconds
        self.detail = detail


class BrokenWorker(Exception):
    """No worker could be made ready: nothing that the submission did."""


class RemoteError(SubmissionFault):
    """An exception of the worker's, as a local one: also an instance of the built-in class nearest to it.

    `name` is its class's short name, `lines` are the submission's lines that it went through, outermost first.
    """

    name = "Exception"
    message = ""
    lines: tuple[wire.Line, ...] = ()
    column = 0
    mro: tuple[str, ...] = ()
    loading = False

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


class MissingName(SubmissionFault):
    """The submission defines no such name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class HandleError(TypeError):
    """Something was asked of a handle that only a value can answer."""


def remote_error(raised: wire.Raised, *, loading: bool = False) -> RemoteError:
    """The local exception for one that was raised in the worker."""
    error = next((made for name in raised.mro if (made := _as_builtin(name)) is not None), RemoteError())
    error.name = raised.mro[0].rpartition(".")[2] if raised.mro else "Exception"
    error.message, error.lines, error.mro = raised.message, tuple(raised.lines), tuple(raised.mro)
    error.column, error.loading = raised.column, loading
    return error


def _as_builtin(name: str) -> RemoteError | None:
    """A RemoteError that is also a built-in exception of this full name, if there is such a one."""
    module, _dot, short = name.rpartition(".")
    kind = getattr(builtins, short, None) if module == "builtins" else None
    # A BaseException would end the judge rather than the check.
    if not isinstance(kind, type) or not issubclass(kind, Exception) or kind is Exception:
        return None
    try:
        made = type("RemoteError", (RemoteError, kind), {})
        return cast("RemoteError", made.__new__(made))
    except TypeError:  # a few cannot be mixed in (MemoryError), or not be made without members (groups)
        return None


class Session:
    """One check session with the workers that it takes: requests, their deadlines and what was said.

    Args:
        workers: where workers come from.
        setup: how each worker is to be.
        source: the submission's bytes.
        file: the name it goes by in messages.
        time_limit: seconds for all checks together.
    """

    def __init__(self, workers: Workers, setup: wire.Setup, source: bytes, file: str, time_limit: float) -> None:
        self._workers = workers
        self._setup = setup
        self._source = source
        self.file = file
        self._deadline = time.monotonic() + time_limit
        # One call that hangs must leave time for the other checks.
        self._call_limit = max(time_limit / 4, 1.0)
        self._worker: RunningWorker | None = None
        self._generation = 0
        self._load_error: RemoteError | WorkerLost | None = None
        self._module: wire.Held | None = None
        self.asked = 0
        """Requests that the submission had a part in, since `begin_check`."""
        self.last_call = ""
        """The last call on the submission, as a grader would write it."""
        self.last_reply: Any = None
        self._left_output: tuple[str, int] = ("", 0)

    def begin_check(self) -> None:
        """Forget what was asked for the check before."""
        self.asked = 0
        self.last_call = ""
        self.last_reply = None

    def output(self) -> tuple[str, int]:
        """What the worker printed since this was last asked, and how many bytes of it were dropped."""
        (left, lost), self._left_output = self._left_output, ("", 0)
        more, dropped = self._worker.channel.take_output() if self._worker else ("", 0)
        return left + more, lost + dropped

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    @property
    def scratch(self) -> str:
        """The folder in which the submission works."""
        return self._setup.scratch

    # --- requests ---------------------------------------------------------------------------------------------

    def request(self, request: wire.Request) -> Any:
        """Ask, and return the answer as an object.

        Raises:
            RemoteError: it raised.
            WorkerLost: there was no proper answer.
        """
        value = self._ask(request)
        try:
            return Decoder(self._handle, _remember_origin).decode(value)
        except wire.BadMessage as error:
            raise WorkerLost("garbage", detail=str(error)[:300]) from None

    def _ask(self, request: wire.Request) -> wire.Value:
        if time.monotonic() >= self._deadline:
            raise WorkerLost("no time left")
        if self._worker is None:
            self._worker = self._workers.take()
            self._generation += 1
            self._module = None
            try:
                self._exchange(self._setup)
            except SubmissionFault as error:
                text, _dropped = self.output()
                raise BrokenWorker(f"the worker could not be made ready: {error}\n{text[-2000:]}") from error
        return self._exchange(request)

    def _exchange(self, request: wire.Request) -> wire.Value:
        assert self._worker is not None
        started = time.monotonic()
        # A worker that is still importing its libraries is not the learner's doing.
        limit = 120.0 if isinstance(request, wire.Setup) else self._call_limit
        deadline = started + limit if isinstance(request, wire.Setup) else min(started + limit, self._deadline)
        try:
            self._worker.channel.send(wire.encode(request), deadline)
            reply = wire.decode_reply(self._worker.channel.receive(deadline))
        except ChannelTimeout:
            # It will hardly be quicker the next time: the checks of other functions need their share.
            self._call_limit = max(self._call_limit / 2, 0.25)
            raise self._lose(WorkerLost("time", deadline - started)) from None
        except ChannelClosed:
            raise self._lose(WorkerLost("ended")) from None
        except (ChannelError, wire.BadMessage) as error:
            raise self._lose(WorkerLost("garbage", detail=str(error)[:300])) from None
        if isinstance(request, wire.Setup):
            self._deadline += time.monotonic() - started
        if isinstance(reply, wire.Raised):
            raise remote_error(reply, loading=isinstance(request, wire.Load))
        return reply.value

    def _lose(self, lost: WorkerLost) -> WorkerLost:
        # The next check gets a fresh worker.
        assert self._worker is not None
        self._left_output = self._worker.channel.take_output()
        self._worker.end()
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
        held, generation = _inside(handle)
        if generation != self._generation or self._worker is None:
            raise WorkerLost("ended")
        return held

    # --- the submission ---------------------------------------------------------------------------------------

    def module(self) -> wire.Held:
        """The submission, imported if it is not yet.

        Raises:
            RemoteError, WorkerLost: it could not be imported; the same again each time it is asked for.
        """
        self.asked += 1
        if self._load_error is not None:
            raise self._load_error
        if self._module is None or self._worker is None:
            try:
                value = self._ask(wire.Load(self._source, self.file))
            except (RemoteError, WorkerLost) as error:
                if isinstance(error, WorkerLost):
                    error.detail = error.detail or "import"
                self._load_error = error
                raise
            if not isinstance(value, wire.Held):
                raise WorkerLost("garbage", detail="no module came back")
            self._module = value
        return self._module


class Origin:
    """What a tensor's bytes do not say: where it was in the worker, and what it was there.

    Args:
        device: its logical device.
        requires_grad: whether autograd records it.
        parameter: whether it was an `nn.Parameter`.
    """

    def __init__(self, device: str, requires_grad: bool, parameter: bool) -> None:
        self.device = device
        self.requires_grad = requires_grad
        self.parameter = parameter


def _remember_origin(tensor: Any, value: wire.Tensor) -> Any:
    tensor.learn_origin = Origin(value.device[:50], value.requires_grad, value.parameter)
    return tensor


class Handle:
    """An object of the worker's. Its own name is only `value`; every other attribute is the object's."""

    __slots__ = ("__weakref__", "_learn_generation", "_learn_held", "_learn_label", "_learn_session")

    def __init__(self, session: Session, held: wire.Held, generation: int, label: str) -> None:
        set_own = object.__setattr__
        set_own(self, "_learn_session", session)
        set_own(self, "_learn_held", held)
        set_own(self, "_learn_generation", generation)
        set_own(self, "_learn_label", label)

    def value(self) -> Any:
        """The object by value, as far as it can be: a Parameter's data, a tensor without its history, …

        Raises:
            HandleError: it cannot be fetched.
        """
        session, held, _generation, label = _parts(self)
        session.held(self)
        fetched = session.request(wire.Fetch(held.id))
        if type(fetched) is Handle:
            raise HandleError(f"{label} is {type_name(self)}, which has no value that could be fetched")
        return fetched

    def __getattr__(self, name: str) -> Any:
        session, _held, _generation, label = _parts(self)
        return named(session.request(_operate(self, "getattr", name)), f"{label}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        _parts(self)[0].request(_operate(self, "setattr", name, value))

    def __delattr__(self, name: str) -> None:
        _parts(self)[0].request(_operate(self, "delattr", name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return call(self, args, kwargs, hold=False)

    def __getitem__(self, key: Any) -> Any:
        session, _held, _generation, label = _parts(self)
        return _recorded(self, f"{label}[{describe(key)}]", lambda: session.request(_operate(self, "getitem", key)))

    def __setitem__(self, key: Any, value: Any) -> None:
        _parts(self)[0].request(_operate(self, "setitem", key, value))

    def __delitem__(self, key: Any) -> None:
        _parts(self)[0].request(_operate(self, "delitem", key))

    def __len__(self) -> int:
        session, _held, _generation, label = _parts(self)
        length = _recorded(self, f"len({label})", lambda: session.request(_operate(self, "len")))
        if type(length) is not int or not 0 <= length < 2**62:
            raise HandleError(f"len({label}) gave {describe(length)}")
        return length

    def __iter__(self) -> Iterator[Any]:
        session, _held, _generation, label = _parts(self)
        iterator = session.request(_operate(self, "iter"))
        if type(iterator) is not Handle:
            raise HandleError(f"iter({label}) gave {describe(iterator)}")
        number = 0
        while True:
            try:
                item = _recorded(self, f"iter({label})", lambda: session.request(_operate(iterator, "next")))
            except StopIteration:
                return
            yield named(item, f"{label}[{number}]")
            number += 1

    def __next__(self) -> Any:
        session, _held, _generation, label = _parts(self)
        return named(session.request(_operate(self, "next")), f"next({label})")

    def __enter__(self) -> Any:
        return _parts(self)[0].request(_operate(self, "enter"))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _traceback: object) -> bool:
        name = error.name if isinstance(error, RemoteError) else kind.__name__ if kind else ""
        return _parts(self)[0].request(_operate(self, "exit", name, str(error or ""))) is True

    def __repr__(self) -> str:
        return f"<handle {_parts(self)[3]} of {type_name(self)}>"

    def __reduce__(self) -> NoReturn:
        raise HandleError("a handle cannot be copied or pickled")

    def _refuse(self, *_args: Any) -> NoReturn:
        raise HandleError(
            f"{_parts(self)[3]} is {type_name(self)} and stays in the worker: it can be compared only by "
            "`.value()`, which fetches it"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = __hash__ = _refuse  # type: ignore[assignment]

    @property
    def __class__(self) -> Any:
        # Python's isinstance asks this; what would be asked of is a stranger's word.
        raise HandleError(
            f"isinstance cannot look into the worker: `sandbox.isinstance({_parts(self)[3]}, \"package.Class\")` can"
        )


def _arithmetic(operation: str, reflected: bool) -> Callable[..., Any]:
    name = f"reflected {operation}" if reflected else operation

    def operate(self: Handle, *other: Any) -> Any:
        return _parts(self)[0].request(_operate(self, name, *other))

    return operate


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"):
    _operation = f"{_name}_" if _name in ("and", "or") else _name
    setattr(Handle, f"__{_name}__", _arithmetic(_operation, reflected=False))
    setattr(Handle, f"__r{_name}__", _arithmetic(_operation, reflected=True))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(Handle, f"__{_name}__", _arithmetic(_name, reflected=False))


def _parts(handle: Handle) -> tuple[Session, wire.Held, int, str]:
    own = object.__getattribute__
    return (
        own(handle, "_learn_session"),
        own(handle, "_learn_held"),
        own(handle, "_learn_generation"),
        own(handle, "_learn_label"),
    )


def _inside(handle: Handle) -> tuple[wire.Held, int]:
    return _parts(handle)[1:3]


def type_name(handle: Handle) -> str:
    """The full name of the class of what a handle stands for, as the worker tells it."""
    name = _inside(handle)[0].kind.removeprefix("builtins.").removeprefix("submission.")
    return "".join(c if c.isprintable() else "?" for c in name)[:200]


def is_handle(value: object) -> bool:
    """Whether `value` is a handle (`isinstance` refuses to say)."""
    return type(value) is Handle


def named(value: Any, label: str) -> Any:
    """A handle under the name by which the grader got it, for messages."""
    if type(value) is Handle:
        object.__setattr__(value, "_learn_label", label)
    return value


def _operate(handle: Handle, operation: str, *args: Any) -> wire.Operate:
    session = _parts(handle)[0]
    return wire.Operate(operation, session.held(handle).id, [session.encode(arg) for arg in args])


def call(handle: Handle, args: tuple[Any, ...], kwargs: dict[str, Any], *, hold: bool) -> Any:
    """Call what a handle stands for; with `hold` the result stays in the worker, whatever it is."""
    session, held, _generation, label = _parts(handle)
    session.held(handle)
    request = wire.Call(
        held.id, [session.encode(arg) for arg in args], {k: session.encode(v) for k, v in kwargs.items()}, hold
    )
    return _recorded(handle, describe_call(label, args, kwargs), lambda: session.request(request))


def _recorded(handle: Handle, text: str, ask: Callable[[], Any]) -> Any:
    """Remember what was asked and what came back, if it was asked of the submission."""
    session = _parts(handle)[0]
    if not _parts(handle)[3].startswith("sandbox."):
        session.last_call, session.last_reply = text, None
    result = named(ask(), text)
    if not _parts(handle)[3].startswith("sandbox."):
        session.last_reply = result
    return result


class Submission:
    """The submission: `submission.train_step(...)` calls the learner's function in the worker."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        module = self._session.module()
        try:
            return named(self._session.request(wire.Operate("getattr", module.id, [name])), name)
        except AttributeError as error:
            raise MissingName(name) from error

    def __repr__(self) -> str:
        return "<submission>"


class Sandbox:
    """The worker's libraries and tools, for building there what a check needs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return "<sandbox>"

    @property
    def torch(self) -> Any:
        """The worker's torch."""
        return self.import_("torch")

    def import_(self, name: str) -> Any:
        """A module of the worker's, such as `torchvision.transforms`."""
        return named(self._session.request(wire.Import(name)), f"sandbox.{name}")

    def put(self, value: Any) -> Any:
        """Keep a copy of `value` in the worker and return its handle."""
        return named(self._session.request(wire.Put(self._session.encode(value))), f"sandbox.{describe(value, 60)}")

    def hold(self, function: Any) -> Callable[..., Any]:
        """The function of a handle, whose result then stays in the worker even where it could cross by value."""
        if type(function) is not Handle:
            raise HandleError(f"hold takes a handle, not {describe(function)}")
        return lambda *args, **kwargs: call(function, args, kwargs, hold=True)

    def isinstance(self, value: Any, name: str) -> bool:
        """Whether the object is an instance of the class of this full name, as the worker sees it."""
        if type(value) is not Handle:
            raise HandleError(f"sandbox.isinstance takes a handle, not {describe(value)}")
        return self._session.request(wire.IsInstance(self._session.held(value).id, name)) is True

    def define(self, definition: Definition) -> Definition:
        """Decorator: define this function or class in the worker instead, from its source.

        It has to stand alone: imports inside, no names from around it, and nothing that a submission must not see.

        Raises:
            CannotCross: it uses names from around it.
        """
        source = textwrap.dedent(inspect.getsource(definition))
        tree = ast.parse(source)
        node = tree.body[0]
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            raise CannotCross("sandbox.define takes a function or a class")
        code = getattr(definition, "__code__", None)
        if code is not None and code.co_freevars:
            raise CannotCross(f"{node.name} uses names from around it: {', '.join(code.co_freevars)}")
        node.decorator_list = []
        handle = named(self._session.request(wire.Define(ast.unparse(tree), node.name)), f"sandbox.{node.name}")
        return cast("Definition", handle)

    def read(self, path: Any, limit: int = 16 * 2**20) -> bytes:
        """The first `limit` bytes of a file that the submission wrote, by its path in the scratch folder."""
        data = self._session.request(wire.Read(str(path), limit))
        if type(data) is not bytes:
            raise WorkerLost("garbage", detail="no bytes came back")
        return data

    @property
    def scratch(self) -> str:
        """The folder in which the submission works and may write."""
        return self._session.scratch
