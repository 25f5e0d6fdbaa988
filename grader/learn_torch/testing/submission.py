"""The two objects that a grader works with: the submission, and the sandbox for the worker's libraries and tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from learn_torch.session.definitions import source_of
from learn_torch.session.describe import describe
from learn_torch.session.faults import HandleError, MissingName, WorkerLost
from learn_torch.session.proxies import Handle, call, named
from learn_torch.session.session import Session
from learn_torch.wire import messages

Definition = TypeVar("Definition", bound=Callable[..., Any] | type)


class Submission:
    """The submission: `submission.train_step(...)` calls the learner's function in the worker."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        module = self._session.module()
        try:
            found = named(self._session.request(messages.Operate("getattr", module.id, [name]), name), name)
        except AttributeError as error:
            raise MissingName(name) from error
        self._session.last_call, self._session.last_reply = name, found
        return found

    def __repr__(self) -> str:
        return "<submission>"


class Sandbox:
    """The worker's libraries and tools, to build objects for a check in the worker."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return "<sandbox>"

    @property
    def torch(self) -> Any:
        """The worker's torch."""
        return self.import_("torch")

    def import_(self, name: str) -> Any:
        """A module in the worker, such as `torchvision.transforms`."""
        return named(self._session.request(messages.Import(name)), f"sandbox.{name}")

    def put(self, value: Any) -> Any:
        """Store a copy of `value` in the worker and return its handle."""
        return named(
            self._session.request(messages.Put(self._session.encode(value))), f"sandbox.{describe(value)}"
        )

    def hold(self, function: Any) -> Callable[..., Any]:
        """The function of a handle, changed so that its result always stays in the worker, as a handle."""
        if type(function) is not Handle:
            raise HandleError(f"hold takes a handle, not {describe(function)}")
        return lambda *args, **kwargs: call(function, args, kwargs, hold=True)

    def isinstance(self, value: Any, name: str) -> bool:
        """Whether the object is an instance of the class with this full name. The worker answers this."""
        if type(value) is not Handle:
            raise HandleError(f"sandbox.isinstance takes a handle, not {describe(value)}")
        return self._session.request(messages.IsInstance(self._session.held(value).id, name)) is True

    def define(self, definition: Definition) -> Definition:
        """Decorator: define this function or class in the worker, from its source, not in the judge.

        It must be self-contained: imports inside, no names from outside, and nothing that a submission must not see. In
        the worker, functions and classes get neutral names.

        Raises:
            CannotCross: it uses variables of an enclosing function.
        """
        source, name, own_name = source_of(definition, self._session.names)
        handle = named(self._session.request(messages.Define(source, name)), f"sandbox.{own_name}")
        return cast("Definition", handle)

    def restart(self, *, cuda: bool = True, before: Callable[[], object] | None = None) -> None:
        """Continue in a new worker, which imports the submission again at its next use.

        Handles of the old worker become invalid. The next check begins in an ordinary worker again.

        Args:
            cuda: False for a machine without CUDA, whatever the device of the session.
            before: a function without parameters, which runs in the worker before the submission is imported. It may
                change libraries. It must be self-contained, as for `define`.

        Raises:
            CannotCross: `before` uses variables of an enclosing function.
        """
        definition = None if before is None else source_of(before, self._session.names)[:2]
        self._session.restart(device="" if cuda else "cpu", before=definition)

    def read(self, path: Any, limit: int = 16 * 2**20) -> bytes:
        """The first `limit` bytes of a file that the submission wrote, by its path in the scratch folder."""
        data = self._session.request(messages.Read(str(path), limit))
        if type(data) is not bytes:
            raise WorkerLost("garbage", detail="no bytes came back")
        return data

    @property
    def scratch(self) -> str:
        """The folder in which the submission works and may write."""
        return self._session.scratch
