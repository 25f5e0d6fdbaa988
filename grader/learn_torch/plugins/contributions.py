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
        name: the command's name: `export`.
        function: a function with parameters as typer takes them; or its location, `package.module:function`, which is
            imported when the command is called. A typer app if the command has subcommands.
        help: its line in `learn --help`, in the current language.
    """

    name: str
    function: Callable[..., None] | str
    help: str


@dataclass(frozen=True)
class ReportFormat:
    """A format of reports, for `learn check --format NAME`.

    Args:
        name: the format's name: `junit`.
        help: what it is, in the current language.
        render: makes the text from a list of reports. The list is empty if there was nothing to check, and holds one
            report if one exercise was named.
        render_one: makes the text from a single report, if the format writes one report without a list around it; by
            default `render` makes it.
    """

    name: str
    help: str
    render: Callable[[Sequence[Report]], str]
    render_one: Callable[[Report], str] | None = None
