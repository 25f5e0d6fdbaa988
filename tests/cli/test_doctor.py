"""`learn doctor`: a healthy installation, and broken ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from learn_torch import doctor
from learn_torch.doctor import Fact, Ran, RunPython
from learn_torch.language import speaking
from learn_torch.plugins.manager import BrokenPlugin, make_plugin_manager

TORCH = "def zeros(*size):\n    pass\n"
"""As much of torch as it takes to see that torchvision is broken."""


@pytest.fixture
def python_with(tmp_path: Path) -> Callable[..., RunPython]:
    """Python with fake packages before the real ones."""

    def make(**packages: str) -> RunPython:
        for package, source in packages.items():
            (tmp_path / f"{package}.py").write_text(source, encoding="utf-8")
        return lambda code: doctor.run_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}")

    return make


def by_name(findings: Any) -> dict[str, Fact]:
    return {finding.name: finding for finding in findings}


def test_a_healthy_installation_passes(learn: Callable[..., Any]) -> None:
    ran = learn("doctor", "--json")
    assert ran.code == 0, ran.out
    report = ran.json
    assert (report["schema"], report["ok"]) == (1, True)
    found = {finding["name"]: finding for finding in report["findings"]}
    packages = {
        "python",
        "learn-torch",
        "torch",
        "torchvision",
        "pytest",
        "pluggy",
        "typer",
        "msgspec",
        "pillow",
    }
    parts = {
        "cpu",
        "cuda",
        "mps",
        "isolation",
        "engine",
        "temporary folder",
        "cache folder",
        "plugins",
        "a check",
    }
    assert packages | parts <= found.keys()
    assert "core/03 passes" in found["a check"]["found"]
    for promise in ("reading files", "network", "new processes", "other processes", "limits"):
        line = found[f"isolation: {promise}"]
        assert line["found"] == "not kept" or line["found"].startswith("kept by ")
    kept = [name for name, line in found.items() if name.startswith("isolation: ") and line["state"] == "ok"]
    assert (found["isolation"]["found"] == "full") == (len(kept) == 9)


def test_a_torchvision_for_another_torch_is_named_with_its_mending(
    python_with: Callable[..., RunPython],
) -> None:
    source = "raise RuntimeError('operator torchvision::nms does not exist')"
    (finding,) = doctor.torchvision_fits(python_with(torch=TORCH, torchvision=source))
    assert finding.state == "problem"
    assert "not compatible" in finding.found
    assert "torchvision::nms does not exist" in finding.found
    assert "matching builds" in finding.advice
    assert "https://pytorch.org/get-started/locally/" in finding.advice


def test_operators_that_only_fail_when_called_are_noticed(python_with: Callable[..., RunPython]) -> None:
    source = (
        "__version__ = '1'\nclass ops:\n    @staticmethod\n    def nms(*args):\n"
        '        raise RuntimeError("Couldn\'t load custom C++ ops.")\n'
    )
    (finding,) = doctor.torchvision_fits(python_with(torch=TORCH, torchvision=source))
    assert finding.state == "problem"
    assert "not compatible" in finding.found


def test_another_failure_of_torchvision_is_quoted(python_with: Callable[..., RunPython]) -> None:
    source = "raise ImportError('cannot find libpng')"
    (finding,) = doctor.torchvision_fits(python_with(torch=TORCH, torchvision=source))
    assert finding.state == "problem"
    assert "cannot find libpng" in finding.found
    assert "do not fit" not in finding.found


def test_a_broken_torch_is_a_problem_with_an_advice(python_with: Callable[..., RunPython]) -> None:
    (finding,) = doctor.torch_devices(python_with(torch="raise OSError('libtorch.so: not found')"))
    assert (finding.name, finding.state) == ("torch", "problem")
    assert "libtorch.so: not found" in finding.found
    assert "https://pytorch.org" in finding.advice


def test_a_process_that_dies_silently_is_told() -> None:
    (finding,) = doctor.torch_devices(lambda code: Ran(-11, "", ""))
    assert "-11" in finding.found


def test_one_problem_makes_it_unhealthy_and_needs_no_working_torch(
    python_with: Callable[..., RunPython],
) -> None:
    health = doctor.check_installation(python_with(torch="raise OSError('no')"))
    assert not health.ok
    found = by_name(health.findings)
    assert found["torch"].state == "problem"
    assert "a check" not in found


def test_missing_and_old_packages_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "typer":
            raise metadata.PackageNotFoundError(name)
        return {"torch": "2.3.1+cpu"}.get(name, "999")

    monkeypatch.setattr(metadata, "version", version)
    found = {(one.name, one.state): one for one in doctor.versions()}
    assert found["typer", "problem"].advice == "python -m pip install typer"
    assert found["torch", "problem"].found == "2.3.1+cpu, but learn-torch needs >=2.11"
    assert found["torch", "problem"].advice == 'python -m pip install --upgrade "torch>=2.11"'
    assert ("torchvision", "ok") in found


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("2.11.0", "ok"),
        ("2.11.0a0+git1234", "ok"),
        ("2.100", "ok"),
        ("2.10.9", "problem"),
        ("unknown", "problem"),
    ],
)
def test_versions_are_compared_as_versions(monkeypatch: pytest.MonkeyPatch, version: str, state: str) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: version if name == "torch" else "999")
    assert by_name(doctor.versions())["torch"].state == state


def test_a_broken_plugin_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = replace(make_plugin_manager(), broken=[BrokenPlugin("pack", "ImportError: no module")])
    monkeypatch.setattr(doctor, "make_plugin_manager", lambda: plugins)
    found = by_name(doctor.course(torch_works=False))
    assert (found["plugin pack"].state, found["plugin pack"].found) == ("problem", "ImportError: no module")
    assert found["plugin pack"].advice


def test_a_temporary_folder_that_cannot_be_written_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("LEARN_CACHE", str(tmp_path / "file" / "cache"))
    found = by_name(doctor.folders())
    assert found["temporary folder"].state == "ok"
    assert found["cache folder"].state == "problem"
    assert "LEARN_CACHE" in found["cache folder"].advice


def test_it_fits_one_screen_and_verbose_has_the_rest(learn: Callable[..., Any]) -> None:
    few, all_of_it = learn("doctor").out.splitlines(), learn("doctor", "--verbose").out.splitlines()
    # On a terminal of 80 columns, longer lines take several.
    assert sum(-(-len(line) // 80) for line in few) <= 23
    assert any(line.startswith("✓ packages: torch 2") for line in few)
    assert not any("network" in line for line in few)
    assert any("isolation: network" in line for line in all_of_it)
    assert any(line.startswith("✓ pluggy:") for line in all_of_it)


def test_each_fact_is_told_as_soon_as_it_is_found_out() -> None:
    told: list[str] = []
    so_far: list[list[str]] = []

    def no_torch(code: str) -> Ran:
        so_far.append([*told])
        return Ran(1, "", "no torch")

    health = doctor.check_installation(no_torch, listen=lambda fact: told.append(fact.name))
    assert told == [fact.name for fact in health.findings]
    assert "torch" in so_far[-1]


def test_it_knows_the_courses_of_course_and_of_the_workspace(
    learn: Callable[..., Any], course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "run_python", lambda code: Ran(1, "", "no torch"))
    check = doctor.check_installation
    monkeypatch.setattr(
        doctor, "check_installation", lambda **options: check(lambda code: Ran(1, "", "no torch"), **options)
    )
    named = {one["name"]: one for one in learn("doctor", "--json", "--course", course).json["findings"]}
    assert "core, other" in named["courses"]["found"]
    (tmp_path / "learn.toml").write_text('format_version = 1\nplugins = ["./course"]\n', encoding="utf-8")
    refused = {one["name"]: one for one in learn("doctor", "--json").json["findings"]}
    assert refused["courses"]["state"] == "problem"
    assert "learn trust" in refused["courses"]["advice"]
    assert learn("trust").code == 0
    allowed = {one["name"]: one for one in learn("doctor", "--json").json["findings"]}
    assert "core, other" in allowed["courses"]["found"]
    assert str(course) in allowed["plugins"]["found"]


def test_what_probes_find_is_in_the_current_language() -> None:
    with speaking("zh"):
        health = doctor.check_installation(lambda code: Ran(1, "", ""))
    for fact in health.findings:
        if fact.name in ("torch", "torchvision with torch") and fact.state == "problem":
            assert any("\u4e00" <= character <= "\u9fff" for character in fact.found), fact
