"""Run a reference end to end.

An exercise's run is the file `run.py` beside its reference `solution.py`, in any course pack:

    USES = {"device", "data", "seed", "out"}      # the options that it accepts; all others are errors

    def run(solution, context):                   # the reference as a module, and a RunContext
        return {"loss": 0.1}                      # figures for --json, or None
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from learn_torch.course import DataSet, Exercise
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.plugins.manager import Plugins
from learn_torch.runs import devices
from learn_torch.runs.context import RunContext
from learn_torch.runs.images.sets import DEFAULT, open_data, open_halves
from learn_torch.runs.loading import load
from learn_torch.runs.options import OPTIONS, Options

if TYPE_CHECKING:
    from rich.console import Console

RESULTS = Path("learn-runs")
"""The default folder for results, with a sub-folder for each exercise."""


class RunReport(Struct, frozen=True):
    """What `--json` prints of a run.

    `results` are the run's own figures, `files` the files that it has written. If a run used another seed than the
    user's, `results` has a figure `seed`.
    """

    exercise: str
    slug: str
    device: str | None
    data: str | None
    seed: int | None
    seconds: float
    results: dict[str, Any]
    files: tuple[str, ...]
    schema: int = 1


def run_file(exercise: Exercise) -> Path:
    """The path of the exercise's run, if it has one."""
    return exercise.solutions / "run.py"


@dataclass(frozen=True)
class _Run:
    """An exercise's run, loaded, and the USES that it declares."""

    exercise: Exercise
    module: ModuleType
    uses: frozenset[str]

    def start(
        self,
        options: Options,
        *,
        all_data: Mapping[str, DataSet],
        console: Console,
        errors: Console,
        plugins: Plugins | None,
    ) -> RunReport:
        """Load the reference, open what the run needs, and run."""
        import torch

        exercise = self.exercise
        began = time.perf_counter()
        device = devices.pick(options.device or "auto") if "device" in self.uses else None
        context = RunContext(
            console=console,
            errors=errors,
            seed=options.seed or 0,
            out=options.out or RESULTS / exercise.slug,
            exercise=exercise.key,
            asked=options,
            chosen_device=device,
            plugins=plugins,
            all_data=all_data,
        )
        if device is not None:
            chosen = "" if options.device not in (None, "auto") else " " + _("(auto)")
            context.say(_("device: {device}").format(device=devices.title_of(device)) + chosen)
        with warnings.catch_warnings():
            # Pillow warns about every palette image with transparency, but still converts it to RGB.
            warnings.filterwarnings(
                "ignore", message="Palette images with Transparency", category=UserWarning
            )
            if self.uses & {"data", "halves"}:
                context = _with_data(context, exercise, self.uses)
            solution = load(exercise.solutions / "solution.py", _module_name(exercise, "solution"))
            torch.manual_seed(context.seed)
            results = self.module.run(solution, context) or {}
        return RunReport(
            exercise=exercise.key,
            slug=exercise.slug,
            device=str(device) if device is not None else None,
            data=context.data_name,
            seed=results.get("seed", context.seed) if "seed" in self.uses else None,
            seconds=round(time.perf_counter() - began, 3),
            results=results,
            files=tuple(str(path) for path in dict.fromkeys(context.written)),
        )


def run_reference(
    exercise: Exercise,
    options: Options,
    *,
    catalogue: Iterable[Exercise],
    all_data: Mapping[str, DataSet],
    console: Console,
    errors: Console,
    plugins: Plugins | None = None,
) -> RunReport:
    """Run the exercise's reference.

    Args:
        exercise: the exercise.
        options: the user's options.
        catalogue: all exercises, to name those that have a run.
        all_data: all datasets by name.
        console: for results.
        errors: for warnings and progress.
        plugins: the plugins that may observe a training.

    Raises:
        LearnError: it has no run, or the run does not use an option that was given.
        DeviceError: this machine does not have the device.
        DataError: the data is missing or cannot be used.
    """
    run = _run_of(exercise, catalogue)
    _refuse_unused(_name(exercise), options, run.uses)
    return run.start(options, all_data=all_data, console=console, errors=errors, plugins=plugins)


