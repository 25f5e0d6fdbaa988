"""What lies around a submission runs nowhere: modules, start-up hooks, byte code, configuration, odd names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import Ran
from learn_torch.course import course_root

Learn = Callable[..., Ran]
LEARN = Path(sys.executable).with_name("learn")
LEARN_HERE = [sys.executable, "-m", "learn_torch.cli"]
SOLUTION = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"
# What Python loads before it runs the first line of `learn`; nobody can keep that from being planted.
BY_PYTHON = {
    *subprocess.run(
        [sys.executable, "-c", "import runpy, site, sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
}  # fmt: skip
MODULES = [
    "torch", "numpy", "msgspec", "rich", "typer", "pluggy", "pytest", "learn_torch_grader", "sitecustomize",
    "usercustomize", "conftest", "submission", *sorted(sys.stdlib_module_names - BY_PYTHON),
]  # fmt: skip


@pytest.fixture
def surroundings(tmp_path: Path) -> Path:
    """A folder with a right submission, and everything that might be loaded by mistake."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "03_conv_output_shape.py").write_bytes(SOLUTION.read_bytes())
    planted = f"open({str(tmp_path / 'loaded')!r}, 'a').write(__name__ + '\\n')\n"
    for name in MODULES:
        (folder / f"{name}.py").write_text(planted)
    cache = folder / "__pycache__"
    cache.mkdir()
    for name in ("03_conv_output_shape", "torch"):
        (cache / f"{name}.{sys.implementation.cache_tag}.pyc").write_bytes(b"planted")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\npython_files = nothing\n")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--collect-only'\n")
    (folder / "planted.pth").write_text(f"import os; {planted}")
    return folder


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "LEARN_LANG": "en", "PYTHONUTF8": "1", **environment}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=180
    )


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        ([LEARN], {}),
        (LEARN_HERE, {}),
        ([LEARN], {"PYTEST_ADDOPTS": "--collect-only", "PYTEST_PLUGINS": "conftest"}),
        ([LEARN, "--launch-by-subprocess"], {}),
    ],
    ids=["learn", "python -m", "pytest's environment", "by subprocess"],
)
def test_planted_modules_are_never_loaded(
    command: list[Any], environment: dict[str, str], surroundings: Path
) -> None:
    if not LEARN.exists():
        pytest.skip("the command `learn` is not installed beside this Python")
    launch = ["--launch", "subprocess"] if "--launch-by-subprocess" in command else []
    command = [part for part in command if part != "--launch-by-subprocess"]
    file = ["--file", "03_conv_output_shape.py"]
    done = run(*command, "check", "03", *file, "--json", *launch, cwd=surroundings, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["verdict"] == "passed"
    assert not (surroundings.parent / "loaded").exists()


def test_a_workspace_cannot_name_plugins_that_are_not_installed(learn: Learn, surroundings: Path) -> None:
    (surroundings / "evil.py").write_text(f"open({str(surroundings.parent / 'loaded')!r}, 'w').close()\n")
    for name in ("evil", "./evil", str(surroundings / "evil.py"), "os"):
        (surroundings / "learn.toml").write_text(f"format_version = 1\nplugins = [{json.dumps(name)}]\n")
        learn("trust", cwd=surroundings, code=0)
        done = run(*LEARN_HERE, "check", "03", cwd=surroundings)
        assert done.returncode == 2
        assert "not installed" in done.stderr or "which does not exist" in done.stderr
    assert not (surroundings.parent / "loaded").exists()


@pytest.mark.skipif(os.name == "nt", reason="names like these cannot be made here")
def test_odd_names_of_files_are_shown_harmlessly(learn: Learn, tmp_path: Path) -> None:
    name = "\x1b[2J\n::error::03_conv_output_shape.py"
    (tmp_path / name).write_text("x = 1\n")
    for command in (
        ["check", "03", "--file", name],
        ["check", name],
        ["check", "--file", name + "x"],
        ["check", "03", "--file", name + "missing"],
    ):
        done = learn(*command)
        assert done.code in (1, 2)
        shown = done.out + done.err
        assert "\x1b" not in shown
        assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_isolation_can_be_demanded_and_switched_off(learn: Learn) -> None:
    check = ["check", "03", "--file", SOLUTION, "--json"]
    assert learn(*check, "--no-confinement").json["isolation"] == "none"
    isolation = learn(*check).json["isolation"]
    demanded = learn(*check, "--require-isolation", "full")
    if isolation == "full":
        assert demanded.code == 0
    else:
        assert demanded.code == 2
        assert isolation.partition(": ")[2] in demanded.err
    for wrong in (["--require-isolation", "half"], ["--require-isolation", "full", "--no-confinement"]):
        assert learn(*check, *wrong).code == 2
