"""A cache of outcomes. The key of an outcome is a digest of everything that decides it.

There is one file per outcome, named by its key. No entry can be out of date, because a change of anything that decides
an outcome gives another key. The entries that were unused for longest are removed first.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import re
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

import learn_torch
from learn_torch.checking import first_use
from learn_torch.course import Exercise
from learn_torch.judge.job import Outcome

_MOST_BYTES = 256 * 2**20
_NOT_RUN = ("authoring", "cli", "diagnosis", "plugins", "runs", "workspace")
"""Subpackages whose code runs in no judge and no worker."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Outcome).decode
_DIGEST = hashlib.sha256
_DIGEST_SIZE = 32


class OutcomeCache:
    """A folder of outcomes. Any number of processes may use it at once.

    Args:
        folder: the folder; made when the first outcome is stored. If it cannot be written, nothing is stored.
        most_bytes: the size to which `prune` reduces it.
    """

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def get(self, key: str) -> Outcome | None:
        """The outcome with this key; None if there is none or its file is damaged."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            digest, encoded = data[:_DIGEST_SIZE], data[_DIGEST_SIZE:]
            if digest != _DIGEST(encoded).digest():
                return None
            outcome = _decode(encoded)
        except (OSError, msgspec.MsgspecError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # `prune` removes the least recently used
        return outcome

    def put(self, key: str, outcome: Outcome) -> None:
        """Store an outcome, unless another run could end differently; see `is_lasting`."""
        if not is_lasting(outcome):
            return
        path = self._path(key)
        encoded = _encode(outcome)
        # Not synced to the disk: if a power cut damages the file, its digest shows it, and the run is repeated.
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent)
            try:
                with open(descriptor, "wb") as file:
                    file.write(_DIGEST(encoded).digest() + encoded)
                os.replace(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise

    def prune(self) -> None:
        """Remove the least recently used outcomes until the rest is small enough."""
        files = []
        for place, _folders, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(place, name)
                with contextlib.suppress(OSError):  # another process may have removed it
                    status = os.stat(path)
                    files.append((status.st_mtime, status.st_size, path))
        left = self._most_bytes
        for _used, size, path in sorted(files, reverse=True):
            left -= size
            if left < 0:
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]


def is_lasting(outcome: Outcome) -> bool:
    """Whether the same run would end in the same way: nothing ran out of time, no worker died, the grader worked."""
    return not (
        outcome.broken
        or outcome.refused
        or any(test.lost or test.verdict == "error" for test in outcome.tests)
    )


def key_of(surroundings: bytes, source: bytes, device: str, seed: int, lang: str, options: Any) -> str:
    """The key of an outcome.

    Args:
        surroundings: see `surroundings_of`.
        source: the submission.
        device: the device of the run.
        seed: the seed of the run.
        lang: the language of its messages.
        options: the other options of `Checker.examine`: anything that msgpack can encode.
    """
    return _digest_of([surroundings, source, device, seed, lang, sorted(options.items())]).hex()


def surroundings_of(exercise: Exercise, *, gpu: bool) -> bytes:
    """A digest of everything that an outcome depends on, besides the submission and the options of the run.

    It covers the grader with its fixtures, the fields of the manifest that reach a job, our own sources, and the
    versions of the software. It does not cover other files that a grader reads.

    Args:
        exercise: the exercise.
        gpu: whether real CUDA devices are visible.
    """
    manifest = exercise.manifest
    files = [[path.name, _bytes_of(path)] for path in (exercise.grader, *exercise.fixtures)]
    of_manifest = [
        exercise.name,
        manifest.imports,
        manifest.time_limit,
        manifest.memory,
        manifest.processes,
        first_use.modules_of(exercise),
    ]
    versions = [platform.platform(), platform.python_version(), *map(_version, _packages(manifest.imports))]
    return _digest_of([files, of_manifest, _our_sources(), versions, _cards() if gpu else []])


def _digest_of(parts: Any) -> bytes:
    return _DIGEST(msgspec.msgpack.encode(parts)).digest()


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the judge reports it
        return b""


@functools.cache
def _our_sources() -> bytes:
    package = Path(learn_torch.__file__).parent
    files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".ini", ".mo", ".po"))
    names = [(path.relative_to(package), path) for path in files]
    return _digest_of(
        [[str(name), path.read_bytes()] for name, path in names if name.parts[0] not in _NOT_RUN]
    )


def _packages(imports: tuple[str, ...]) -> list[str]:
    """The distributions that run in judges and workers: our requirements, and what the submission may import."""
    required = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in metadata.requires("learn-torch") or []]
    return sorted({*required, *(name.partition(".")[0] for name in imports)})


@functools.cache
def _version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:  # not installed, or its name differs from its module's
        return package


@functools.cache
def _cards() -> list[str]:
    import torch

    return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
