"""The list of checks: `.ci/run` and the workflow call it, and `nox` alone runs the quick ones that need no torch.

Every session runs in the environment that is active: an environment a session would install torch as often.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.tags = ["static"]


@nox.session
def tests(session: nox.Session) -> None:
    """The quick tests, or those that are named: `nox -s tests -- tests/wire`."""
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that take more than a few seconds."""
    session.run("python", "-m", "pytest", "-q", "-m", "slow", "-n", "auto", *session.posargs)


@nox.session
def verify(session: nox.Session) -> None:
    """The graders, proven: references and alternatives pass, mistakes are told; `-- --mutate` for mutants as well."""
    session.run("learn", "verify", "core", "--no-budget", *session.posargs)


@nox.session
def doctor(session: nox.Session) -> None:
    """The installation."""
    session.run("learn", "doctor")


@nox.session(tags=["static"])
def lint(session: nox.Session) -> None:
    """Style and format."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(tags=["static"])
def imports(session: nox.Session) -> None:
    """Dependencies between the rooms point one way."""
    session.run("lint-imports")


@nox.session(tags=["static"])
def spelling(session: nox.Session) -> None:
    """English spelling."""
    session.run("codespell")


@nox.session(tags=["static"])
def types(session: nox.Session) -> None:
    """Types, strict."""
    session.run("mypy")


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel, made from the source distribution and used in an empty environment outside the checkout."""
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder, silent=True)
        (built,) = Path(folder).glob("*.whl")
        session.run(".ci/wheel-smoke-test", str(built))
