"""`learn verify`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import err, from_here, out, print_document
from learn_torch.errors import LearnError, ManifestError, UnknownExercise
from learn_torch.escaping import harmless
from learn_torch.language import _, ngettext
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.authoring.verify import Verified, VerifyReport
    from learn_torch.course import Exercise


def command() -> Command:
    """`learn verify`."""
    return Command("verify", verify, _("Test graders: right solutions pass, wrong ones fail."))


def verify(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help=_("Exercises, tracks or courses; by default all."))
    ] = None,
    mutate: Annotated[
        bool,
        typer.Option("--mutate", help=_("Also test whether graders notice small changes of the references.")),
    ] = False,
    write: Annotated[
        bool,
        typer.Option(
            "--write/--check",
            help=_(
                "Rewrite stale traces of mistakes; by default they are a finding, and nothing is written."
            ),
        ),
    ] = False,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=_(
                "Run everything with N seeds; by default the reference with 6, alternatives with 3, "
                "mistakes with 2, and right solutions with 1 on every other device."
            ),
        ),
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help=_("For a nightly run: 20 seeds, mistakes on all devices, every check."),
        ),
    ] = False,
    shard: Annotated[
        str, typer.Option(metavar="K/N", help=_("Verify part K of N, to share the work between machines."))
    ] = "",
    jobs: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help=_("Number of checks at a time; by default one per core.")),
    ] = None,
    budget: Annotated[bool, typer.Option(help=_("Report references that exceed their time budget."))] = True,
    cache: Annotated[bool, typer.Option(help=_("Skip runs whose files have not changed."))] = True,
    json: Annotated[
        bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))
    ] = False,
    show: Annotated[
        str | None, typer.Option(metavar="MISTAKE", help=_("Only print the source of a mistake."))
    ] = None,
) -> None:
    """Verify graders: exit code 0 if there is nothing to fix, else 1."""
    if show is not None:
        _show(context, names or [], show)
        return
    import msgspec

    from learn_torch.authoring.cache import OutcomeCache
    from learn_torch.authoring.checkers import Checkers
    from learn_torch.authoring.findings import finding
    from learn_torch.authoring.plan import Seeds
    from learn_torch.authoring.verify import Verifier, VerifyReport
    from learn_torch.checking.hidden import hidden_from_all
    from learn_torch.cli.verify_progress import watching
    from learn_torch.runs.devices import survey
    from learn_torch.runs.images.cache import cache_folder

    which, of = _shard(shard)
    if thorough:
        purposes = Seeds.thorough(seeds) if seeds else Seeds.thorough()
    else:
        purposes = Seeds.all(seeds) if seeds else Seeds()
    try:
        place = Place.here(context, need_workspace=False)
        exercises = _wanted(place, names or [])
    except ManifestError as error:
        found = finding("", "manifest", f"{error.message} {error.hint}".strip())
        report = VerifyReport([], [found], None)
    else:
        with ExitStack() as stack:
            hidden = hidden_from_all(place.plugins, place.workspace.root if place.workspace else None)
            checkers = stack.enter_context(Checkers(jobs, hidden=hidden))
            with_card = (
                stack.enter_context(Checkers(jobs, hidden=hidden, gpu=True)) if survey().cuda else None
            )
            verifier = Verifier(
                place.catalogue,
                checkers,
                with_card,
                seeds=purposes,
                mutants=mutate,
                measured=budget,
                write=write,
                cache=OutcomeCache(cache_folder() / "verify") if cache else None,
            )
            exercises = verifier.shard(exercises, which, of)
            watcher = stack.enter_context(watching(err(), max(1, verifier.runs(exercises))))
            report = verifier.verify(exercises, watcher)
    if json:
        print_document(msgspec.json.format(msgspec.json.encode(report), indent=1))
    else:
        _print(report)
    raise typer.Exit(1 if report.findings else 0)


def _shard(text: str) -> tuple[int, int]:
    """The part and the number of parts that `1/4` means; by default everything."""
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text or "1/1")
    if not found or int(found[1]) > int(found[2]):
        raise LearnError(
            _("--shard is a part and the number of parts, not {text}").format(text=text),
            _("for example: --shard 1/4"),
        )
    return int(found[1]), int(found[2])


def _show(context: typer.Context, names: Sequence[str], mistake: str) -> None:
    """Print the source of one exercise's mistake, as it is checked."""
    from learn_torch.authoring.solutions import Solutions

    if len(names) != 1:
        raise LearnError(_("--show takes one exercise"), "learn verify core/08 --show eval_forgotten")
    exercise = Place.here(context, need_workspace=False).resolve(names[0])
    sys.stdout.buffer.write(Solutions.of(exercise).mistake(mistake).source)
    sys.stdout.buffer.flush()


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
        where += f":{found.line}" if found.line else ""
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
            console.print(_("mutants that ran out of time and are not counted: {n}").format(n=hung))
    count = len(report.findings)
    text = ngettext("{n} finding", "{n} findings", count).format(n=count) if count else _("nothing to fix")
    console.print(Text(text, "bold red" if count else "bold green"))


def _mutants(one: Verified) -> str:
    return "" if not one.mutants else f"{one.killed}/{one.mutants}"
