"""Starts processes, by forking a zygote or as new interpreters, and makes the channel to each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any

from learn_torch.engine import zygote
from learn_torch.errors import EngineError, in_a_line
from learn_torch.language import _
from learn_torch.wire import channel
from learn_torch.wire.channel import Channel


def ask_to_fork(zygote_client: zygote.Client, entry: str, *descriptors: int) -> Channel:
    """Ask a zygote to fork, and return the channel to the child; `forked_pid` then returns the child's process id.

    The child's entry function gets the other end of the channel (one descriptor for both directions), the descriptor
    for its output, and `descriptors`.

    Raises:
        EngineError: the zygote has exited.
    """
    ours, theirs = socket.socketpair()
    read_output, write_output = os.pipe()
    connection = ours.detach()
    joined = channel.SelectorChannel(connection, connection, read_output)
    try:
        zygote_client.ask_to_fork(entry, [theirs.fileno(), write_output, *descriptors])
    except BaseException:
        joined.close()
        raise
    finally:
        theirs.close()
        os.close(write_output)
    return joined


def channel_to(process: subprocess.Popen[bytes]) -> Channel:
    """The channel to a process that was started with three pipes. Its standard error carries the output."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    if not channel.pipes_can_be_selected():
        return channel.ThreadedChannel(process.stdout, process.stdin, process.stderr)
    streams = (process.stdout, process.stdin, process.stderr)
    descriptors = [os.dup(stream.fileno()) for stream in streams]
    for stream in streams:
        stream.close()
    return channel.SelectorChannel(*descriptors)


def start_python(module: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a trusted module in an isolated interpreter with a scrubbed environment, connected by pipes.

    On POSIX the process leads its own session, so that Ctrl-C at the terminal does not reach it. Its current folder is
    `sys.prefix`: ours may have been deleted, and then torch's libraries cannot be loaded.

    Raises:
        EngineError: it cannot be started.
    """
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-m", module, *arguments],
            stdin=options.pop("stdin", subprocess.PIPE),
            stdout=options.pop("stdout", subprocess.PIPE),
            env=options.pop("env", None) or scrubbed_environment(),
            cwd=sys.prefix,
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            bufsize=0,
            **options,
        )
    except OSError as error:
        raise EngineError(
            _("Python cannot be started, {program}: {reason}").format(
                program=sys.executable, reason=in_a_line(error)
            ),
            _("check that you may execute it; `learn doctor` checks the installation"),
        ) from error


def scrubbed_environment(*, gpu: bool = False) -> dict[str, str]:
    """The environment of trusted processes: the variables that the system needs, and no others of the user's.

    Args:
        gpu: leave real CUDA devices visible.
    """
    kept = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "TEMP", "TMP")
    windows = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "LOCALAPPDATA")
    environment = {name: os.environ[name] for name in kept + windows if name in os.environ}
    environment.update(
        LANG="C.UTF-8",
        OMP_WAIT_POLICY="passive",  # many processes with small operations: waiting threads must not spin
        OPENBLAS_NUM_THREADS="1",  # OpenBLAS starts its threads at import; they do not survive a fork
        PYTORCH_NVML_BASED_CUDA_CHECK="1",  # torch.cuda.is_available() must not initialise the card
        TF_CPP_MIN_LOG_LEVEL="3",
    )
    if not gpu:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    elif "CUDA_VISIBLE_DEVICES" in os.environ:
        environment["CUDA_VISIBLE_DEVICES"] = os.environ["CUDA_VISIBLE_DEVICES"]
    return environment
