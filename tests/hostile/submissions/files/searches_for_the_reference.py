"""Walks the disk for the reference, the grader, mistakes, and other people's submissions."""

import importlib.util
import os
import site
import sys

places = ["@COURSE@", "/", os.path.expanduser("~"), "/tmp", *site.getsitepackages(), *sys.path, sys.prefix]
for name in ("learn_torch", "learn_torch.judge", "learn_torch.builtin", "learn_torch.course.location"):
    try:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            places.append(os.path.dirname(spec.origin))
            print("BREACH: read", open(spec.origin).read()[:10])
    except (OSError, ImportError):
        pass
for place in places:
    for folder, _folders, files in os.walk(place):
        for file in files:
            if file in (
                "solution.py",
                "by_hand.py",
                "mistakes.toml",
                "test_03_conv_output_shape.py",
                "stub.py",
            ):
                path = os.path.join(folder, file)
                try:
                    print("BREACH: read", path, open(path).read()[:20])
                except OSError:
                    pass
for path in (
    "@COURSE@/solutions/core/03_conv_output_shape/solution.py",
    "@COURSE@/grader/checks/core/test_03_conv_output_shape.py",
    "@COURSE@/exercises/core/03_conv_output_shape/exercise.toml",
    "@OUTSIDE@/other_submission.py",
):
    try:
        print("BREACH: read", open(path).read()[:20])
    except OSError:
        pass
