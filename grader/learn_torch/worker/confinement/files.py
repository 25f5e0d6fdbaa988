"""The files that a worker may read (Python, libraries, the session's files) and write (its scratch folder).

A worker enforces two rulesets. The **common** one is the same for every worker of an engine: it is fine-grained, made
once, and excludes hidden files. The **session's** one is coarse and quick to make; it excludes the folders of other
sessions.
"""

from __future__ import annotations

import functools
import glob
import mimetypes
import os
import site
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Sequence

from learn_torch.worker.confinement.landlock import READ, WRITE, Access, Ruleset

_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/usr/local/lib", "/nix/store")
_SYSTEM_FILES = (
    "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/usr/share/fonts", "/usr/share/locale",
    "/sys/devices/system/cpu", "/dev/urandom", "/dev/random", *mimetypes.knownfiles,
)  # fmt: skip
_CARD = (
    "/dev/nvidia*",
    "/dev/dri",
    "/proc/driver/nvidia",
    "/sys/module/nvidia*",
    "/sys/bus/pci",
    "/sys/devices",
)
_DISTRIBUTED = ("/sys/bus/pci", "/sys/class/net", "/sys/devices")
"""Where gloo looks for network interfaces."""
_CARD_ACCESS = READ | Access.WRITE_FILE | Access.IOCTL_DEV


@functools.cache
def libraries() -> list[str]:
    """The folders of Python and of the system's libraries. Computed once in the engine, for all workers."""
    return _folders([sys.base_prefix, sysconfig.get_paths()["stdlib"], *_SYSTEM_LIBRARIES])


def _folders(paths: Iterable[str]) -> list[str]:
    found = dict.fromkeys(os.path.realpath(path) for path in paths if path)
    return [path for path in found if path != "/"]


def packages() -> list[str]:
    """Every folder of installed packages: under `sys.base_prefix`, of this environment, and of the system.

    Such a folder is allowed only if it is on `sys.path`.
    """
    patterns = [
        f"{base}/{lib}/python*/{kind}-packages"
        for base in (sys.base_prefix, sys.prefix, "/usr", "/usr/local")
        for lib in ("lib", "lib64", "local/lib", "envs/*/lib")
        for kind in ("site", "dist")
    ]
    found = [*site.getsitepackages(), *(path for pattern in patterns for path in glob.glob(pattern))]
    return list(dict.fromkeys(map(os.path.realpath, found)))


def granted(root: str, hidden: Collection[str]) -> Iterator[tuple[str, Access]]:
    """The paths in `root` that may be read, with their rights: everything except hidden paths.

    If a folder contains a hidden path, its entries are granted one by one. Its list of names is granted, too, because
    imports read it first. This right holds for all subfolders, so names are not secret.
    """
    beneath = {path for path in hidden if _lies_in(path, root)}
    if not beneath:
        yield root, READ
        return
    try:
        entries = list(os.scandir(root))
    except OSError:
        return
    yield root, Access.READ_DIR
    for entry in entries:
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if not any(_lies_in(path, target) or _lies_in(target, path) or path == target for path in hidden):
                yield entry.path, READ
        elif entry.path not in beneath:
            yield from granted(entry.path, hidden)


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


_made: list[Ruleset] = []


def descriptors() -> list[int]:
    """The descriptors of the rulesets that `common` has made in this process or in its parent."""
    return [ruleset.descriptor for ruleset in _made]


def close_made() -> None:
    """Close these rulesets, in a worker that does not need them any more."""
    while _made:
        _made.pop().close()
    common.cache_clear()


@functools.cache
def common(base: str, hidden: tuple[str, ...]) -> Ruleset:
    """`make_common`, cached: forks of the engine inherit the ruleset."""
    ruleset = make_common(base, hidden)
    _made.append(ruleset)
    return ruleset


def make_common(base: str, hidden: Sequence[str], *, tcp: bool = False) -> Ruleset:
    """The fine-grained ruleset, the same for every worker of one engine.

    Args:
        base: the folder that holds the sessions' folders.
        hidden: files and folders that no worker may read, wherever they are.
        tcp: do not restrict TCP.

    Raises:
        OSError: Landlock is not available.
    """
    ruleset = Ruleset(tcp=tcp)
    package_folders = packages()
    secret = {os.path.realpath(path) for path in hidden}
    # Leave out folders on the path that lie in a hidden folder: they are checkouts of courses.
    others = [
        p for p in _folders(sys.path) if p not in secret and not any(_lies_in(p, one) for one in secret)
    ]
    on_path = [path for path in package_folders if path in _folders(sys.path)]
    for root in dict.fromkeys([*libraries(), *on_path, *others]):
        for path, access in granted(root, secret.union(package_folders)):
            ruleset.allow(path, access)
    _allow_system(ruleset)
    _allow_card(ruleset)
    _allow_tree(ruleset)
    ruleset.allow(base, WRITE)
    return ruleset


def session(
    scratch: str, readable: Sequence[str], *, card: bool = False, tree: bool = False, tcp: bool = False
) -> Ruleset:
    """The ruleset of one session.

    Args:
        scratch: the folder that may be written.
        readable: the session's folders that may be read.
        card: allow the devices of a CUDA card.
        tree: the worker may start processes: allow /dev/shm, and starting the Python interpreter.
        tcp: do not restrict TCP.
    """
    ruleset = Ruleset(tcp=tcp)
    for path in _folders([*libraries(), *sys.path]):
        ruleset.allow(path, READ)
    _allow_system(ruleset)
    if card:
        _allow_card(ruleset)
    if tree:
        _allow_tree(ruleset)
    for path in readable:
        ruleset.allow(path, READ)
    ruleset.allow(scratch, WRITE)
    return ruleset


def _interpreter() -> list[str]:
    """The files that are executed to start this Python: the interpreter and the system's loader."""
    loaders = [path for pattern in ("/lib/ld-*.so.*", "/lib64/ld-*.so.*") for path in glob.glob(pattern)]
    return [os.path.realpath(path) for path in (sys.executable, *loaders)]


def _allow_card(ruleset: Ruleset) -> None:
    for pattern in _CARD:
        for path in glob.glob(pattern):
            ruleset.allow(path, _CARD_ACCESS)


def _allow_tree(ruleset: Ruleset) -> None:
    for path in _interpreter():
        ruleset.allow(path, READ | Access.EXECUTE)
    for path in _DISTRIBUTED:
        ruleset.allow(path, READ)
    ruleset.allow("/dev/shm", WRITE)


def _allow_system(ruleset: Ruleset) -> None:
    for path in (*_SYSTEM_FILES, os.path.join(sys.prefix, "pyvenv.cfg")):
        ruleset.allow(path, READ)
    ruleset.allow("/dev/null", READ | Access.WRITE_FILE)
    ruleset.allow("/dev/zero", READ)
