"""Ordinary work runs in confined workers, with one process and with several; what is promised there is tested."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import messages
from learn_torch.checking.checker import Checker
from learn_torch.course import Exercise
from learn_torch.errors import IsolationError
from learn_torch.report import Report
from learn_torch.worker import confinement
from learn_torch.worker.confinement import files, landlock, policy, promises, seccomp
from learn_torch.worker.confinement.landlock import READ
from learn_torch.worker.confinement.numbers import NUMBERS

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's"),
    pytest.mark.skipif(confinement.expected_isolation() != "full", reason="nothing can be confined here"),
]
HAS_TREES = confinement.expected_isolation(processes=True) == "full"

GRADER = """\
from learn_torch.testing import assert_value
def test_it(submission, given_files):
    (given_files / "given.txt").write_text("given")
    assert_value(submission.work(str(given_files / "given.txt")), "done")
"""
Run = Callable[..., Report]


@pytest.fixture(scope="module")
def single() -> Iterator[Checker]:
    with Checker(require_full=True) as checker:
        yield checker


@pytest.fixture
def run(single: Checker, make_exercise: Callable[..., Exercise]) -> Run:
    """Checks a submission whose `work(path)` must return "done"."""

    def run(source: str, *, processes: bool = False, time_limit: float = 30) -> Report:
        imports = '["torch", "torchvision", "torch.utils.tensorboard"]'
        exercise = make_exercise(
            GRADER, imports=imports, time_limit=time_limit, extra=f"processes = {str(processes).lower()}"
        )
        return single.check(exercise, source.encode())

    return run


WORK = {
    "training with two OpenMP threads": """
import torch
def work(path):
    torch.set_num_threads(2)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Flatten(), torch.nn.LazyLinear(10))
    x, y = torch.randn(64, 3, 32, 32), torch.randint(10, (64,))
    model(x)
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(5):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    assert torch.get_num_threads() == 2
    return "done"
""",
    "torchvision's transforms": """
from PIL import Image
from torchvision import transforms
from torchvision.transforms import v2
def work(path):
    picture = Image.new("RGB", (50, 40))
    picture.save("picture.jpg")
    picture.save("picture.png")
    compose = transforms.Compose([transforms.Resize(32), transforms.RandomCrop(32), transforms.ColorJitter(0.5),
                                  transforms.ToTensor(), transforms.Normalize(0.5, 0.5)])
    assert compose(Image.open("picture.jpg")).shape == (3, 32, 32)
    v2.RandomHorizontalFlip()(Image.open("picture.png"))
    return "done"
""",
    "TensorBoard's writer": """
import torch
from torch.utils.tensorboard import SummaryWriter
from pathlib import Path
def work(path):
    with SummaryWriter("logs") as writer:
        writer.add_scalar("loss", 0.5, 1)
        writer.add_image("noise", torch.rand(3, 8, 8))
        writer.add_graph(torch.nn.Linear(2, 2), torch.zeros(1, 2))
    assert sum(file.stat().st_size for file in Path("logs").iterdir()) > 100
    return "done"
""",
    "saving and loading": """
import shutil, torch
def work(path):
    model = torch.nn.Linear(3, 3)
    torch.save(model.state_dict(), "weights.pt")
    shutil.copy("weights.pt", "copy.pt")
    shutil.copy2("weights.pt", "other.pt")
    model.load_state_dict(torch.load("copy.pt", weights_only=True, mmap=True))
    return "done"
""",
    "files": """
import os, pathlib, shutil, tempfile, zipfile
def work(path):
    assert open(path).read() == "given"
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:
        shutil.copytree(os.path.dirname(path), os.path.join(folder, "copy"))
        pathlib.Path(folder, "a").touch()
        pathlib.Path(folder, "a").touch()
        pathlib.Path(folder, "a").rename(pathlib.Path(folder, "copy", "b"))
    with zipfile.ZipFile("archive.zip", "w") as archive:
        archive.writestr("name", "text")
    shutil.unpack_archive("archive.zip", "unpacked")
    os.symlink("archive.zip", "link")
    return "done"
