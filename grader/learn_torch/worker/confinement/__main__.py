"""Tests which promises hold on this machine: `python -I -m learn_torch.worker.confinement [tree]`.

Prints the names of the promises that do not hold, as a JSON list.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

from learn_torch.wire import messages
from learn_torch.worker.confinement import confine_and_try


def main() -> None:
    """Confine a process and print what is missing."""
    with tempfile.TemporaryDirectory(prefix="learn-") as base:
        scratch = os.path.join(base, "session", "scratch")
        os.makedirs(scratch)
        worker = os.fork() if hasattr(os, "fork") else 0
        if worker:  # the process that removes the folder must not be confined
            os.waitpid(worker, 0)
            return
        try:
            setup = messages.Setup(
                device="cpu",
                imports=[],
                scratch=scratch,
                readable=[],
                base=base,
                hidden=[],
                processes="tree" in sys.argv,
                confined=True,
                memory=2**30,
                cpu_seconds=60,
            )
            print(json.dumps(confine_and_try(setup)), flush=True)
        finally:
            if hasattr(os, "fork"):
                os._exit(0)


if __name__ == "__main__":
    main()
