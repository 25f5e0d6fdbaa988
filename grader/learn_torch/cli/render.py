"""A report for people: a line for each check, and after the last one what went wrong, each reason once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from learn_torch.cli.terminal import marks, out, print_indented
from learn_torch.course import Exercise
from learn_torch.escaping import harmless, harmless_line
from learn_torch.language import _, ngettext
from learn_torch.report import CheckReport, Report


def print_title(exercise: Exercise) -> None:
    """Print the exercise's title before it is checked."""
    out().print(Text(f"{exercise.key} {exercise.manifest.title}", "bold"))


def print_report(report: Report) -> None:
    """Print the checks, what went wrong, and the verdict, without the exercise's title."""
    for check in report.checks:
        print_check(check)
    print_details(report)
    print_verdict(report)


def print_check(check: CheckReport) -> None:
    """Print one check's line, as soon as the check has ended. What is not written yet gets no line of its own."""
    if _kind(check) == "unwritten":
        return
    points = f"{check.points:g}/{check.max_points:g}"
    out().print(Text.assemble("  ", _sign(check), f" {check.title} ", (f"({points})", "dim")))


def print_details(report: Report) -> None:
    """Print what went wrong, after the lines of all checks: the diagnosis, shared causes, then single checks."""
    console = out()
    if unwritten := [check for check in report.checks if _kind(check) == "unwritten"]:
        _print_unwritten(console, unwritten)
    if report.diagnoses:
        console.print()
    for number, diagnosis in enumerate(report.diagnoses):
        text = _("This, too: {sentence}") if number else _("This looks like a known mistake: {sentence}")
        console.print(Text(text.format(sentence=harmless(diagnosis.message)), "yellow"))
    failed = left = [check for check in report.checks if check.verdict != "passed" and check not in unwritten]
    for cause in report.causes:
        if sharing := [check for check in left if check.cause == cause.cause]:
            console.print()
            print_indented(console, cause.message, 2)
            if len(sharing) < len(failed):  # or the lines above say it all
                _print_titles(console, sharing)
            _print_output(console, sharing[0])
            left = [check for check in left if check not in sharing]
    followers = [check for check in left if _kind(check) == "after"]
    for check in left:
        if check not in followers:
            _print_single(console, check)
    for message in dict.fromkeys(check.message for check in followers):
        console.print()
        _print_titles(console, [check for check in followers if check.message == message])
        print_indented(console, message, 6)
    if report.verdict != "passed":
        console.print()


def print_verdict(report: Report) -> None:
    """Print the verdict and the points."""
    total = f"{report.points:g}/{report.max_points:g}"
    if report.verdict == "passed":
        text = Text(_("passed: {points} points").format(points=total), "bold green")
    elif report.verdict == "failed":
        text = Text(_("not passed: {points} points").format(points=total), "bold red")
    else:
        text = Text(_("the grader itself failed: this is not your mistake"), "bold magenta")
    out().print(text)


def print_close(report: Report, exercise: Exercise, path: Path, *, alone: bool) -> None:
    """Print what follows the verdict: the notes of plugins, how it was run, and what to do next.

    Args:
        report: what to print.
        exercise: the exercise that was checked.
        path: the submission's file.
        alone: whether this is the only report; only then it says what to do next.
    """
    console = out()
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


def _kind(check: CheckReport) -> str:
    """The kind of a check's cause; empty where it has none."""
    return check.cause.partition(":")[0] if isinstance(check.cause, str) else ""


def _sign(check: CheckReport) -> tuple[str, str]:
    """A check's sign and its style."""
    signs = marks()
    return {
        "passed": (signs.passed, "green"),
        "failed": (signs.failed, "red"),
        "error": (signs.error, "magenta"),
    }[check.verdict]


def _print_titles(console: Console, checks: Sequence[CheckReport]) -> None:
    for check in checks:
        console.print(Text.assemble("  ", _sign(check), f" {check.title}"))


def _print_unwritten(console: Console, checks: Sequence[CheckReport]) -> None:
    """One line for everything that the stub still leaves open."""
    names = dict.fromkeys(str(check.cause).partition(":")[2] for check in checks)
    text = ngettext(
        "not written yet: {names} ({n} check)", "not written yet: {names} ({n} checks)", len(checks)
    )
    named = ", ".join(f"`{name}`" for name in names)
    console.print(Text.assemble("  ", _sign(checks[0]), " " + text.format(names=named, n=len(checks))))


def _print_single(console: Console, check: CheckReport) -> None:
    console.print()
    _print_titles(console, [check])
    print_indented(console, check.message, 6)
    if isinstance(check.help, str):
        print_indented(console, check.help, 6, "cyan")
    _print_output(console, check)


def _print_output(console: Console, check: CheckReport) -> None:
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