""",
    "asyncio, threads and late imports": """
import asyncio
from concurrent.futures import ThreadPoolExecutor
def work(path):
    asyncio.run(asyncio.sleep(0.01))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(abs, range(100))) == 4950
    import csv, sqlite3, ssl, decimal, mimetypes, wave, importlib.metadata
    assert mimetypes.guess_type("ant.jpg") == ("image/jpeg", None)
    importlib.metadata.version("torch")
    import numpy.fft, PIL.ImageFilter, torch.distributions, torchvision.models
    return "done"
""",
}


@pytest.mark.parametrize("work", WORK)
def test_ordinary_work_runs_confined(work: str, run: Run) -> None:
    report = run(WORK[work])
    assert report.isolation == "full"
    assert report.verdict == "passed", messages(report)


PROCESSES = {
    "DataLoader workers": """
import torch
from torch.utils.data import DataLoader, TensorDataset
class Squares(torch.utils.data.Dataset):
    def __len__(self):
        return 64
    def __getitem__(self, index):
        return torch.full((3, 8, 8), float(index)), {"label": torch.tensor(index)}
def work(path):
    for _ in range(2):
        loader = DataLoader(Squares(), batch_size=8, num_workers=2, shuffle=True)
        assert sorted(int(n) for _images, more in loader for n in more["label"]) == list(range(64))
    loader = DataLoader(Squares(), batch_size=8, num_workers=2, persistent_workers=True)
    assert len(list(loader)) == len(list(loader)) == 8
    return "done"
""",
    "shared memory and queues": """
import torch
import torch.multiprocessing as mp
def add(model, queue):
    with torch.no_grad():
        model.weight += 1
    queue.put(torch.ones(1000))
def work(path):
    model = torch.nn.Linear(2, 2, bias=False)
    torch.nn.init.zeros_(model.weight)
    model.share_memory()
    context = mp.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=add, args=(model, queue)) for _ in range(2)]
    for one in workers:
        one.start()
    assert all(queue.get().sum() == 1000 for _ in workers)
    for one in workers:
        one.join()
    assert (model.weight > 0).all()
    return "done"
""",
    "distributed data parallel": """
import os, torch
import torch.distributed as dist
import torch.multiprocessing as mp
def train(rank, port, results):
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    dist.init_process_group("gloo", rank=rank, world_size=2)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1, bias=False))
    model(torch.full((1, 2), float(rank))).sum().backward()
    results[rank] = model.module.weight.grad.flatten()
    dist.destroy_process_group()
def work(path):
    results = torch.zeros(2, 2).share_memory_()
    context = mp.get_context("fork")
    workers = [context.Process(target=train, args=(rank, 29500, results)) for rank in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert torch.equal(results, torch.full((2, 2), 0.5)), results
    return "done"
""",
    "programs of its own": """
import subprocess, sys
def work(path):
    code = "import torch; print(torch.ones(2).sum().item())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "2.0\\n"
    return "done"
""",
}


@pytest.mark.skipif(not HAS_TREES, reason="worker processes cannot be fully isolated here")
@pytest.mark.parametrize("work", PROCESSES)
def test_an_exercise_with_processes_may_have_them(work: str, run: Run) -> None:
    report = run(PROCESSES[work], processes=True)
    assert report.isolation == "full"
    assert report.verdict == "passed", messages(report)


NOTHING_IS_LOCKED = """
import errno, fcntl, os, struct
def error_of(attempt):
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]
def work(path):
    whole = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
    for name in (os.__file__, path, "mine"):
        with open(name, "a+" if name == "mine" else "r") as file:
            for attempt in (
                lambda: fcntl.flock(file, fcntl.LOCK_SH),
                lambda: fcntl.lockf(file, fcntl.LOCK_SH if name != "mine" else fcntl.LOCK_EX),
                lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
                lambda: fcntl.fcntl(file, fcntl.F_OFD_SETLK, whole),
                lambda: fcntl.fcntl(file, fcntl.F_OFD_SETLKW, whole),
            ):
                assert error_of(attempt) == "ENOLCK"
            assert fcntl.fcntl(file, fcntl.F_GETFD) == fcntl.FD_CLOEXEC
    assert error_of(lambda: os.memfd_create("hidden")) == "ENOSYS"
    return "done"
