"""A check while it runs: the title, a line for each check as it ends, then the details of what failed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.text import Text

from learn_torch.checking.reading import SubmissionProblem, read_submission
from learn_torch.cli import render
from learn_torch.cli.terminal import Marks, marks, out, print_indented, turning
from learn_torch.course import Exercise
from learn_torch.language import _
from learn_torch.report import CheckReport, Report


class Live:
    """Prints one check on standard output. A context manager; on a terminal, something turns until the verdict.

    Args:
        exercise: the exercise that is checked.
        path: the submission's file.
    """

    def __init__(self, exercise: Exercise, path: Path) -> None:
        self._exercise, self._path = exercise, path
        self._console = out()
        self._marks = marks()  # what turns takes the place of standard output, whose encoding they depend on
        self._untouched = _is_stub(exercise, path)
        self._turning = ExitStack()

    def begin(self) -> None:
        """Print the title."""
        self._console.print(Text(f"{self._exercise.key} {self._exercise.manifest.title}", "bold"))
        self._turning.enter_context(turning(self._console, _("checking")))

    def ended(self, check: CheckReport) -> None:
        """Print the line of one check; not of a stub that nobody has touched, where every check fails alike."""
        if not self._untouched:
            _print_line(self._console, check, self._marks)

    def verdict(self, report: Report) -> None:
        """Print the details of the checks that did not pass, and the verdict."""
        self.stop()
        if self._untouched and report.verdict == "failed":
            self._console.print(Text(_("{file} is still the stub.").format(file=report.file)))
        else:
            _print_details(self._console, report, self._marks)
        _print_verdict(self._console, report)

    def close(self, report: Report) -> None:
        """Print the diagnosis, the notes, and how it was run."""
        render.print_close(report, self._exercise, self._path, alone=False)

    def stop(self) -> None:
        """Stop what turns."""
        self._turning.close()

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_stub(exercise: Exercise, path: Path) -> bool:
    try:
        return exercise.is_stub(read_submission(path))
    except SubmissionProblem:
        return False


def _print_line(console: Console, check: CheckReport, signs: Marks) -> None:
    sign, style = _sign(check, signs)
    points = f"{check.points:g}/{check.max_points:g}"
    console.print(Text.assemble("  ", (sign, style), f" {check.title} ", (f"({points})", "dim")))


def _sign(check: CheckReport, signs: Marks) -> tuple[str, str]:
    return {
        "passed": (signs.passed, "green"),
        "failed": (signs.failed, "red"),
        "error": (signs.error, "magenta"),
    }[check.verdict]


def _print_details(console: Console, report: Report, signs: Marks) -> None:
    shown: set[str] = set()
    for check in report.checks:
        # A file that cannot be imported fails every check with the same message. Print it once.
        if check.verdict == "passed" or check.message in shown:
            continue
        shown.add(check.message)
        console.print()
        console.print(Text.assemble(_sign(check, signs), " ", (check.title, "bold")))
        print_indented(console, check.message, 4)
        if isinstance(check.help, str):
            print_indented(console, check.help, 4, "cyan")
        if isinstance(check.output, str) and check.output.strip():
            print_indented(console, _("your code printed:"), 4, "dim")
            print_indented(console, _last_lines(check.output), 6)


def _print_verdict(console: Console, report: Report) -> None:
    total = f"{report.points:g}/{report.max_points:g}"
    if report.verdict != "passed":
        console.print()
    if report.verdict == "passed":
        console.print(Text(_("passed: {points} points").format(points=total), "bold green"))
    elif report.verdict == "failed":
        console.print(Text(_("not passed: {points} points").format(points=total), "bold red"))
    else:
        console.print(Text(_("the grader itself failed: this is not your mistake"), "bold magenta"))


def _last_lines(text: str, lines: int = 20) -> str:
    """The last lines of the output: 64 KB would push the verdict off the screen. The JSON report has it all."""
    every = text.rstrip().splitlines()
    tail = "\n".join(line[:500] for line in every[-lines:])
    if len(every) <= lines:
        return tail
    return _("… {n} lines before").format(n=len(every) - lines) + "\n" + tail
