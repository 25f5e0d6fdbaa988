"""The judge's processes: a template that has collected a grader, and the judges that are forked from it.

`template` and `main` both run pytest on one grader. Where pytest would start the tests, the template stops and forks
a judge for each session. A judge that was started as a new interpreter takes its only job there and goes on.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import IO

import pytest

from learn_torch.engine import zygote
from learn_torch.engine.workers import ForkedWorkers, SubprocessWorkers, Workers
from learn_torch.judge.grading import Grading
from learn_torch.worker import confinement

_INI = Path(__file__).with_name("grader.ini")
_UNUSED_PLUGINS = (
    "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "logging", "pastebin",
    "setuponly", "setupplan", "stepwise", "threadexception", "unittest", "unraisableexception", "warnings",
)  # fmt: skip


def _run_pytest(files: list[str], take_job: Callable[[], tuple[IO[bytes], IO[bytes], Workers]]) -> None:
    """Collect the grader (the first file) with the fixtures in the others, call `take_job`, and grade that job."""
    grader, *shared = files
    grading = Grading(files, take_job)
    fixtures: list[object] = []
    for file in shared:
        try:
            fixtures.append(_import_fixtures(Path(file)))
        except Exception as error:  # an author's file may raise anything
            grading.give_up(f"{file} cannot be imported: {type(error).__name__}: {error}")
    arguments = [grader, "-c", str(_INI), f"--rootdir={Path(grader).parent}", "--noconftest", "-q"]
    arguments += ["--import-mode=importlib", "--disable-plugin-autoload"]
    arguments += [f"-pno:{name}" for name in _UNUSED_PLUGINS]
    arguments += ["-plearn_torch.testing.fixtures"]
    code = pytest.main(arguments, plugins=[grading, *fixtures])
    grading.finish(int(code))


def _import_fixtures(file: Path) -> ModuleType:
    """Import a file of fixtures. The grader can import it, too, by the file's name."""
    if file.stem in sys.modules or file.stem in sys.stdlib_module_names:
        raise ImportError("there is another module of this name: call it something else")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def _prepare_trusted_process() -> None:
    confinement.keep_memory_private()
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    sys.dont_write_bytecode = True


def template(control_fd: int) -> None:
    """Entry function of a judge template, in a process that the engine has just forked."""
    _prepare_trusted_process()
    control = socket.socket(fileno=control_fd)
    files = control.recv(65536).decode().split("\n")
    if files == [""]:  # the client has exited
        os._exit(0)

    def wait_for_job() -> tuple[IO[bytes], IO[bytes], Workers]:
        child = zygote.Zygote(control).serve()
        if child is None:
            os._exit(0)
        control.close()
        job_fd, output_fd, engine_fd = child.descriptors
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        os.close(output_fd)
        workers = ForkedWorkers(zygote.Client(socket.socket(fileno=engine_fd)))
        return open(job_fd, "rb", closefd=False), open(job_fd, "wb", closefd=False), workers

    _run_pytest(files, wait_for_job)


def main() -> None:
    """Entry function of a judge in a new interpreter: the arguments are the files, the job comes on standard input."""
    confinement.die_with_parent()
    confinement.adopt_orphans()
    _prepare_trusted_process()
    workers = SubprocessWorkers()
    workers.prepare()
    read, write = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    reader, writer = open(read, "rb"), open(write, "wb")  # noqa: SIM115
    _run_pytest(sys.argv[1:], lambda: (reader, writer, workers))


if __name__ == "__main__":
    main()
