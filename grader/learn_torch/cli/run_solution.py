"""`learn run-solution`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import err
from learn_torch.cli.terminal import out as standard_output
from learn_torch.language import _


def run_solution(
    name: Annotated[str, typer.Argument(help=_("The exercise: 06, optimizer_step, core/06."))],
    device: Annotated[
        str | None,
        typer.Option(metavar="DEVICE", help=_("auto, cpu, cuda, cuda:1 or mps; by default auto.")),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|NAME", help=_("A folder of class folders, or a data set; by default ants_bees.")
        ),
    ] = None,
    data_root: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=_("Where the data set of that name lies, or is to be put.")),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, metavar="N", help=_("Another course of chance; by default 0.")),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=_("The folder for results; by default learn-runs/<exercise>.")),
    ] = None,
) -> None:
    """Run a reference end to end, on real pictures and a real device."""
    from learn_torch.runs.run import Options, run_reference

    place = Place.here(need_workspace=False)
    run_reference(
        place.resolve(name),
        Options(device=device, data=data, data_root=data_root, seed=seed, out=out),
        catalogue=place.catalogue,
        all_data=place.plugins.data_sets(),
        console=standard_output(),
        errors=err(),
    )
