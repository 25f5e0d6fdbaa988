"""One call of `learn`: its plugins, the folders of `--course`, and how it makes checkers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from learn_torch.cli.terminal import warn
from learn_torch.language import _

if TYPE_CHECKING:
    import typer

    from learn_torch.checking.checking import MakeChecker
    from learn_torch.course import CoursePack
    from learn_torch.plugins.manager import BrokenPlugin, Plugins


@dataclass
class Invocation:
    """What a command finds in its context besides its own arguments.

    Args:
        plugins: the installed plugins and the folders of courses.
        make_checker: makes a checker in place of `Checker`.
    """

    plugins: Plugins
    make_checker: MakeChecker | None = None
    _courses: list[Path] = field(default_factory=list)
    _told: list[BrokenPlugin] = field(default_factory=list)

    @classmethod
    def of(cls, context: typer.Context) -> Invocation:
        """The call that a command belongs to."""
        found = context.find_object(cls)
        assert found is not None
        return found

    def add_courses(self, folders: Sequence[Path]) -> None:
        """Add folders that the user named with `--course`. Raises PluginError if one holds no course."""
        from learn_torch.plugins.manager import course_in

        found = [course_in(folder) for folder in folders]
        self.plugins.add_courses(found)
        self._courses += found

    def courses(self) -> tuple[Path, ...]:
        """The folders of `--course`."""
        return tuple(self._courses)

    def asked_course(self) -> CoursePack | None:
        """The course of `--course`; the last one if there are several."""
        from learn_torch.course import CoursePack

        return CoursePack(self._courses[-1].name, self._courses[-1]) if self._courses else None

    def tell_broken(self) -> None:
        """Warn once about every plugin that could not be loaded and every hook that failed."""
        for broken in self.plugins.broken:
            if broken not in self._told:
                self._told.append(broken)
                warn(
                    _("warning: the plugin {name} does not work: {reason}").format(
                        name=broken.name, reason=broken.reason
                    )
                )
