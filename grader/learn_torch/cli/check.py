"""`learn check`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from learn_torch.cli.invocation import Invocation
from learn_torch.cli.place import Place, absolute
from learn_torch.cli.terminal import for_shell, print_document, say, warn
from learn_torch.errors import LearnError, UnknownExercise
from learn_torch.escaping import harmless_line
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.checking.checker import Launch
    from learn_torch.checking.checking import Checking
    from learn_torch.checking.events import Event
    from learn_torch.course import Exercise
    from learn_torch.plugins.contributions import ReportFormat
    from learn_torch.report import Report


def command() -> Command:
    """`learn check`."""
    return Command("check", check, _("Check your code: the named exercises, or the next one."))


def check(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help=_("Exercises; by default the next one."))] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=_("Check all exercises of the workspace."))
    ] = False,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="FILE", help=_("Check this file. No workspace is needed.")),
    ] = None,
    device: Annotated[
        str,
        typer.Option(
            help=_("auto, cpu, simulated-cuda, cuda or cuda:1; auto is the device of the exercise.")
        ),
    ] = "",
    seed: Annotated[int | None, typer.Option(min=0, help=_("Repeat the run with this random seed."))] = None,
    json: Annotated[
        bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))
    ] = False,
    form: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help=_("Print only the reports, in this format.")),
    ] = "",
    diagnosis: Annotated[bool, typer.Option(help=_("Recognise known mistakes."))] = True,
    launch: Annotated[
        str, typer.Option(help=_("How judge and worker start: auto, fork or subprocess."))
    ] = "auto",
    require_isolation: Annotated[
        str,
        typer.Option(
            help=_("full: refuse to check without full isolation; any: isolate as far as possible.")
        ),
    ] = "any",
    confinement: Annotated[
        bool, typer.Option(help=_("Confine submissions. Otherwise they can do whatever you can."))
    ] = True,
) -> None:
    """Check submissions."""
    file = _only(files or [])
    # A learn.toml near the file may come from its author, so it must not decide how the file is checked.
    place = Place.here(context, need_workspace=True) if file is None else Place.nowhere(context)
    if json and form not in ("", "json"):
        raise LearnError(_("--json and --format {name} cannot be used together").format(name=form))
    written = _format(place, "json" if json else form)
    exercises = _wanted(place, names or [], everything, file)
    if not exercises:
        if written is not None:
            print_document(_rendered(written, [], several=True))
        else:
            say(_("You have passed all exercises. `learn check --all` checks them again."))
        return
    without = [exercise for exercise in exercises if not exercise.grader.is_file()]
    if everything and len(without) < len(exercises):
        exercises = [exercise for exercise in exercises if exercise not in without]
        for exercise in without:
            text = _("warning: {exercise} has no grader here and is skipped").format(exercise=exercise.key)
            warn(text)
    elif without:
        raise LearnError(
            _("{exercise} has no grader here").format(exercise=without[0].key),
            _(
                "the exam edition of a course is checked in class; in any other edition, the grader is missing"
            ),
        )
    judged_on = _devices(place, exercises, device, everything)
    if launch not in ("auto", "fork", "subprocess"):
        raise LearnError(
            _("no such launch method: {launch!r}").format(launch=launch), "auto, fork, subprocess"
        )
    if require_isolation not in ("any", "full"):
        raise LearnError(_("no such isolation level: {name!r}").format(name=require_isolation), "any, full")
    if require_isolation == "full" and not confinement:
        raise LearnError(_("--require-isolation full and --no-confinement cannot be used together"))
    if file is not None:
        from learn_torch.checking.reading import read_submission

        # If there is no such file, that is wrong use, not a failed exercise.
        absolute(file)
        read_submission(file)
    from learn_torch import devices
    from learn_torch.checking.checking import Checking

    with Checking(
        place.plugins,
        workspace=place.workspace.root if place.workspace else None,
        launch=None if launch == "auto" else cast("Launch", launch),
        gpu=any(devices.parse(name).is_card for name in judged_on.values()),
        confined=confinement,
        require_full=require_isolation == "full",
        make_checker=Invocation.of(context).make_checker,
    ) as checking:
        reports = [
            _check(
                checking,
                place,
                exercise,
                file,
                device=judged_on[exercise],
                seed=seed,
                diagnosing=diagnosis,
                shown=written is None,
            )
            for exercise in exercises
        ]
    if written is None and len(exercises) == 1:
        _say_what_next(place, exercises[0], reports[0], file)
    if written is not None:
        several = everything or len(names or []) > 1
        print_document(_rendered(written, reports, several=several))
    verdicts = {report.verdict for report in reports}
    raise typer.Exit(3 if "error" in verdicts else 1 if "failed" in verdicts else 0)


def _only(files: list[Path]) -> Path | None:
    """The one submission of `--file`, or None."""
    if len(files) > 1:
        raise LearnError(
            _("--file takes one submission, not {n}").format(n=len(files)),
            _("check them one by one"),
        )
    return files[0] if files else None


def _format(place: Place, name: str) -> ReportFormat | None:
    """The format with this name; None for the report that people read."""
    if not name:
        return None
    formats = place.plugins.report_formats()
    if name not in formats:
        known = ", ".join(f"{one.name} ({one.help})" for one in formats.values())
        raise LearnError(_("no such format: {name!r}").format(name=name), known)
    return formats[name]


def _rendered(written: ReportFormat, reports: list[Report], *, several: bool) -> str:
    try:
        if several or written.render_one is None:
            text: object = written.render(reports)
        else:
            text = written.render_one(reports[0])
    except Exception as error:  # a plugin may raise anything
        raise LearnError(
            _("the format {name} does not work: {reason}").format(name=written.name, reason=repr(error)),
            _("`learn check --json` gives the same reports"),
        ) from error
    return str(text)


def _wanted(place: Place, names: list[str], everything: bool, file: Path | None) -> list[Exercise]:
    if everything and (names or file):
        raise LearnError(_("--all cannot be combined with names or --file"))
    if file is not None and len(names) > 1:
        raise LearnError(_("--file takes one submission: name one exercise"))
    if everything:
        return place.exercises()
    if names:
        return list(dict.fromkeys(place.resolve(name) for name in names))
    if file is not None:
        try:
            return [place.resolve(file.name)]
        except UnknownExercise as error:
            raise LearnError(
                _("{file} does not say which exercise it is for").format(file=file),
                _("name it: `learn check 03 --file {file}`").format(file=for_shell(file)),
            ) from error
    following = place.next_exercise()
    return [following] if following else []


def _devices(place: Place, exercises: list[Exercise], asked: str, everything: bool) -> dict[Exercise, str]:
    """The device of each exercise. Raises DeviceError before any exercise is checked."""
    from learn_torch import devices
    from learn_torch.checking.reporting import judged_on

    name = asked or (place.workspace.settings.device if place.workspace else "auto")
    # `device = "cpu"` in learn.toml applies to all exercises, but some cannot be judged on the CPU.
    spared = everything and not asked and name == "cpu"
    found = {e: judged_on(e, "" if spared and e.manifest.device != "cpu" else name) for e in exercises}
    if any(devices.parse(device).is_card for device in found.values()):
        from learn_torch.runs.devices import pick

        pick(name)  # raises if this machine has no such card
    return found


def _check(
    checking: Checking,
    place: Place,
    exercise: Exercise,
    file: Path | None,
    *,
    device: str,
    seed: int | None,
    diagnosing: bool,
    shown: bool,
) -> Report:
    """Check one exercise, save its verdict, and show each part of the result as soon as it is known."""
    from learn_torch.checking import events
    from learn_torch.cli.live import Live  # loads rich while the engine starts

    path = _submission(place, exercise, file)
    with ExitStack() as stack:
        live: Live | None = None

        def listen(event: Event) -> None:
            nonlocal live
            match event:
                case events.Started() if shown:
                    live = stack.enter_context(Live())
                    live.begin(exercise)
                case events.CheckEnded(check) if live is not None:
                    live.ended(check)
                case events.VerdictReached(report):  # the diagnosis that follows may take a moment, or fail
                    if live is not None:
                        live.verdict(report)
                    if file is None:
                        _record(place, exercise, report)
                case events.Finished(report) if live is not None:
                    live.close(report)

        return checking.check(exercise, path, device=device, seed=seed, diagnosing=diagnosing, listen=listen)


def _submission(place: Place, exercise: Exercise, file: Path | None) -> Path:
    """The file to check: the one that was named, or the workspace's."""
    return file or (place.workspace.submission(exercise) if place.workspace else Path(exercise.file))


def _say_what_next(place: Place, exercise: Exercise, report: Report, file: Path | None) -> None:
    if report.verdict == "failed":
        path = _submission(place, exercise, file)
        say(_("Your file: {path}").format(path=harmless_line(str(path))))
        say(_("A hint: {command}").format(command=place.call("hint", exercise)))
    elif report.verdict == "passed" and place.workspace is not None:
        say(_("Next exercise: {command}").format(command=place.call("next")))


def _record(place: Place, exercise: Exercise, report: Report) -> None:
    from learn_torch.workspace import Results

    if place.workspace is None:
        return
    try:
        Results(place.workspace.root).record(exercise, report)
    except OSError as error:  # the verdict is still valid, and the earlier progress is unchanged
        warn(_("warning: your progress could not be saved: {error}").format(error=error.strerror or error))
