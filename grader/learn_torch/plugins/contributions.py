"""What plugins contribute besides courses and datasets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learn_torch.report import Report


@dataclass(frozen=True)
class Command:
    """A command of `learn`.

    Args:
        name: how it is called: `export`.
        function: the function, with parameters as typer takes them; or where it is, `package.module:function`, to be
            imported when the command is called. A typer app where the command has commands of its own.
        help: its line in `learn --help`, in the language in use.
    """

    name: str
    function: Callable[..., None] | str
    help: str


@dataclass(frozen=True)
class ReportFormat:
    """A way of writing reports down, for `learn check --format NAME`.

    Args:
        name: how it is called: `junit`.
        help: what it is, in the language in use.
        render: makes the text of the reports, always a list: empty where there was nothing to check, of one where one
            exercise was named.
        render_one: makes the text where one exercise was asked for, in a format that writes one report without a list
            around it; by default `render` makes it.
    """

    name: str
    help: str
    render: Callable[[Sequence[Report]], str]
    render_one: Callable[[Report], str] | None = None