"""


@pytest.mark.parametrize(
    "processes",
    [
        False,
        pytest.param(
            True, marks=pytest.mark.skipif(not HAS_TREES, reason="trees cannot be fully isolated here")
        ),
    ],
)
def test_no_file_is_locked_and_none_lies_in_memory(processes: bool, run: Run) -> None:
    report = run(NOTHING_IS_LOCKED, processes=processes)
    assert report.verdict == "passed", messages(report)


@pytest.mark.skipif(not HAS_TREES, reason="worker processes cannot be fully isolated here")
def test_no_descriptor_waits_in_a_socket(run: Run) -> None:
    report = run(
        """
import socket
def work(path):
    one, other = socket.socketpair()
    with open(path) as file, socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        for sender in (one, client):
            for send in (lambda: socket.send_fds(sender, [b"x"], [file.fileno()]), lambda: sender.sendmsg([b"x"])):
                try:
                    send()
                except PermissionError:
                    continue
                return "sent"
        one.sendall(b"x")
        assert other.recvmsg(1)[0] == b"x"
        assert "lo" in [name for number, name in socket.if_nameindex()]
        assert socket.getaddrinfo("127.0.0.1", 80)
    return "done"
""",
        processes=True,
    )
    assert report.verdict == "passed", messages(report)


# --- promises, and reports of promises that do not hold --------------------------------------------------------------


def test_every_promise_can_be_broken_and_is_found_to_be() -> None:
    """In a process that is not confined each promise can be broken, except those that have no test of their own."""
    code = (
        "import json, os, tempfile; from learn_torch.worker.confinement import promises; "
        "folder = tempfile.mkdtemp(); os.chdir(folder); "
        "print(json.dumps(promises.missing(folder, 'single')))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    names = [promise.name for promise in promises.of("single")]
    assert json.loads(done.stdout) == names, done.stderr


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("landlock", ["reading files", "writing files"]),
        (
            "seccomp",
            ["file modes", "network", "new processes", "other processes", "privileges", "system calls"],
        ),
    ],
)
def test_a_missing_layer_is_named_by_what_it_does_not_keep(without: str, missing: list[str]) -> None:
    switch = {
        "landlock": "from learn_torch.worker.confinement import landlock; landlock.version = lambda: 0; "
        "landlock.Ruleset.__init__ = lambda *_, **__: (_ for _ in ()).throw(OSError(38, 'no Landlock'))",
        "seccomp": "from learn_torch.worker.confinement import seccomp; seccomp.here = lambda: False",
    }[without]
    code = f"{switch}\nfrom learn_torch.worker.confinement.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)
    # Without one layer, other layers may still keep some of its promises.
    assert set(found) <= set(missing), done.stderr
    assert set(found) >= set(missing) - {"privileges"}
    assert promises.summary(found).startswith("partial: ")


@pytest.mark.parametrize("version", [1, 2, landlock.version()])
def test_files_outside_are_not_emptied_with_an_older_landlock_either(version: int, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("as it was")
    scratch = tmp_path / "session" / "scratch"
    scratch.mkdir(parents=True)
    code = f"""
import contextlib, os
from learn_torch.worker import confinement
from learn_torch.wire import messages
from learn_torch.worker.confinement import landlock
landlock.version = lambda: {version}
print(confinement.confine(messages.Setup(
    device="cpu", imports=[], scratch={str(scratch)!r}, readable=[{str(tmp_path)!r}], base={str(tmp_path / "session")!r},
    hidden=[], processes=False, confined=True, memory=2**30, cpu_seconds=60)))
