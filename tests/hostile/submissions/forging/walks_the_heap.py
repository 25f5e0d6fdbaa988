"""Searches every object, and the raw memory of its process, for the grader and the reference."""

import ctypes
import gc
import types

MARKS = ["shapes are those of the " + "judge's own", "def conv2d" + "_shape(", "convolution_arith" + "metic"]
for thing in gc.get_objects():
    try:
        if type(thing) is types.FunctionType and thing.__name__.startswith("test_"):
            print("BREACH: function", thing)
        if type(thing) is dict and any(type(k) is str and k.startswith("test_") for k in list(thing)):
            print("BREACH: dict", list(thing)[:5])
        if type(thing).__module__.startswith(("_pytest", "learn_torch.judge")):
            print("BREACH: object", type(thing))
    except Exception:
        pass
ctypes.pythonapi.PyErr_Print
for thing in gc.get_objects():
    if type(thing) is str and any(mark in thing for mark in MARKS):
        print("BREACH: text")
