"""`learn verify`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import err, from_here, out
from learn_torch.errors import LearnError, ManifestError, UnknownExercise
from learn_torch.escaping import harmless
from learn_torch.language import _, ngettext
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.authoring.verify import Verified, VerifyReport
    from learn_torch.course import Exercise


def command() -> Command:
    """`learn verify`."""
    return Command("verify", verify, _("Prove graders: what is right passes, what is wrong does not."))


def verify(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help=_("Exercises, tracks or courses; by default all."))
    ] = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help=_("Change the references, and see whether it is noticed."))
    ] = False,
    seeds: Annotated[
        int, typer.Option(min=1, metavar="N", help=_("How many seeds each is checked with."))
    ] = 20,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help=_("Checks at a time; by default one a core."))
    ] = None,
    budget: Annotated[bool, typer.Option(help=_("Hold the time of a check against its budget."))] = True,
    json: Annotated[
        bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))
    ] = False,
) -> None:
    """Verify graders: exit code 0 when there is nothing to mend, 1 when there is."""
    import msgspec

    from learn_torch.authoring.checkers import Checkers
    from learn_torch.authoring.findings import finding
    from learn_torch.authoring.verify import Verifier, VerifyReport
    from learn_torch.runs.devices import survey
    from learn_torch.runs.progress import progress

    try:
        place = Place.here(context, need_workspace=False)
        exercises = _wanted(place, names or [])
    except ManifestError as error:
        found = finding("", "manifest", f"{error.message} {error.hint}".strip())
        report = VerifyReport([], [found], None)
    else:
        console = err()

        def began(exercise: Exercise) -> None:
            if not console.is_terminal:
                console.print(f"{exercise.key} {exercise.slug}", markup=False)

        with ExitStack() as stack:
            hidden = place.hidden()
            checkers = stack.enter_context(Checkers(jobs, hidden=hidden))
            with_card = (
                stack.enter_context(Checkers(jobs, hidden=hidden, gpu=True)) if survey().cuda else None
            )
            verifier = Verifier(
                place.catalogue, checkers, with_card, seeds=seeds, mutants=mutate, measured=budget
            )
            total = max(1, sum(map(verifier.runs, exercises)))
            steps = stack.enter_context(progress(console, _("verifying"), total))
            report = verifier.verify(exercises, steps.done, began)
    if json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
        sys.stdout.buffer.flush()
    else:
        _print(report)
    raise typer.Exit(1 if report.findings else 0)


def _wanted(place: Place, names: Sequence[str]) -> list[Exercise]:
    """The exercises that names of packs, tracks and exercises mean."""
    if not names:
        return list(place.catalogue)
    found: list[Exercise] = []
    for name in names:
        of_track = [one for one in place.catalogue if name in (one.track.id, one.track.pack.name)]
        try:
            found += of_track or [place.resolve(name)]
        except UnknownExercise as error:
            tracks = ", ".join(track.id for track in place.catalogue.tracks)
            raise LearnError(
                error.message, f"{error.hint}; {_('tracks: {names}').format(names=tracks)}"
            ) from error
    return list(dict.fromkeys(found))


def _print(report: VerifyReport) -> None:
    from rich.table import Table
    from rich.text import Text

    console = out()
    if report.exercises:
        table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
        mutated = report.score is not None
        headings = [
            _("exercise"),
            _("right"),
            _("mistakes"),
            *([_("mutants")] if mutated else []),
            _("seconds"),
        ]
        table.add_column(headings[0])
        for heading in [*headings[1:], _("findings")]:
            table.add_column(heading, justify="right")
        for one in report.exercises:
            style = "red" if one.findings else "green"
            table.add_row(
                Text(f"{one.exercise} {one.slug}"),
                str(one.right),
                str(one.mistakes),
                *([_mutants(one)] if mutated else []),
                f"{one.seconds:.2f}",
                Text(str(len(one.findings)), style),
            )
        console.print(table)
    for found in report.findings:
        console.print()
        where = f" {from_here(found.file)}" if found.file else ""
        console.print(Text.assemble((f"{found.exercise} {found.rule}:", "bold red"), where))
        console.print(Text(f"  {found.message}".replace("\n", "\n  ")))
    for exercise in report.exercises:
        for survivor in exercise.survivors:
            console.print()
            console.print(
                Text(_("{exercise}: no check notices this:").format(exercise=exercise.exercise), "bold")
            )
            console.print(Text(harmless(f"  {survivor.diff}").replace("\n", "\n  ")))
    console.print()
    if report.score is not None:
        console.print(_("mutants noticed: {score:.1%}").format(score=report.score))
        if hung := sum(one.hung or 0 for one in report.exercises):
            console.print(_("mutants that ran out of time, and count as neither: {n}").format(n=hung))
    count = len(report.findings)
    text = ngettext("{n} finding", "{n} findings", count).format(n=count) if count else _("nothing to mend")
    console.print(Text(text, "bold red" if count else "bold green"))


def _mutants(one: Verified) -> str:
    return "" if not one.mutants else f"{one.killed}/{one.mutants}"
