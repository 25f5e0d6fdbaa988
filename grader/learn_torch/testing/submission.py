"""What a grader starts from: the submission, and the worker's libraries and tools."""

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
        return named(self._session.request(messages.Import(name)), f"sandbox.{name}")

    def put(self, value: Any) -> Any:
        """Keep a copy of `value` in the worker and return its handle."""
        return named(
            self._session.request(messages.Put(self._session.encode(value))), f"sandbox.{describe(value, 60)}"
        )

    def hold(self, function: Any) -> Callable[..., Any]:
        """The function of a handle, whose result then stays in the worker even where it could cross by value."""
        if type(function) is not Handle:
            raise HandleError(f"hold takes a handle, not {describe(function)}")
        return lambda *args, **kwargs: call(function, args, kwargs, hold=True)

    def isinstance(self, value: Any, name: str) -> bool:
        """Whether the object is an instance of the class of this full name, as the worker sees it."""
        if type(value) is not Handle:
            raise HandleError(f"sandbox.isinstance takes a handle, not {describe(value)}")
        return self._session.request(messages.IsInstance(self._session.held(value).id, name)) is True

    def define(self, definition: Definition) -> Definition:
        """Decorator: define this function or class in the worker instead, from its source.

        It has to stand alone: imports inside, no names from around it, and nothing that a submission must not see. The
        names of functions and classes are replaced on the way by names that say nothing.

        Raises:
            CannotCross: it uses names from around it.
        """
        source, name, own_name = source_of(definition, self._session.names)
        handle = named(self._session.request(messages.Define(source, name)), f"sandbox.{own_name}")
        return cast("Definition", handle)

    def restart(self, *, cuda: bool = True, before: Callable[[], object] | None = None) -> None:
        """Go on in a new worker, where the submission is imported anew when it is next asked.

        Handles of the worker before are void. The next check begins in an ordinary worker again.

        Args:
            cuda: False for a machine without CUDA, whatever the exercise is judged on.
            before: a definition without parameters, which runs there before the submission is imported: it may change
                the libraries that the submission finds. It has to stand alone, as for `define`.

        Raises:
            CannotCross: `before` uses names from around it.
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