def run_all(
    exercises: Sequence[Exercise],
    options: Options,
    *,
    all_data: Mapping[str, DataSet],
    console: Console,
    errors: Console,
    plugins: Plugins | None = None,
) -> list[RunReport]:
    """Run the references of all exercises that have a run, one after the other. Each gets the options that it accepts.

    Results go to `<out>/<slug>`, where later runs find the results of earlier ones.

    Raises:
        LearnError: none of the runs uses an option that was given; or as for `run_reference`.
    """
    runs = [_run_of(exercise, exercises) for exercise in exercises if run_file(exercise).is_file()]
    _refuse_unused(_("all exercises"), options, frozenset().union(*(run.uses for run in runs)))
    reports = []
    for run in runs:
        console.print(f"\n{_name(run.exercise)}", style="bold", markup=False)
        mine = options.only(run.uses)
        if "out" in run.uses:
            mine = replace(mine, out=(options.out or RESULTS) / run.exercise.slug)
        reports.append(run.start(mine, all_data=all_data, console=console, errors=errors, plugins=plugins))
    return reports


def _run_of(exercise: Exercise, catalogue: Iterable[Exercise]) -> _Run:
    if not run_file(exercise).is_file():
        runnable = ", ".join(_name(one) for one in catalogue if run_file(one).is_file())
        raise LearnError(
            _("{exercise} has no run").format(exercise=_name(exercise)),
            _("exercises with a run: {names}").format(names=runnable) if runnable else "",
        )
    module = load(run_file(exercise), _module_name(exercise, "run"))
    return _Run(exercise, module, _uses(exercise, module))


def _with_data(context: RunContext, exercise: Exercise, uses: frozenset[str]) -> RunContext:
    name = context.asked.data or next(iter(exercise.manifest.data), DEFAULT)
    all_data, root, test_pictures = context.all_data, context.asked.data_root, None
    if "halves" in uses:
        pictures, test_pictures = open_halves(name, root, all_data, context.warn, progress=context.progress)
    else:
        pictures = open_data(name, root, all_data, context.warn, progress=context.progress)
    where = f" ({pictures.folder})" if pictures.folder is not None and name in all_data else ""
    context.say(
        _("data: {name}{where}: {n:,} images, {k} classes").format(
            name=name, where=where, n=len(pictures), k=len(pictures.classes)
        )
        + ("" if test_pictures is None else "; " + _("{n:,} for testing").format(n=len(test_pictures)))
    )
    return replace(context, opened_data=pictures, opened_test_data=test_pictures, data_name=name)


def _uses(exercise: Exercise, module: ModuleType) -> frozenset[str]:
    uses = frozenset(getattr(module, "USES", ()))
    file = run_file(exercise)
    if not callable(getattr(module, "run", None)):
        raise LearnError(_("{file} has no function run(solution, context)").format(file=file))
    if unknown := uses - OPTIONS.keys():
        raise LearnError(
            _("{file}: USES has unknown entries: {unknown}").format(
                file=file, unknown=", ".join(sorted(map(repr, unknown)))
            ),
            _("allowed: {names}").format(names=", ".join(OPTIONS)),
        )
    return uses


def _refuse_unused(name: str, options: Options, uses: frozenset[str]) -> None:
    heeded = list(dict.fromkeys(option for use, names in OPTIONS.items() if use in uses for option in names))
    unused = [option for option in options.given() if option not in heeded]
    if unused:
        raise LearnError(
            _("the run of {exercise} does not use {options}").format(
                exercise=name, options=", ".join(unused)
            ),
            _("leave it out: the run accepts {options}").format(options=", ".join(heeded) or _("no options")),
        )


def _name(exercise: Exercise) -> str:
    return f"{exercise.key} {exercise.slug}"


def _module_name(exercise: Exercise, what: str) -> str:
    return f"learn_torch_{what}_{exercise.track.id}_{exercise.name}"
