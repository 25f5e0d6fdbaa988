"""Plants modules, start-up hooks, byte code and configuration where trusted processes might load them."""

import contextlib
import os
import site
import sys

import torch

CODE = "open('@OUTSIDE@/planted', 'w').write('BREACH')\n"
places = [
    *site.getsitepackages(),
    *sys.path,
    os.path.dirname(torch.__file__),
    "@COURSE@",
    "@COURSE@/grader",
    sys.prefix,
    os.path.dirname(os.__file__),
    "@HOME@",
    ".",
]
names = [
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "planted.pth",
    "torch.py",
    "pytest.py",
    "pytest.ini",
    "__pycache__/os.cpython-311.pyc",
    "msgspec.py",
    "learn_torch.py",
    "pyvenv.cfg",
]
for place in places:
    for name in names:
        path = os.path.join(place, name)
        if place == "." and os.path.dirname(name):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.suppress(OSError), open(path, "x") as file:
            file.write(CODE)
            if place != ".":
                print("BREACH: planted", path)
                os.remove(path)
