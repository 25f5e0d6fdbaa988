"""Running a reference end to end.

An exercise's run is the file `run.py` beside its reference `solution.py`, in any course pack:

    USES = {"device", "data", "seed", "out"}      # the options that it heeds; every other one is refused

    def run(solution, context):                   # the reference as a module, and a RunContext
        ...
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from learn_torch.course import DataSet, Exercise
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.runs import devices
from learn_torch.runs.context import RunContext
from learn_torch.runs.data.sets import DEFAULT, open_data
from learn_torch.runs.loading import load

if TYPE_CHECKING:
    from rich.console import Console

OPTIONS = {"device": ("--device",), "data": ("--data", "--data-root"), "seed": ("--seed",), "out": ("--out",)}
"""What may stand in USES, and the options that it stands for."""


@dataclass(frozen=True)
class Options:
    """What the user asked for; None where they did not.

    Args:
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`; by default `auto`.
        data: a folder of class folders or a data set's name; by default what the exercise's manifest names first, else
            `ants_bees`.
        data_root: where the data set of that name lies.
        seed: by default 0.
        out: the folder for results; by default `learn-runs/<slug>`.
    """

    device: str | None = None
    data: str | None = None
    data_root: Path | None = None
    seed: int | None = None
    out: Path | None = None

    def given(self) -> list[str]:
        """The names of the options that the user gave: `--device`, `--data-root`, …"""
        return [f"--{name.replace('_', '-')}" for name, value in vars(self).items() if value is not None]


def run_file(exercise: Exercise) -> Path:
    """Where the exercise's run is, if it has one."""
    return exercise.solutions / "run.py"


def run_reference(
    exercise: Exercise,
    options: Options,
    *,
    catalogue: Iterable[Exercise],
    all_data: Mapping[str, DataSet],
    console: Console,
    errors: Console,
) -> None:
    """Run the exercise's reference.

    Args:
        exercise: whose.
        options: what the user asked for.
        catalogue: all exercises, to name those that have a run.
        all_data: all data sets by name.
        console: for results.
        errors: for warnings and progress.

    Raises:
        LearnError: it has no run, or the run does not use an option that was given.
        DeviceError: the device is not here.
        DataError: the data is not there, or cannot be used.
    """
    if not run_file(exercise).is_file():
        runnable = ", ".join(_name(one) for one in catalogue if run_file(one).is_file())
        raise LearnError(
            _("{exercise} has no run").format(exercise=_name(exercise)),
            _("an exercise that has one: {names}").format(names=runnable) if runnable else "",
        )
    module = load(run_file(exercise), _module_name(exercise, "run"))
    uses = _uses(exercise, module)
    _refuse_unused(exercise, options, uses)

    import torch

    device = devices.pick(options.device or "auto") if "device" in uses else None
    context = RunContext(
        console=console,
        errors=errors,
        seed=options.seed or 0,
        out=options.out or Path("learn-runs") / exercise.slug,
        chosen_device=device,
    )
    if device is not None:
        chosen = "" if options.device not in (None, "auto") else " " + _("(auto)")
        context.say(_("device: {device}").format(device=devices.title_of(device)) + chosen)
    with warnings.catch_warnings():
        # Pillow says so of every palette picture with transparency. It is turned into RGB all the same.
        warnings.filterwarnings("ignore", message="Palette images with Transparency", category=UserWarning)
        if "data" in uses:
            context = _with_data(context, exercise, options, all_data)
        solution = load(exercise.solutions / "solution.py", _module_name(exercise, "solution"))
        torch.manual_seed(context.seed)
        module.run(solution, context)


def _with_data(
    context: RunContext, exercise: Exercise, options: Options, all_data: Mapping[str, DataSet]
) -> RunContext:
    from dataclasses import replace

    name = options.data or next(iter(exercise.manifest.data), DEFAULT)
    pictures = open_data(name, options.data_root, all_data, context.warn, progress=context.progress)
    where = f" ({pictures.folder})" if pictures.folder is not None and name in all_data else ""
    context.say(
        _("data: {name}{where}: {n:,} pictures, {k} classes").format(
            name=name, where=where, n=len(pictures), k=len(pictures.classes)
        )
    )
    return replace(context, opened_data=pictures)


def _uses(exercise: Exercise, module: ModuleType) -> frozenset[str]:
    uses = frozenset(getattr(module, "USES", ()))
    file = run_file(exercise)
    if not callable(getattr(module, "run", None)):
        raise LearnError(_("{file} has no function run(solution, context)").format(file=file))
    if unknown := uses - OPTIONS.keys():
        raise LearnError(
            _("{file}: USES holds {unknown}").format(
                file=file, unknown=", ".join(sorted(map(repr, unknown)))
            ),
            _("allowed: {names}").format(names=", ".join(OPTIONS)),
        )
    return uses


def _refuse_unused(exercise: Exercise, options: Options, uses: frozenset[str]) -> None:
    heeded = [option for use, names in OPTIONS.items() if use in uses for option in names]
    unused = [option for option in options.given() if option not in heeded]
    if unused:
        raise LearnError(
            _("the run of {exercise} does not use {options}").format(
                exercise=_name(exercise), options=", ".join(unused)
            ),
            _("leave it out: the run takes {options}").format(options=", ".join(heeded) or _("no options")),
        )


def _name(exercise: Exercise) -> str:
    return f"{exercise.key} {exercise.slug}"


def _module_name(exercise: Exercise, what: str) -> str:
    return f"learn_torch_{what}_{exercise.track.id}_{exercise.name}"
