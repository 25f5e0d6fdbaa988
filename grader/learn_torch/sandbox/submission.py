"""What a grader starts from: the submission, and the worker's libraries and tools."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar, cast

from learn_torch.sandbox import messages
from learn_torch.sandbox.describe import describe
from learn_torch.sandbox.encoding import CannotCross
from learn_torch.sandbox.faults import HandleError, MissingName, WorkerLost
from learn_torch.sandbox.proxies import Handle, call, named
from learn_torch.sandbox.session import Session

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
            found = named(self._session.request(messages.Operate("getattr", module.id, [name])), name)
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
        handle = named(
            self._session.request(messages.Define(ast.unparse(tree), node.name)), f"sandbox.{node.name}"
        )
        return cast("Definition", handle)

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
