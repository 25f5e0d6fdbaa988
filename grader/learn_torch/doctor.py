"""The checks of `learn doctor`: is everything that learn-torch needs installed, and does it work together?

A broken installation cannot crash this module: torch and torchvision are imported in separate processes.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

import learn_torch
from learn_torch.course import Catalogue
from learn_torch.errors import LearnError
from learn_torch.escaping import harmless
from learn_torch.language import _, language
from learn_torch.plugins.manager import Plugins, make_plugin_manager
from learn_torch.runs import devices
from learn_torch.runs.images.cache import cache_folder

SCHEMA = 1
PACKAGES = ("torch", "torchvision", "pytest", "pluggy", "typer", "msgspec", "pillow")
TRIAL = "core/conv_output_shape"
"""The exercise whose reference must pass."""

# Error messages of a torchvision that was built for another torch: its operators are not registered, its library does
# not load, or it detects the mismatch itself.
_MISFIT = re.compile(r"torchvision::nms|undefined symbol|custom C\+\+ ops|different CUDA|DLL load failed")


class Fact(Struct, frozen=True):
    """One line of the report. A `note` is information, not a fault. A `problem` comes with advice.

    `name` is the same in every language; `found` and `advice` are in the current language.
    """

    name: str
    state: Literal["ok", "note", "problem"]
    found: str
    advice: str = ""


class Health(Struct, frozen=True):
    """The whole report. `schema` is its version."""

    schema: int
    ok: bool
    findings: list[Fact]


class Ran(NamedTuple):
    """The result of a probe."""

    code: int
    out: str
    err: str


RunPython = Callable[[str], Ran]


def run_python(code: str) -> Ran:
    """Run `code` in a separate Python process with the same packages."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    # -P: do not import files of the current folder, such as a learner's own torch.py.
    command = [sys.executable, "-P", "-c", code]
    try:
        done = subprocess.run(
            command, capture_output=True, env=environment, timeout=300, check=False, cwd=sys.prefix
        )
    except subprocess.TimeoutExpired:
        return Ran(-1, "", _("no answer within 300 seconds"))
    except OSError as error:
        return Ran(-1, "", str(error))
    return Ran(
        done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


Courses = Callable[[], tuple[Plugins, Path | None]]
"""The plugins, and the folder of the workspace. May raise LearnError."""


def check_installation(
    run_python: RunPython = run_python,
    courses: Courses = lambda: (make_plugin_manager(), None),
    listen: Callable[[Fact], object] = lambda fact: None,
) -> Health:
    """Run all checks.

    Args:
        run_python: runs a probe in a separate process.
        courses: the plugins whose courses are looked at; by default the installed ones.
        listen: called with each fact as soon as it is found out.
    """
    findings = []
    for one in _facts(run_python, courses):
        # Paths and the texts of exceptions and manifests are untrusted.
        fact = Fact(harmless(one.name), one.state, harmless(one.found), harmless(one.advice))
        findings.append(fact)
        listen(fact)
    return Health(SCHEMA, all(finding.state != "problem" for finding in findings), findings)


def _facts(run_python: RunPython, courses: Courses) -> Iterator[Fact]:
    yield from versions()
    torch_works = True
    with ThreadPoolExecutor() as pool:
        # Each takes seconds, most of them for loading torch.
        probes = [
            pool.submit(copy_context().run, lambda probe=probe: [*probe(run_python)])  # with the language
            for probe in (torch_devices, torchvision_fits)
        ]
        for probe in probes:
            for fact in probe.result():
                torch_works &= (fact.name, fact.state) != ("torch", "problem")
                yield fact
    yield from grading(run_python)
    yield from folders()
    yield from course(torch_works, courses)


def versions() -> Iterator[Fact]:
    """Python and the packages, and whether their versions are new enough."""
    yield Fact("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield Fact("learn-torch", "ok", f"{learn_torch.__version__} ({Path(learn_torch.__file__).parent})")
    requirements = _requirements()
    for package in PACKAGES:
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            yield Fact(package, "problem", _("not installed"), f"python -m pip install {package}")
            continue
        wanted = requirements.get(package, SpecifierSet())
        if _is_new_enough(version, wanted):
            yield Fact(package, "ok", version)
        else:
            found = _("{version}, but learn-torch needs {wanted}").format(version=version, wanted=wanted)
            yield Fact(package, "problem", found, f'python -m pip install --upgrade "{package}{wanted}"')


def _requirements() -> dict[str, SpecifierSet]:
    """The versions that learn-torch needs, by package."""
    try:
        requirements = map(Requirement, metadata.requires("learn-torch") or [])
    except metadata.PackageNotFoundError:  # runs from a checkout, not installed
        return {}
    for_this_system = (
        one for one in requirements if one.marker is None or one.marker.evaluate({"extra": ""})
    )
    return {canonicalize_name(one.name): one.specifier for one in for_this_system}


def _is_new_enough(version: str, wanted: SpecifierSet) -> bool:
    try:  # a development build such as 2.11.0a0+git has what the release will have
        return wanted.contains(Version(version).base_version)
    except InvalidVersion:
        return False


def torch_devices(run_python: RunPython) -> Iterator[Fact]:
    """Whether torch can be imported, and which devices it finds."""
    ran = run_python(
        "import msgspec; from learn_torch.language import use_language; from learn_torch.runs.devices import survey; "
        f"use_language({language()!r}); print(msgspec.json.encode(survey()).decode())"
    )
    if ran.code:
        advice = _("install torch and torchvision again, with the command from {page}")
        found = _("cannot be imported: {reason}").format(reason=_last_line(ran))
        yield Fact("torch", "problem", found, advice.format(page=devices.INSTALL_PAGE))
        return
    here = msgspec.json.decode(ran.out.splitlines()[-1], type=devices.Found)
    yield Fact("cpu", "ok", _("{n} threads").format(n=here.threads))
    if here.cuda:
        names = ", ".join(f"cuda:{n} {name}" for n, name in enumerate(here.cuda))
        yield Fact("cuda", "ok", f"{names} ({devices.build_of(here)})")
    else:
        found = _("none ({build}): {reason}").format(build=devices.build_of(here), reason=here.cuda_reason)
        yield Fact("cuda", "note", found, _("not needed; {advice}").format(advice=devices.advice(here)))
    yield (
        Fact("mps", "ok", _("available"))
        if here.mps
        else Fact("mps", "note", _("none: {reason}").format(reason=here.mps_reason))
    )


def torchvision_fits(run_python: RunPython) -> Iterator[Fact]:
    """Whether torchvision works with this torch: call one of its compiled operators."""
    name = "torchvision with torch"
    ran = run_python(
        "import torch, torchvision; torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5); "
        "print(torch.__version__, torchvision.__version__)"
    )
    if not ran.code:
        torch, torchvision = ran.out.split()[-2:]
        yield Fact(
            name,
            "ok",
            _("compatible: {torchvision} with {torch}").format(torchvision=torchvision, torch=torch),
        )
        return
    reason = _last_line(ran)
    if not _MISFIT.search(ran.err):
        advice = _("install torch and torchvision again, with the command from {page}")
        found = _("cannot be imported: {reason}").format(reason=reason)
        yield Fact(name, "problem", found, advice.format(page=devices.INSTALL_PAGE))
        return
    found = _("not compatible: torchvision {torchvision} was not built for torch {torch}: {reason}")
    advice = _(
        "install matching builds of torch and torchvision (both for the CPU, or both for the same CUDA version): "
        "`python -m pip uninstall torch torchvision`, then the command from {page}"
    )
    found = found.format(torchvision=_installed("torchvision"), torch=_installed("torch"), reason=reason)
    yield Fact(name, "problem", found, advice.format(page=devices.INSTALL_PAGE))


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "?"


def _last_line(ran: Ran) -> str:
    lines = [line for line in ran.err.splitlines() if line.strip()]
    return lines[-1].strip() if lines else _("the process exited with code {code}").format(code=ran.code)


def grading(run_python: RunPython) -> Iterator[Fact]:
    """How submissions are isolated from the machine, promise by promise, and how judge and worker start."""
    from learn_torch.engine.engine import can_fork
    from learn_torch.worker.confinement import promises

    for kind, name in (("single", "isolation"), ("tree", "isolation with processes")):
        ran = run_python(
            f"import sys; sys.argv[1:] = [{kind!r}]; from learn_torch.worker.confinement.__main__ import main; main()"
        )
        if ran.code or not ran.out.strip():
            yield Fact(name, "problem", _("cannot be tested: {reason}").format(reason=_last_line(ran)))
            continue
        missing = msgspec.json.decode(ran.out.splitlines()[-1], type=list[str])
        advice = _("docs/security.md says what each layer needs") if missing else ""
        yield Fact(name, "note" if missing else "ok", promises.summary(missing), advice)
        for promise in promises.of(kind):
            if promise.name in missing:
                yield Fact(f"{name}: {promise.name}", "note", _("not kept"))
            else:
                keepers = _(", ").join(_keeper(one) for one in promise.kept_by)
                yield Fact(f"{name}: {promise.name}", "ok", _("kept by {what}").format(what=keepers))
    if can_fork():
        yield Fact("engine", "ok", _("judge and worker are forked from a warm engine"))
    else:
        found = _("judge and worker start as separate processes: slower, with the same verdicts")
        yield Fact("engine", "note", found)


def _keeper(name: str) -> str:
    # Names of kernel features are the same in every language.
    ours = {
        "a keeper": _("a supervisor process"),
        "no capabilities": _("no capabilities"),
        "a network namespace": _("a network namespace"),
        "a mount namespace": _("a mount namespace"),
        "the judge's watch": _("monitoring by the judge"),
    }
    return ours.get(name, name)


def folders() -> Iterator[Fact]:
    """Whether learn-torch can write to the folders that it needs."""
    yield _writable(
        "temporary folder",
        tempfile.gettempdir,
        _("set the environment variable TMPDIR to a folder that you can write to"),
    )
    yield _writable(
        "cache folder",
        cache_folder,
        _("set the environment variable LEARN_CACHE to a folder that you can write to"),
    )


def _writable(name: str, where: Callable[[], str | Path], advice: str) -> Fact:
    try:
        folder = Path(where())
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        with tempfile.TemporaryDirectory(prefix="learn-", dir=nearest) as trial:
            (Path(trial) / "trial").write_bytes(b"trial")
    except OSError as error:
        return Fact(name, "problem", _("cannot be written: {reason}").format(reason=error), advice)
    return Fact(name, "ok", str(folder))


def course(torch_works: bool, courses: Courses = lambda: (make_plugin_manager(), None)) -> Iterator[Fact]:
    """The plugins, the courses, and whether a check works.

    Args:
        torch_works: whether torch can be imported; if not, no check is run.
        courses: as in `check_installation`.
    """
    try:
        plugins, workspace = courses()
        catalogue = plugins.catalogue()
        exercises = list(catalogue)
    except LearnError as error:
        yield Fact("courses", "problem", error.message, error.hint)
        return
    yield from _plugins(plugins)
    tracks = dict.fromkeys(exercise.track.id for exercise in exercises)
    yield Fact(
        "courses", "ok", _("{n} exercises in {tracks}").format(n=len(exercises), tracks=", ".join(tracks))
    )
    if torch_works:
        yield _trial(plugins, catalogue, workspace)


def _plugins(plugins: Plugins) -> Iterator[Fact]:
    names = sorted(name for name, _plugin in plugins.manager.list_name_plugin())
    yield Fact("plugins", "ok", ", ".join(names))
    for broken in plugins.broken:
        advice = _("update or uninstall the package that provides it")
        yield Fact(f"plugin {broken.name}", "problem", broken.reason, advice)


def _trial(plugins: Plugins, catalogue: Catalogue, workspace: Path | None) -> Fact:
    from learn_torch.checking.checking import Checking

    name = "a check"
    advice = _(
        "fix the problems above first; if there are none, report this with the output of `learn doctor --json`"
    )
    try:
        exercise = catalogue.resolve(TRIAL)
        with Checking(plugins, workspace=workspace) as checking:
            reference = (exercise.solutions / "solution.py").read_bytes()
            report = checking.check(exercise, reference, diagnosing=False)
    except (LearnError, OSError) as error:
        return Fact(name, "problem", str(error), advice)
    if report.verdict == "passed":
        found = _("the reference of {exercise} passes, in {seconds:.1f} s")
        return Fact(name, "ok", found.format(exercise=exercise.key, seconds=report.seconds))
    told = next((check.message for check in report.checks if check.verdict != "passed"), "").strip()
    found = _("the reference of {exercise} does not pass: {reason}")
    return Fact(
        name,
        "problem",
        found.format(exercise=exercise.key, reason=told.splitlines()[-1] if told else "?"),
        advice,
    )
