"""Proxies for objects in the worker.

Plain data comes by value. Everything else is a `Handle`: attributes, calls, indexing, iteration, `with` and arithmetic
are requests to the worker. Comparison is refused, because the judge does not trust a comparison in the worker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from learn_torch import wire
from learn_torch.session.describe import describe, describe_call
from learn_torch.session.faults import HandleError, RemoteError, WorkerLost
from learn_torch.wire import messages

if TYPE_CHECKING:
    from learn_torch.session.session import Session


_UNCHANGING = frozenset(
    f"builtins.{kind.__name__}" for kind in (list, tuple, dict, set, frozenset, range, str)
)
_LONGEST = 10_000_000
"""The largest length that is accepted for a handle."""


class Origin:
    """Properties that a tensor had in the worker and that its bytes do not show.

    Args:
        device: its logical device.
        requires_grad: whether autograd records it.
        parameter: whether it was an `nn.Parameter`.
    """

    def __init__(self, device: str, requires_grad: bool, parameter: bool) -> None:
        self.device = device
        self.requires_grad = requires_grad
        self.parameter = parameter


def remember_origin(tensor: Any, value: wire.Tensor) -> Any:
    """`tensor` with its origin attached, for `learn_torch.testing.origin_of`."""
    tensor.learn_origin = Origin(value.device[:50], value.requires_grad, value.parameter)
    return tensor


class Handle:
    """A proxy for an object in the worker. Only `value` is the handle's own; all other attributes are the object's."""

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
        fetched = session.request(messages.Fetch(held.id), label)
        # The class of a built-in object cannot change: a worker that answers otherwise has been manipulated.
        kind = held_by(fetched)[0].kind if type(fetched) is Handle else f"builtins.{type(fetched).__name__}"
        if held.kind in _UNCHANGING and kind != held.kind:
            raise WorkerLost("garbage", detail=f"{held.kind} became {kind}"[:300])
        if type(fetched) is Handle:
            raise HandleError(f"{label} is {type_name(self)}, which has no value that could be fetched")
        return fetched

    def __getattr__(self, name: str) -> Any:
        session, _held, _generation, label = _parts(self)
        return named(session.request(_operate(self, "getattr", name), f"{label}.{name}"), f"{label}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        session, _held, _generation, label = _parts(self)
        session.request(_operate(self, "setattr", name, value), f"{label}.{name} = {describe(value)}")

    def __delattr__(self, name: str) -> None:
        session, _held, _generation, label = _parts(self)
        session.request(_operate(self, "delattr", name), f"del {label}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the worker."""
        return call(self, args, kwargs, hold=False)

    def __getitem__(self, key: Any) -> Any:
        session, _held, _generation, label = _parts(self)
        text = f"{label}[{describe(key)}]"
        return _recorded(self, text, lambda: session.request(_operate(self, "getitem", key), text))

    def __setitem__(self, key: Any, value: Any) -> None:
        session, _held, _generation, label = _parts(self)
        session.request(
            _operate(self, "setitem", key, value), f"{label}[{describe(key)}] = {describe(value)}"
        )

    def __delitem__(self, key: Any) -> None:
        session, _held, _generation, label = _parts(self)
        session.request(_operate(self, "delitem", key), f"del {label}[{describe(key)}]")

    def __len__(self) -> int:
        session, _held, _generation, label = _parts(self)
        text = f"len({label})"
        length = _recorded(self, text, lambda: session.request(_operate(self, "len"), text))
        # `list(handle)` allocates this many items at once.
        if type(length) is not int or not 0 <= length <= _LONGEST:
            raise HandleError(f"len({label}) gave {describe(length)}")
        return length

    def __iter__(self) -> Iterator[Any]:
        session, _held, _generation, label = _parts(self)
        text = f"iter({label})"
        iterator = session.request(_operate(self, "iter"), text)
        if type(iterator) is not Handle:
            raise HandleError(f"iter({label}) gave {describe(iterator)}")
        number = 0
        while True:
            try:
                item = _recorded(self, text, lambda: session.request(_operate(iterator, "next"), text))
            except StopIteration:
                return
            yield named(item, f"{label}[{number}]")
            number += 1

    def __next__(self) -> Any:
        session, _held, _generation, label = _parts(self)
        return named(session.request(_operate(self, "next"), f"next({label})"), f"next({label})")

    def __enter__(self) -> Any:
        session, _held, _generation, label = _parts(self)
        return session.request(_operate(self, "enter"), f"with {label}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: object
    ) -> bool:
        name = error.kind if isinstance(error, RemoteError) else kind.__name__ if kind else ""
        session, _held, _generation, label = _parts(self)
        return session.request(_operate(self, "exit", name, str(error or "")), f"with {label}") is True

    def __repr__(self) -> str:
        return f"<handle {_parts(self)[3]} of {type_name(self)}>"

    def __reduce__(self) -> NoReturn:
        raise HandleError("a handle cannot be copied or pickled")

    def _refuse(self, *_args: Any) -> NoReturn:
        raise HandleError(
            f"{_parts(self)[3]} is {type_name(self)} and stays in the worker: it can be compared only by "
            "`.value()`, which fetches it"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = __hash__ = _refuse

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        # Python's isinstance reads this. pytest does, too, when it shows a failed assert, and must get an answer.
        if sys._getframe(1).f_globals.get("__name__", "").startswith("_pytest."):
            return Handle
        raise HandleError(
            f'isinstance cannot look into the worker: `sandbox.isinstance({_parts(self)[3]}, "package.Class")` can'
        )


def _arithmetic(operation: str, reflected: bool) -> Callable[..., Any]:
    name = f"reflected {operation}" if reflected else operation

    def operate(self: Handle, *other: Any) -> Any:
        session, _held, _generation, label = _parts(self)
        return session.request(_operate(self, name, *other), f"{operation} {label}")

    return operate


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
):
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


