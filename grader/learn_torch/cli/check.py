"""`learn check`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from learn_torch.cli.invocation import Invocation
from learn_torch.cli.place import Place
from learn_torch.cli.terminal import say, warn
from learn_torch.errors import DeviceError, LearnError, UnknownExercise
from learn_torch.escaping import harmless, harmless_line
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.checking.checker import Checker, Launch
    from learn_torch.course import Exercise
    from learn_torch.plugins.contributions import ReportFormat
    from learn_torch.report import Diagnosis, Report


def command() -> Command:
    """`learn check`."""
    return Command("check", check, _("Check your code: the named exercises, or the next one."))


def check(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help=_("Exercises; by default the next one."))] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=_("Check every exercise of the workspace."))
    ] = False,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="FILE", help=_("Check this file instead; needs no workspace.")),
    ] = None,
    device: Annotated[
        str,
        typer.Option(
            help=_("auto, cpu, simulated-cuda, cuda or cuda:1; auto is what the exercise asks for.")
        ),
    ] = "",
    seed: Annotated[int | None, typer.Option(min=0, help=_("Repeat the run that had this seed."))] = None,
    json: Annotated[
        bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="NAME", help=_("Print nothing else than the reports in this format.")
        ),
    ] = "",
    diagnosis: Annotated[bool, typer.Option(help=_("Name the mistake, where it is a known one."))] = True,
    launch: Annotated[
        str, typer.Option(help=_("How judge and worker start: auto, fork or subprocess."))
    ] = "auto",
    require_isolation: Annotated[
        str,
        typer.Option(help=_("full: check nothing that cannot be fully isolated; any: as far as it goes.")),
    ] = "any",
    confinement: Annotated[
        bool, typer.Option(help=_("Confine submissions. Without, they can do whatever you can."))
    ] = True,
) -> None:
    """Check submissions."""
    file = _only(files or [])
    # What lies around a file is its author's, or anybody's: no workspace there says how it is checked.
    place = Place.here(context, need_workspace=True) if file is None else Place.nowhere(context)
    if json and form not in ("", "json"):
        raise LearnError(_("--json and --format {name} cannot both be").format(name=form))
    written = _format(place, "json" if json else form)
    exercises = _wanted(place, names or [], everything, file)
    if not exercises:
        if written is not None:
            _print_text(_rendered(written, [], several=True))
        else:
            say(_("Every exercise is passed. `learn check --all` checks them once more."))
        return
    without = [exercise for exercise in exercises if not exercise.grader.is_file()]
    if everything and len(without) < len(exercises):
        exercises = [exercise for exercise in exercises if exercise not in without]
        for exercise in without:
            text = _("warning: {exercise} has no grader here, and is left out").format(exercise=exercise.key)
            warn(text)
    elif without:
        raise LearnError(
            _("{exercise} has no grader here").format(exercise=without[0].key),
            _("in an exam's edition of a course it is checked in class; else the course is not whole"),
        )
    devices = _devices(place, exercises, device, everything)
    if launch not in ("auto", "fork", "subprocess"):
        raise LearnError(
            _("no such way to start: {launch!r}").format(launch=launch), "auto, fork, subprocess"
        )
    if require_isolation not in ("any", "full"):
        raise LearnError(_("no such isolation: {name!r}").format(name=require_isolation), "any, full")
    if require_isolation == "full" and not confinement:
        raise LearnError(_("--require-isolation full and --no-confinement cannot both be"))
    checker = Invocation.of(context).checker(
        None if launch == "auto" else cast("Launch", launch),
        gpu=any(name.startswith("cuda") for name in devices.values()),
        hidden=place.hidden(file),
        confined=confinement,
        require_full=require_isolation == "full",
    )
    reports = _check_all(place, devices, file, seed, checker, quiet=written is not None, diagnosing=diagnosis)
    if written is not None:
        several = everything or len(names or []) > 1
        _print_text(_rendered(written, reports, several=several))
    verdicts = {report.verdict for report in reports}
    raise typer.Exit(3 if "error" in verdicts else 1 if "failed" in verdicts else 0)


def _only(files: list[Path]) -> Path | None:
    """The one submission of `--file`, or None."""
    if len(files) > 1:
        raise LearnError(
            _("--file is one submission, and here are {n}").format(n=len(files)),
            _("check them one by one"),
        )
    return files[0] if files else None


def _format(place: Place, name: str) -> ReportFormat | None:
    """The format of this name; None where people are to read the report."""
    if not name:
        return None
    formats = place.plugins.report_formats()
    if name not in formats:
        known = ", ".join(f"{one.name} ({one.help})" for one in formats.values())
        raise LearnError(_("no such format: {name!r}").format(name=name), known)
    return formats[name]


def _rendered(written: ReportFormat, reports: list[Report], *, several: bool) -> str:
    try:
        text: object = written.render(reports, several)
    except Exception as error:  # a stranger's code may raise anything
        raise LearnError(
            _("the format {name} does not work: {reason}").format(name=written.name, reason=repr(error)),
            _("`learn check --json` gives the same reports"),
        ) from error
    return str(text)


def _wanted(place: Place, names: list[str], everything: bool, file: Path | None) -> list[Exercise]:
    if everything and (names or file):
        raise LearnError(_("--all goes with neither names nor --file"))
    if file is not None and len(names) > 1:
        raise LearnError(_("--file is one submission: name one exercise"))
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
                _("name it: `learn check 03 --file {file}`").format(file=file),
            ) from error
    following = place.next_exercise()
    return [following] if following else []


def _devices(place: Place, exercises: list[Exercise], asked: str, everything: bool) -> dict[Exercise, str]:
    """The exercises and the device of each, as the judge takes it. Raises DeviceError."""
    from learn_torch.checking.checker import judged_on

    setting = place.workspace.settings.device if place.workspace else "auto"
    device = _device(asked or setting)
    # A setting speaks of all exercises, and not all of them can heed this one.
    spared = everything and not asked and device == "cpu"
    devices = {e: "" if spared and e.manifest.device != "cpu" else device for e in exercises}
    for exercise, name in devices.items():  # before any of them is checked
        judged_on(exercise, name)
    return devices


def _device(name: str) -> str:
    """`name` as the judge takes it: empty for what each exercise asks for. Raises DeviceError."""
    if name == "auto":
        return ""
    if re.fullmatch(r"cuda(:\d+)?", name):
        from learn_torch.runs.devices import pick

        pick(name)  # raises where this machine has no such card
        return name if ":" in name else "cuda:0"
    if name not in ("cpu", "simulated-cuda"):
        raise DeviceError(
            _("no such device: {name!r}").format(name=name), _("auto, cpu, simulated-cuda, cuda or cuda:1")
        )
    return name


def _check_all(
    place: Place,
    devices: dict[Exercise, str],
    file: Path | None,
    seed: int | None,
    checker: Checker,
    quiet: bool,
    diagnosing: bool,
) -> list[Report]:
    import msgspec

    from learn_torch.checking.checker import refuse
    from learn_torch.report import Note
    from learn_torch.workspace.folder import SubmissionProblem, read_submission

    reports = []
    with checker:
        checker.start()
        from learn_torch.cli.render import (  # rich loads while the engine does
            print_close,
            print_report,
            print_title,
        )

        for exercise, device in devices.items():
            path = file or (place.workspace.submission(exercise) if place.workspace else Path(exercise.file))
            if not quiet:
                print_title(exercise)
            source = None
            notes: list[tuple[str, str]] = []
            try:
                source = read_submission(path)
            except SubmissionProblem as problem:
                if file is not None:
                    raise
                report = refuse(exercise, f"{problem.message}\n{problem.hint}".strip(), device, seed)
            else:
                notes += place.plugins.notes("learn_before_check", exercise=exercise, source=source)
                report = checker.check(exercise, source, device=device, seed=seed)
            if file is None and place.workspace is not None:
                _record(place, exercise, report)
            if not quiet:
                print_report(report)  # the verdict first; what follows may take a moment
            if source is not None:
                more: dict[str, object] = {}
                if diagnosing and report.verdict == "failed":
                    more["diagnosis"] = _diagnosis(place, checker, exercise, source, report)
                notes += place.plugins.notes(
                    "learn_after_check", exercise=exercise, source=source, report=report
                )
                if notes:
                    more["notes"] = [Note(harmless_line(plugin), harmless(text)) for plugin, text in notes]
                report = msgspec.structs.replace(report, **more)
            reports.append(report)
            if not quiet:
                print_close(report, exercise, path, alone=len(devices) == 1)
    return reports


def _diagnosis(
    place: Place, checker: Checker, exercise: Exercise, source: bytes, report: Report
) -> Diagnosis | None:
    """What the plugins make of it; the built-in one compares it with the known mistakes."""
    from learn_torch.report import Diagnosis

    def examine(**options: Any) -> object:
        return checker.examine(exercise, source, **options)

    found = place.plugins.manager.hook.learn_diagnose(
        exercise=exercise, source=source, report=report, examine=examine
    )
    if not isinstance(found, Diagnosis):
        return None
    return Diagnosis(harmless_line(found.mistake), harmless(found.message))


def _record(place: Place, exercise: Exercise, report: Report) -> None:
    from learn_torch.workspace import Results

    assert place.workspace is not None
    try:
        Results(place.workspace.root).record(exercise, report)
    except OSError as error:  # the verdict is there all the same; the progress of before is as it was
        warn(_("warning: your progress could not be saved: {error}").format(error=error.strerror or error))


def _print_text(text: str) -> None:
    # Bytes, so that the document is UTF-8 whatever the console is.
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()
