"""A report for people: every check, and for a failing check the call, the answer and the expected answer."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from learn_torch.cli.terminal import marks, out, print_indented
from learn_torch.course import Exercise
from learn_torch.escaping import harmless, harmless_line
from learn_torch.language import _
from learn_torch.report import CheckReport, Report


def print_title(exercise: Exercise) -> None:
    """Print the exercise's title before it is checked."""
    out().print(Text(f"{exercise.key} {exercise.manifest.title}", "bold"))


def print_report(report: Report) -> None:
    """Print the checks and the verdict, without the exercise's title."""
    console = out()
    shown: set[str] = set()
    for check in report.checks:
        _print_check(console, check, shown)
    total = f"{report.points:g}/{report.max_points:g}"
    if report.verdict == "passed":
        console.print(Text(_("passed: {points} points").format(points=total), "bold green"))
    elif report.verdict == "failed":
        console.print(Text(_("not passed: {points} points").format(points=total), "bold red"))
    else:
        console.print(Text(_("the grader itself failed: this is not your mistake"), "bold magenta"))


def print_close(report: Report, exercise: Exercise, path: Path, *, alone: bool) -> None:
    """Print what follows the verdict: the diagnosis, the notes of plugins, how it was run, and what to do next.

    Args:
        report: what to print.
        exercise: the exercise that was checked.
        path: the submission's file.
        alone: whether this is the only report; only then it says what to do next.
    """
    console = out()
    if report.diagnoses:
        console.print()
        for number, diagnosis in enumerate(report.diagnoses):
            also = _("This too: {sentence}") if number else _("This looks like a known mistake: {sentence}")
            console.print(Text(also.format(sentence=harmless(diagnosis.message)), "yellow"))
        console.print()
    for note in report.notes or ():
        console.print(Text(f"{harmless_line(note.plugin)}: {harmless(note.text)}"))
    console.print(
        Text(
            _("{seconds:.2f} s on {device}, seed {seed}").format(
                seconds=report.seconds, device=report.device, seed=report.seed
            ),
            "dim",
        )
    )
    if alone and report.verdict == "failed":
        console.print()
        console.print(
            Text(
                _("Your file: {path}   A hint: learn hint {id}").format(
                    path=harmless_line(str(path)), id=exercise.manifest.id
                )
            )
        )
    elif alone and report.verdict == "passed":
        console.print()
        console.print(Text(_("Next exercise: learn next")))
    else:
        console.print()


def _print_check(console: Console, check: CheckReport, shown: set[str]) -> None:
    signs = marks()
    sign, style = {
        "passed": (signs.passed, "green"),
        "failed": (signs.failed, "red"),
        "error": (signs.error, "magenta"),
    }[check.verdict]
    points = f"{check.points:g}/{check.max_points:g}"
    console.print(Text.assemble("  ", (sign, style), f" {check.title} ", (f"({points})", "dim")))
    if check.verdict == "passed":
        return
    # A file that cannot be imported fails every check with the same message. Print it once.
    if check.message in shown:
        return
    shown.add(check.message)
    print_indented(console, check.message, 6)
    if isinstance(check.help, str):
        print_indented(console, check.help, 6, "cyan")
    if isinstance(check.output, str) and check.output.strip():
        print_indented(console, _("your code printed:"), 6, "dim")
        print_indented(console, _last_lines(check.output), 8)


def _last_lines(text: str, lines: int = 20) -> str:
    """The last lines of the output: 64 KB would push the verdict off the screen. The JSON report has it all."""
    every = text.rstrip().splitlines()
    tail = "\n".join(line[:500] for line in every[-lines:])
    if len(every) <= lines:
        return tail
    return _("… {n} lines before").format(n=len(every) - lines) + "\n" + tail
