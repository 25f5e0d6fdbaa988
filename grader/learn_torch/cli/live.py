"""A check while it runs: the title, a line for each check as it ends, then what went wrong, and the verdict."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from learn_torch.cli.render import Rendering
from learn_torch.cli.terminal import turning
from learn_torch.course import Exercise
from learn_torch.language import _
from learn_torch.report import CheckReport, Report


class Live:
    """Prints one check on standard output. A context manager; on a terminal, something turns until the end."""

    def __init__(self) -> None:
        self._rendering = Rendering()
        self._turning = ExitStack()
        self._left: Report | None = None

    def begin(self, exercise: Exercise) -> None:
        """Print the title."""
        self._rendering.title(exercise)
        self._turning.enter_context(turning(self._rendering.console, _("checking")))

    def ended(self, check: CheckReport) -> None:
        """Print the line of one check."""
        self._rendering.check(check)

    def verdict(self, report: Report) -> None:
        """Remember the verdict. It is printed with the diagnosis, or without it if no diagnosis comes."""
        self._left = report

    def close(self, report: Report) -> None:
        """Print what went wrong, the verdict, and how it was run."""
        self._print(report)
        self._rendering.close(report)

    def _print(self, report: Report) -> None:
        self._left = None
        self._turning.close()
        self._rendering.details(report)
        self._rendering.verdict(report)

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._turning.close()
        if self._left is not None:
            self._print(self._left)
