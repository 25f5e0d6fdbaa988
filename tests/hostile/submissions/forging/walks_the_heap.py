"""Searches every object, and the raw memory of its process, for the grader, the reference, the seed and secrets."""

import ctypes
import gc
import os
import sys
import types

# In two halves, so that the search does not find the searcher.
TEXTS = [
    ("def conv2d", "_shape("),  # core/03's grader, its docstring, a test of it, a comment of the reference
    ("shapes are those of the", " judge's own"),
    ("test_same_padding", "_impossible"),
    ("what the kernel takes away,", " and padding has to give back"),
    ("@SECRET_START@", ""),
]
SEED = b"lair", b"seed"
RUNS = ("Function", "Session", "Config", "Job", "Outcome", "TestResult", "Grading", "Judging", "Report")


def walk():
    """Every object that can be reached, those too that the collector does not track or was told to forget."""
    gc.unfreeze()
    found = {id(one): one for one in gc.get_objects()}
    for frame in sys._current_frames().values():
        while frame is not None:  # what a function that runs holds is in its frame alone
            found[id(frame.f_locals)] = frame.f_locals
            frame = frame.f_back
    layer = list(found.values())
    while layer:
        parts = gc.get_referents(*layer)
        for one in layer:
            if type(one) is types.CodeType:
                parts += (one.co_consts, one.co_names, one.co_varnames, one.co_filename)
        layer = []
        for part in parts:
            if id(part) not in found:
                found[id(part)] = part
                layer.append(part)
    return found


def secret_in(text, first, rest):
    at = text.find(first)
    while at >= 0:
        end = at + len(first)
        if text[end : end + len(rest)] == rest and (rest or text[end : end + 32].isalnum() and len(text) >= end + 32):
            return text[at : end + max(len(rest), 32)]
        at = text.find(first, end)
    return None


def test_of_a_grader(one):
    if one.__name__.startswith("test_") and str(one.__module__).startswith("test_"):
        print("BREACH: function", one)


def module_of_a_grader(one):
    if one.__name__.startswith("test_"):
        print("BREACH: module", one)


def seed(one):
    if one >> 32 == int.from_bytes(SEED[0], "big"):
        print("BREACH: seed", one)


def text(one):
    for first, rest in TEXTS:
        if found := secret_in(one, first, rest):
            print("BREACH: text", found)


def run_of_a_grader(one):
    print("BREACH: object", type(one))


LOOK = {types.FunctionType: test_of_a_grader, types.ModuleType: module_of_a_grader, int: seed, str: text}


def look_for(kind):
    if kind not in LOOK:
        judging = kind.__module__.startswith(("_pytest", "learn_torch.judge")) and kind.__name__ in RUNS
        LOOK[kind] = run_of_a_grader if judging else None
    return LOOK[kind]


def libraries():
    """Where the libraries lie: their pages come from files that anybody may read."""
    places = []

    class Info(ctypes.Structure):
        _fields_ = [("base", ctypes.c_size_t), ("name", ctypes.c_char_p), ("headers", ctypes.c_void_p), ("count", ctypes.c_uint16)]

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
    def one(info, _size, _data):
        base = info.contents.base
        for number in range(info.contents.count):
            header = info.contents.headers + 56 * number
            if ctypes.c_uint32.from_address(header).value == 1:  # PT_LOAD
                start = base + ctypes.c_uint64.from_address(header + 16).value
                places.append((start & ~4095, start + ctypes.c_uint64.from_address(header + 40).value + 4095 & ~4095))
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(one, None)
    return sorted(places)


CHUNK = 2**16


def memory(addresses):
    """The memory around these addresses, to where nothing is mapped; no /proc is needed."""
    libc = ctypes.CDLL(None)
    libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    read, write = os.pipe()

    def copy(address):
        # The kernel says whether there is something; a pointer would only find out.
        taken = libc.write(write, address, CHUNK)
        return os.read(read, taken) if taken > 0 else b""

    known = [place for start, end in libraries() for place in range(start // CHUNK, end // CHUNK + 1)]
    done = set(known)
    for start in sorted({address // CHUNK for address in addresses} - done):
        for step in (1, -1):
            place = start if step == 1 else start - 1
            while place not in done:
                done.add(place)
                data = copy(place * CHUNK)
                if not data:
                    break
                yield data


def search(data):
    for first, rest in (*((first.encode(), rest.encode()) for first, rest in TEXTS), SEED):
        if found := secret_in(data, first, rest):
            print("BREACH: memory", found)


objects = walk()
print("objects", len(objects))
for thing in list(objects.values()):
    try:
        if look := look_for(type(thing)):
            look(thing)
    except Exception:
        pass
total = 0
for data in memory(objects):
    total += len(data)
    search(data)
print("bytes", total)