def held_by(handle: Handle) -> tuple[wire.Held, int]:
    """What a handle stands for, and the number of its worker in the session."""
    return _parts(handle)[1:3]


def type_name(handle: Handle) -> str:
    """The full name of the class of a handle's object, as the worker reports it."""
    session, held, _generation, _label = _parts(handle)
    name = session.names.readable(held.kind.removeprefix("builtins.").removeprefix("submission."))
    return "".join(c if c.isprintable() else "?" for c in name)[:200]


def is_handle(value: object) -> bool:
    """Whether `value` is a handle (`isinstance` raises for handles)."""
    return type(value) is Handle


def named(value: Any, label: str) -> Any:
    """Give a handle the name by which the grader got it, for messages."""
    if type(value) is Handle:
        object.__setattr__(value, "_learn_label", label)
    return value


def _operate(handle: Handle, operation: str, *args: Any) -> messages.Operate:
    session = _parts(handle)[0]
    return messages.Operate(operation, session.held(handle).id, [session.encode(arg) for arg in args])


def call(handle: Handle, args: tuple[Any, ...], kwargs: dict[str, Any], *, hold: bool) -> Any:
    """Call a handle's object. With `hold` the result stays in the worker, whatever it is."""
    session, held, _generation, label = _parts(handle)
    session.held(handle)
    request = messages.Call(
        held.id,
        [session.encode(arg) for arg in args],
        {k: session.encode(v) for k, v in kwargs.items()},
        hold,
    )
    text = describe_call(label, args, kwargs)
    asking = text.removeprefix("sandbox.")
    return _recorded(handle, text, lambda: session.request(request, asking), *args, *kwargs.values())


def _recorded(handle: Handle, text: str, ask: Callable[[], Any], *others: Any) -> Any:
    """Remember what was asked and what came back, if an object of the submission's takes part."""
    session = _parts(handle)[0]
    if not any(_is_theirs(one) for one in (handle, *others)):
        return named(ask(), text)
    # The grader knows its own definitions without `sandbox.`.
    session.last_call, session.last_reply = text.removeprefix("sandbox."), None
    result = session.last_reply = named(ask(), text)
    return result


def _is_theirs(value: Any) -> bool:
    return type(value) is Handle and not _parts(value)[3].startswith("sandbox.")
