"""Read a submission: one regular text file. It cannot be replaced between the check of its type and the reading."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from learn_torch.errors import LearnError
from learn_torch.language import _


class SubmissionProblem(LearnError):
    """A submission that cannot be given to a worker: it is missing, a folder, not UTF-8, …"""


MAX_SUBMISSION = 2**20
_ENCODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")


def _link(path: Path) -> SubmissionProblem:
    return SubmissionProblem(
        _("{path} is a link").format(path=path), _("a submission must be a file: copy the target of the link")
    )


def read_submission(path: Path) -> bytes:
    """The bytes of a submission, or its first `MAX_SUBMISSION + 1`. Only a regular file is accepted, not a link.

    Raises:
        SubmissionProblem: there is no such file; the message says why and what to do.
    """
    # The type of the file is checked after it is open, so that nobody can replace the file in between.
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        if path.is_symlink():
            raise _link(path)
        if path.is_dir():
            raise SubmissionProblem(_("{path} is a folder").format(path=path), _("a submission is one file"))
        with open(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):  # reading a pipe or a device could block
                raise SubmissionProblem(_("{path} is not a regular file").format(path=path))
            return file.read(MAX_SUBMISSION + 1)
    except FileNotFoundError as error:
        raise SubmissionProblem(
            _("there is no file {path}").format(path=path), _("`learn reset` restores the stub")
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _link(path) from error
        if error.errno in (errno.ENXIO, errno.EOPNOTSUPP):  # a socket
            raise SubmissionProblem(_("{path} is not a regular file").format(path=path)) from error
        raise SubmissionProblem(
            _("{path} cannot be read: {error}").format(path=path, error=error.strerror or error)
        ) from error


def insist_on_text(data: bytes, path: Path) -> None:
    """Raise SubmissionProblem if these bytes are no Python file: too many, empty, or not text.

    Whether they are Python is for Python to say, where the submission runs.

    Args:
        data: all bytes of the file, or the first `MAX_SUBMISSION + 1`.
        path: the path for the message.
    """
    if len(data) > MAX_SUBMISSION:
        raise SubmissionProblem(_("{path} is larger than 1 MiB").format(path=path))
    if not data.strip():
        raise SubmissionProblem(_("{path} is empty").format(path=path), _("`learn reset` restores the stub"))
    if _is_notebook(data, path):
        raise SubmissionProblem(
            _("{path} is a notebook, not a Python file").format(path=path),
            _(
                "save its code as a .py file: in Jupyter, File > Save and Export Notebook As > Executable Script"
            ),
        )
    if not _declares_encoding(data):
        _insist_on_utf8(data, path)
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise SubmissionProblem(
            _("{path} has a NUL byte in line {n}, which no Python file may have").format(path=path, n=line),
            _("save it as UTF-8 in your editor"),
        )


def _insist_on_utf8(data: bytes, path: Path) -> None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SubmissionProblem(
            _("{path} is not UTF-8: line {n} has the byte 0x{byte:02x}").format(
                path=path, n=line, byte=data[error.start]
            ),
            _("save it as UTF-8 in your editor"),
        ) from error


def _declares_encoding(data: bytes) -> bool:
    """Whether one of the first two lines names an encoding, as PEP 263 has it. Python knows whether it fits."""
    return any(_ENCODING.match(line) for line in data.split(b"\n", 2)[:2])


def _is_notebook(data: bytes, path: Path) -> bool:
    return path.suffix == ".ipynb" or (data.lstrip().startswith(b"{") and b'"nbformat"' in data)
