"""What the tests share: the built-in course, a warm engine, and packs made on the fly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import learn_torch
from command_line import Ran, WarmEngines, run_here
from learn_torch.authoring.mistakes import read_mistakes
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, CoursePack, Exercise, course_root
from learn_torch.engine.engine import can_fork
from learn_torch.report import Report

# Several tests run beside each other, and threads of one training get into the way of the next one's.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _nothing_remembered(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What whoever runs the tests has allowed is neither asked nor changed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


needs_fork = pytest.mark.skipif(not can_fork(), reason="this system cannot fork judges and workers")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations where they have been edited since the package was installed."""
    folder = Path(learn_torch.__file__).parent / "locale"
    text = folder / "zh_CN" / "LC_MESSAGES" / "learn_torch.po"
    compiled = text.with_suffix(".mo")
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist: its controller has been here before
    if not is_worker and not (compiled.exists() and compiled.stat().st_mtime >= text.stat().st_mtime):
        command = [sys.executable, "-m", "babel.messages.frontend", "compile", "--domain=learn_torch"]
        subprocess.run([*command, f"--directory={folder}"], check=True, capture_output=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the expected reports of golden folders, and docs/schemas",
    )


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue([CoursePack("learn-torch", course_root())])


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    """A warm checker, in the way that this system prefers."""
    with Checker() as checker:
        yield checker


@pytest.fixture(scope="session")
def subprocess_checker() -> Iterator[Checker]:
    with Checker("subprocess") as checker:
        yield checker


@pytest.fixture(scope="session")
def engines() -> Iterator[WarmEngines]:
    engines = WarmEngines()
    yield engines
    engines.close()


@pytest.fixture
def learn(tmp_path: Path, capfd: pytest.CaptureFixture[str], engines: WarmEngines) -> Callable[..., Ran]:
    """Runs `learn` inside this process, which takes no time to start; `site` is a folder of installed packages."""

    def run(
        *arguments: object,
        cwd: Path | None = None,
        site: Path | None = None,
        code: int | None = None,
        **environment: str,
    ) -> Ran:
        ran = run_here(capfd, engines, arguments, cwd or tmp_path, site, environment)
        assert code is None or ran.code == code, ran.out + ran.err
        return ran

    return run


def source_of(solutions: Path, mistake: str) -> bytes:
    """The source of a known mistake, out of the folder of an exercise's solutions."""
    return next(one.source for one in read_mistakes(solutions)[0] if one.name == mistake)


MANIFEST = """\
format_version = 1
id = "01"
slug = "sample"
title = {{ en = "Sample", zh = "样例" }}
topics = ["tests"]
functions = ["answer"]
imports = {imports}
time_limit = {time_limit}
{extra}
hints = [{{ en = "none", zh = "无" }}]
"""


@pytest.fixture
def make_exercise(tmp_path: Path) -> Callable[..., Exercise]:
    """Makes a course pack with one exercise around a grader's source."""

    def make(
        grader: str,
        *,
        imports: str = '["torch"]',
        time_limit: float = 10,
        extra: str = "",
        extra_checks: tuple[str, ...] = (),
    ) -> Exercise:
        root = tmp_path / "pack"
        folder = root / "exercises" / "pack" / "01_sample"
        checks = root / "grader" / "checks" / "pack"
        for one in (folder, checks):
            one.mkdir(parents=True, exist_ok=True)
        (checks / "test_01_sample.py").write_text(grader, encoding="utf-8")
        names = [line[4:].split("(")[0] for line in grader.splitlines() if line.startswith("def test_")]
        tables = [
            f'[[checks]]\nname = "{name}"\ntitle = {{ en = "{name[5:]}", zh = "{name[5:]}" }}\n'
            for name in (*dict.fromkeys(names), *extra_checks)
        ]
        manifest = MANIFEST.format(imports=imports, time_limit=time_limit, extra=extra) + "\n".join(tables)
        (folder / "exercise.toml").write_text(manifest, encoding="utf-8")
        (folder.parent / "track.toml").write_text(
            'format_version = 1\nid = "pack"\ntitle = { en = "Pack", zh = "包" }\nexercises = ["01_sample"]\n',
            encoding="utf-8",
        )
        return Catalogue([CoursePack("pack", root)]).resolve("pack/01")

    return make


@pytest.fixture
def grade(checker: Checker, make_exercise: Callable[..., Exercise]) -> Callable[..., Report]:
    """Grades a submission's source with a grader's source."""

    def run(
        grader: str, submission: str, *, device: str = "cpu", seed: int = 1, **manifest: object
    ) -> Report:
        return checker.check(make_exercise(grader, **manifest), submission.encode(), device=device, seed=seed)

    return run


def messages(report: Report) -> dict[str, str]:
    """The message of each check that did not pass, by its name without `test_`."""
    return {check.name[5:]: check.message for check in report.checks if check.verdict != "passed"}


def verdicts(report: Report) -> dict[str, str]:
    """The verdict of each check, by its name without `test_`."""
    return {check.name[5:]: check.verdict for check in report.checks}
