"""What a reference run gets: a device, data, a folder for its results, and ways to print."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from learn_torch.course import DataSet, Pictures, Steps
from learn_torch.errors import LearnError, in_a_line
from learn_torch.escaping import harmless
from learn_torch.language import _
from learn_torch.plugins.manager import Plugins
from learn_torch.runs.images.sets import open_data, open_halves
from learn_torch.runs.options import Options
from learn_torch.runs.progress import progress

if TYPE_CHECKING:
    import torch
    from rich.console import Console


@dataclass(frozen=True)
class RunContext:
    """The second argument of `run(solution, context)`.

    Args:
        console: standard output, for results.
        errors: standard error, for warnings and progress.
        seed: the random seed; torch's generator has already been seeded with it.
        out: the folder for results; `write` makes it.
        exercise: `core/08`.
        asked: the user's options, for decisions of the run itself; see `Options`.
        chosen_device: see `device`.
        opened_data: see `data`.
        opened_test_data: see `test_data`.
        plugins: the plugins that may observe a training.
        data_name: the name of the data.
        all_data: all datasets by name.
        written: the files that have been written so far.
    """

    console: Console
    errors: Console
    seed: int
    out: Path
    exercise: str = ""
    asked: Options = field(default_factory=Options)
    chosen_device: torch.device | None = field(default=None, repr=False)
    opened_data: Pictures | None = field(default=None, repr=False)
    opened_test_data: Pictures | None = field(default=None, repr=False)
    plugins: Plugins | None = field(default=None, repr=False)
    data_name: str | None = None
    all_data: Mapping[str, DataSet] = field(default_factory=dict, repr=False)
    written: list[Path] = field(default_factory=list, repr=False)

    @property
    def device(self) -> torch.device:
        """The device to compute on, for runs with `"device"` in `USES`."""
        if self.chosen_device is None:
            raise AttributeError('this run has no device: put "device" into its USES')
        return self.chosen_device

    @property
    def data(self) -> Pictures:
        """The labelled training images, for runs with `"data"` or `"halves"` in `USES`."""
        if self.opened_data is None:
            raise AttributeError('this run has no data: put "data" into its USES')
        return self.opened_data

    @property
    def test_data(self) -> Pictures:
        """The test images, of the same classes, for runs with `"halves"` in `USES`."""
        if self.opened_test_data is None:
            raise AttributeError('this run has no data for testing: put "halves" into its USES')
        return self.opened_test_data

    def open_test_data(self, usual: str) -> Pictures:
        """Open test images when they are needed, for runs with `"test_data"` in `USES`.

        Args:
            usual: the default: a dataset's name or a folder.

        Raises:
            DataError: they are missing or cannot be used.
        """
        name, root, known = self.asked.data or usual, self.asked.data_root, self.all_data
        if name in known:
            pictures = open_data(name, root, known, self.warn, train=False, progress=self.progress)
        else:
            pictures = open_halves(name, root, known, self.warn, progress=self.progress)[1]
        self.say(_("data: {name}, {n:,} test images").format(name=name, n=len(pictures)))
        return pictures

    def say(self, text: str) -> None:
        """Print a line of plain text. Everything that a terminal or a CI runner would obey is escaped."""
        self.console.print(harmless(text), markup=False)

    def warn(self, text: str) -> None:
        """Print a warning on standard error."""
        from rich.text import Text

        self.errors.print(Text.assemble((_("warning: "), "yellow"), harmless(text)))

    def progress(self, title: str, total: int) -> AbstractContextManager[Steps]:
        """Show a progress bar: `with context.progress("training", 300) as steps: … steps.done(loss=0.7)`."""
        return progress(self.errors, title, total)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under headings: a table on a terminal, aligned columns elsewhere."""
        if self.console.is_terminal:
            from rich import box
            from rich.table import Table
            from rich.text import Text

            table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
            for row in rows:
                table.add_row(*(Text(harmless(cell)) for cell in row))
            self.console.print(table)
            return
        from rich.cells import cell_len, set_cell_size

        shown = [list(map(harmless, row)) for row in (headings, *rows)]
        widths = [max(map(cell_len, column)) for column in zip(*shown, strict=True)]
        for row in shown:
            cells = map(set_cell_size, row, widths)
            self.say("  ".join(cells).rstrip())

    def write(self, name: str, write: Callable[[Path], None]) -> Path:
        """Write a result into the folder for results, and print its path.

        Args:
            name: the file's name.
            write: writes the file to the given temporary path. The complete file is then moved to its final path.

        Raises:
            LearnError: the folder or the file cannot be written.
        """
        target = self.out / name
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".", dir=self.out) as unfinished:
                write(Path(unfinished) / name)
                os.replace(Path(unfinished) / name, target)
        except OSError as error:
            raise cannot_write(target, error) from error
        self.say(_("written: {path}").format(path=target))
        self.written.append(target)
        return target

    @contextmanager
    def watched_by(self, *watchers: object) -> Iterator[Callable[..., None]]:
        """Let these objects and all plugins observe a training. Yields the function that calls hooks `learn_run_…`."""
        import pluggy

        from learn_torch.plugins import hookspecs

        if self.plugins is None:
            manager = pluggy.PluginManager(hookspecs.PROJECT)
            manager.add_hookspecs(hookspecs)
            plugins = Plugins(manager, [])
        else:
            plugins = self.plugins
        with plugins.joined_by(*watchers):
            yield plugins.tell


def cannot_write(path: Path, error: OSError) -> LearnError:
    """The error for a result that could not be written."""
    return LearnError(
        _("{path} cannot be written: {reason}").format(path=path, reason=in_a_line(error)),
        _("use another folder, with --out DIR"),
    )
