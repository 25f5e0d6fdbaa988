"""Finds the initial environment in its own memory, where the C library keeps it."""

import ctypes

libc = ctypes.CDLL(None)
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
first = ctypes.cast(environ, ctypes.c_void_p).value
names = []
number = 0
while environ[number]:
    names.append(environ[number])
    number += 1
libc.getauxval.restype = ctypes.c_void_p
program = libc.getauxval(31)  # AT_EXECFN: it lies just above the initial environment
text = ctypes.string_at(program - 8000, 8000)
if b"@SECRET_START@" in text or any(b"@SECRET_START@" in name for name in names):
    print("BREACH: the secret is in the initial environment")
for variable in (b"LEARN_TEST_SECRET", b"GITHUB_TOKEN", b"AWS_SECRET"):
    if variable in text:
        print("BREACH:", variable)
