"""A report for people: a line for each check, and after the last one what went wrong, each reason once."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from learn_torch.cli.terminal import marks, out, print_indented
from learn_torch.course import Exercise
from learn_torch.escaping import harmless, harmless_line
from learn_torch.language import _, ngettext
from learn_torch.report import CheckReport, Report


class Rendering:
    """Prints the parts of a report. Make it before something turns on the terminal, which takes the place of standard
    output, whose encoding the signs depend on.
    """

    def __init__(self) -> None:
        self.console = out()
        signs = marks()
        self._signs = {
            "passed": (signs.passed, "green"),
            "failed": (signs.failed, "red"),
            "error": (signs.error, "magenta"),
        }

    def title(self, exercise: Exercise) -> None:
        """Print the exercise's title."""
        self.console.print(Text(f"{exercise.key} {exercise.manifest.title}", "bold"))

    def report(self, report: Report) -> None:
        """Print the checks, what went wrong, and the verdict, without the exercise's title."""
        for check in report.checks:
            self.check(check)
        self.details(report)
        self.verdict(report)

    def check(self, check: CheckReport) -> None:
        """Print one check's line. What is not written yet, or not even imported, gets no line of its own."""
        if _kind(check) in ("unwritten", "import", "file"):
            return
        points = f"{check.points:g}/{check.max_points:g}"
        self.console.print(
            Text.assemble("  ", self._signs[check.verdict], f" {check.title} ", (f"({points})", "dim"))
        )

    def details(self, report: Report) -> None:
        """Print what went wrong, after the lines of all checks: the diagnosis, shared causes, then single checks."""
        if unwritten := [check for check in report.checks if _kind(check) == "unwritten"]:
            self._unwritten(unwritten)
        if report.diagnoses:
            self.console.print()
        for number, diagnosis in enumerate(report.diagnoses):
            text = _("This, too: {sentence}") if number else _("This looks like a known mistake: {sentence}")
            self.console.print(Text(text.format(sentence=harmless(diagnosis.message)), "yellow"))
        failed = left = [
            check for check in report.checks if check.verdict != "passed" and check not in unwritten
        ]
        for cause in report.causes:
            if sharing := [check for check in left if check.cause == cause.cause]:
                self.console.print()
                named = len(sharing) < len(failed)  # or the lines above say it all
                if named:
                    self._titles(sharing)
                print_indented(self.console, cause.message, 4 if named else 2)
                self._output(sharing[0])
                left = [check for check in left if check not in sharing]
        followers = [check for check in left if _kind(check) == "after"]
        for check in left:
            if check not in followers:
                self._single(check)
        for message in dict.fromkeys(check.message for check in followers):
            self.console.print()
            self._titles([check for check in followers if check.message == message])
            print_indented(self.console, message, 4)
        if report.verdict != "passed":
            self.console.print()

    def verdict(self, report: Report) -> None:
        """Print the verdict and the points."""
        total = f"{report.points:g}/{report.max_points:g}"
        if report.verdict == "passed":
            text = Text(_("passed: {points} points").format(points=total), "bold green")
        elif report.verdict == "failed":
            text = Text(_("not passed: {points} points").format(points=total), "bold red")
        else:
            text = Text(_("the grader itself failed: this is not your mistake"), "bold magenta")
        self.console.print(text)

    def close(self, report: Report) -> None:
        """Print what follows the verdict: the notes of plugins, and how it was run."""
        for note in report.notes or ():
            self.console.print(Text(f"{harmless_line(note.plugin)}: {harmless(note.text)}"))
        text = _("{seconds:.2f} s on {device}, seed {seed}").format(
            seconds=report.seconds, device=report.device, seed=report.seed
        )
        self.console.print(Text(text, "dim"))
        self.console.print()

    def _titles(self, checks: Sequence[CheckReport]) -> None:
        for check in checks:
            self.console.print(Text.assemble(self._signs[check.verdict], " ", (check.title, "bold")))

    def _unwritten(self, checks: Sequence[CheckReport]) -> None:
        """One line for everything that the stub still leaves open."""
        names = dict.fromkeys(str(check.cause).partition(":")[2] for check in checks)
        text = ngettext(
            "not written yet: {names} ({n} check)", "not written yet: {names} ({n} checks)", len(checks)
        )
        named = ", ".join(f"`{name}`" for name in names)
        self.console.print(
            Text.assemble("  ", self._signs[checks[0].verdict], " " + text.format(names=named, n=len(checks)))
        )

    def _single(self, check: CheckReport) -> None:
        self.console.print()
        self._titles([check])
        print_indented(self.console, check.message, 4)
        if isinstance(check.help, str):
            print_indented(self.console, check.help, 4, "cyan")
        self._output(check)

    def _output(self, check: CheckReport) -> None:
        if isinstance(check.output, str) and check.output.strip():
            print_indented(self.console, _("your code printed:"), 4, "dim")
            print_indented(self.console, _last_lines(check.output), 6)


def _kind(check: CheckReport) -> str:
    """The kind of a check's cause; empty where it has none."""
    return check.cause.partition(":")[0] if isinstance(check.cause, str) else ""


def _last_lines(text: str, lines: int = 20) -> str:
    """The last lines of the output: 64 KB would push the verdict off the screen. The JSON report has it all."""
    every = text.rstrip().splitlines()
    tail = "\n".join(line[:500] for line in every[-lines:])
    if len(every) <= lines:
        return tail
    return _("… {n} lines before").format(n=len(every) - lines) + "\n" + tail
