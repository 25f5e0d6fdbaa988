"""Reading a submission: one regular file of text, which nobody can put something else in the place of meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from learn_torch.errors import LearnError
from learn_torch.language import _


class SubmissionProblem(LearnError):
    """A submission that cannot even be handed to a worker: missing, a folder, not UTF-8, …"""


MAX_SUBMISSION = 2**20


def _link(path: Path) -> SubmissionProblem:
    return SubmissionProblem(
        _("{path} is a link").format(path=path), _("a submission is a file: copy what the link points to")
    )


def read_submission(path: Path) -> bytes:
    """The bytes of a submission. A link is none, and nor is anything else but a regular file.

    Raises:
        SubmissionProblem: there is none that could be checked; says why and what to do.
    """
    # Looked at once it is open, so that nobody can put something else in its place in between.
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
            if not stat.S_ISREG(found.st_mode):  # a pipe or a device would keep us waiting
                raise SubmissionProblem(_("{path} is not a regular file").format(path=path))
            data = file.read(MAX_SUBMISSION + 1)
    except FileNotFoundError as error:
        raise SubmissionProblem(
            _("there is no file {path}").format(path=path), _("`learn reset` brings the stub back")
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _link(path) from error
        if error.errno in (errno.ENXIO, errno.EOPNOTSUPP):  # a socket
            raise SubmissionProblem(_("{path} is not a regular file").format(path=path)) from error
        raise SubmissionProblem(
            _("{path} cannot be read: {error}").format(path=path, error=error.strerror or error)
        ) from error
    insist_on_text(data, path)
    return data


def insist_on_text(data: bytes, path: Path) -> None:
    """Raise SubmissionProblem where these bytes are no submission: too many, none, or no text.

    Args:
        data: as many bytes as there are, or one more than are allowed.
        path: is named in the message.
    """
    if len(data) > MAX_SUBMISSION:
        raise SubmissionProblem(_("{path} is larger than 1 MiB").format(path=path))
    if not data.strip():
        raise SubmissionProblem(
            _("{path} is empty").format(path=path), _("`learn reset` brings the stub back")
        )
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
