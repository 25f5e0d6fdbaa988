"""`learn run-solution`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import err, print_document
from learn_torch.cli.terminal import out as standard_output
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn run-solution`."""
    return Command("run-solution", run_solution, _("Run an exercise's reference solution on real data."))


def run_solution(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help=_("The exercise: 06, optimizer_step, core/06."))] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help=_("Run the solutions of all exercises, in order."), show_default=False),
    ] = False,
    device: Annotated[
        str | None,
        typer.Option(metavar="DEVICE", help=_("auto, cpu, cuda, cuda:1 or mps; by default auto.")),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|NAME",
            help=_("A folder of class folders, or a dataset; by default ants_bees or shapes10."),
        ),
    ] = None,
    data_root: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=_("The folder that holds the dataset, or where to put it.")),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help=_("Number of epochs; by default 12."))
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, metavar="N", help=_("Batch size; by default 64."))
    ] = None,
    lr: Annotated[
        float | None, typer.Option(metavar="X", help=_("The learning rate; by default 0.01."))
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, metavar="N", help=_("Random seed; by default 0.")),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help=_("Number of processes that read images; by default chosen for you.")
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=_("The folder for results; by default learn-runs/<exercise>.")),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help=_("Continue from the last checkpoint."), show_default=False)
    ] = False,
    image: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help=_("An image to classify, or a folder of images; may be repeated.")),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=_("The trained weights; by default those of the training exercise's run.")
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("One JSON document on standard output."), show_default=False)
    ] = False,
) -> None:
    """Run a reference end to end, on real images and a real device."""
    from learn_torch.runs.options import Options
    from learn_torch.runs.run import run_all, run_reference

    if lr is not None and not 0 < lr < float("inf"):
        raise LearnError(_("--lr is {lr}").format(lr=lr), _("a number above 0, such as 0.01"))
    if (name is None) != every:
        raise LearnError(
            _("give either the name of an exercise or --all"),
            _("for example: learn run-solution training"),
        )
    place = Place.here(context, need_workspace=False)
    options = Options(
        device=device,
        data=data,
        data_root=data_root,
        seed=seed,
        out=out,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        workers=workers,
        resume=resume or None,
        image=tuple(image) if image else None,
        checkpoint=checkpoint,
    )
    errors = err()
    console = errors if as_json else standard_output()
    all_data = place.plugins.data_sets()
    document: object
    if name is None:
        document = run_all(
            list(place.catalogue),
            options,
            all_data=all_data,
            console=console,
            errors=errors,
            plugins=place.plugins,
        )
    else:
        document = run_reference(
            place.resolve(name),
            options,
            catalogue=place.catalogue,
            all_data=all_data,
            console=console,
            errors=errors,
            plugins=place.plugins,
        )
    if as_json:
        import msgspec

        print_document(msgspec.json.format(msgspec.json.encode(document), indent=1))
