"""Imitates the interpreter of a system without fork, resource, fcntl, Unix sockets and selectable pipes.

Run as `python interpreter_of_another_system.py -I -X utf8 -m MODULE ARGUMENTS`.
"""

import os
import runpy
import socket
import sys
from typing import Any

for name in ("fork", "forkpty", "register_at_fork", "killpg", "setsid"):
    if hasattr(os, name) and name != "register_at_fork":  # importing torch needs this one
        delattr(os, name)
del socket.AF_UNIX
for name in ("resource", "fcntl"):
    sys.modules[name] = None  # type: ignore[assignment]  # whoever imports it is told that it is not there

import subprocess  # noqa: E402

from learn_torch.engine import spawning  # noqa: E402
from learn_torch.wire import channel  # noqa: E402
from learn_torch.worker.confinement import kernel  # noqa: E402

channel.pipes_can_be_selected = lambda: False
kernel.LINUX = False
sys.executable = os.environ.get("LEARN_TEST_INTERPRETER", sys.executable)


def start_python(module: str, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """`start_python` on such a system: no sessions, and children run in this interpreter, too."""
    return subprocess.Popen(
        [sys.executable, __file__, "-I", "-X", "utf8", "-m", module, *arguments],
        stdin=options.pop("stdin", subprocess.PIPE),
        stdout=options.pop("stdout", subprocess.PIPE),
        env=options.pop("env", None) or spawning.scrubbed_environment(),
        bufsize=0,
        **options,
    )


spawning.start_python = start_python

if __name__ == "__main__":
    sys.argv = sys.argv[4:]
    assert sys.argv[0] == "-m"
    module, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