for attempt in (lambda: os.truncate({str(kept)!r}, 0), lambda: os.open({str(kept)!r}, os.O_RDONLY | os.O_TRUNC),
                lambda: open({str(kept)!r}, "w")):
    with contextlib.suppress(OSError):
        attempt()
        print("emptied")
open("mine", "w").close()
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("full\n", 0), done.stderr
    assert kept.read_text() == "as it was"


def test_without_full_isolation_nothing_of_the_submission_runs(
    make_exercise: Callable[..., Exercise], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    source = f"open({str(ran)!r}, 'w').close()\n".encode()
    exercise = make_exercise(GRADER)
    # The worker finds it …
    with Checker(confined=False, require_full=True) as checker, pytest.raises(IsolationError, match="none"):
        checker.check(exercise, source)
    # … or it is known before.
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with (
        Checker(require_full=True) as checker,
        pytest.raises(IsolationError, match="reading files") as raised,
    ):
        checker.check(exercise, source)
    assert "doctor" in raised.value.hint
    assert not ran.exists()


# --- the parts -------------------------------------------------------------------------------------------------------


HEADERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h")


@pytest.mark.parametrize("column", [0, 1], ids=["x86_64", "aarch64"])
def test_numbers_are_the_kernels(column: int) -> None:
    header = HEADERS[column]
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    found = dict(re.findall(r"#define __NR3?_?(?:264)?_?(\w+) (\d+)", header.read_text()))
    compared = 0
    for name, numbers in NUMBERS.items():
        if name in found and numbers[column] is not None:
            assert int(found[name]) == numbers[column], name
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_filter_fits_the_kernels_bounds(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "_machine", lambda: machine)
    for rules in (policy.worker(100, card=False), policy.worker(100, card=True), policy.tree(network=True)):
        program = seccomp.assemble(rules)
        assert len(program) % 8 == 0
        assert len(program) // 8 < 4096
        names = [name for rule in rules for name in rule.names]
        assert len(names) == len(set(names)), "the first rule of a call would hide the second"


def test_what_is_hidden_is_left_out_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("lib/a", "lib/site/pack/solutions", "lib/site/other", "share"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lib/site/loose.py").touch()
    (tmp_path / "link").symlink_to(tmp_path / "lib")
    (tmp_path / "safe_link").symlink_to(tmp_path / "share")
    hidden = [str(tmp_path / "lib/site/pack")]
    found = [path for path, access in files.granted(str(tmp_path), hidden) if READ & ~access == 0]
    names = sorted(str(Path(path).relative_to(tmp_path)) for path in found)
    assert names == ["lib/a", "lib/site/loose.py", "lib/site/other", "safe_link", "share"]


def test_a_course_inside_the_packages_cannot_be_read(
    single: Checker, make_exercise: Callable[..., Exercise], tmp_path: Path
) -> None:
    """A pack that is installed beside the libraries is hidden; the libraries are not."""
    import msgspec

    site = Path(msgspec.__file__).parents[1]
    packs = [path for path in site.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    pack = next(path for path in packs if path.name == "iniconfig")
    source = f"""
def work(path):
    import msgspec, PIL.ImageDraw
    try:
        open({str(pack / "__init__.py")!r}).read()
    except PermissionError:
        return "done"
"""
    with Checker(hidden=[pack]) as checker:
        report = checker.check(make_exercise(GRADER), source.encode())
    assert report.verdict == "passed", messages(report)


def test_python_stays_readable_where_a_submission_lies_above_it(
    make_exercise: Callable[..., Exercise],
) -> None:
    """The user's home is hidden, but the Python in it is not."""
    source = b"def work(path):\n    import wave, PIL.ImageFilter, sqlite3\n    return 'done'\n"
    above = [Path(sys.base_prefix).resolve().parent, Path(sys.prefix).resolve().parent]
    with Checker(hidden=above) as checker:
        report = checker.check(make_exercise(GRADER), source)
    assert report.verdict == "passed", messages(report)
