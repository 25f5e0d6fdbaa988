"""Changes a folder into a link and back, as fast as it can, while the judge watches and cleans up."""

import contextlib
import os
import threading


def swap():
    while True:
        with contextlib.suppress(OSError):
            os.mkdir("swap")
        with contextlib.suppress(OSError):
            os.rename("swap", "kept")
        with contextlib.suppress(OSError):
            os.symlink("@OUTSIDE@", "swap")
        with contextlib.suppress(OSError):
            os.unlink("swap")
        for remove in (os.rmdir, os.unlink):  # another thread may have moved the link there
            with contextlib.suppress(OSError):
                remove("kept")


for _ in range(4):
    threading.Thread(target=swap, daemon=True).start()


def conv_output_shape(*args, **kwargs):
    import time

    time.sleep(0.3)
    return None
