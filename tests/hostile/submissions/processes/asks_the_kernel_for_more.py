"""Asks for what has been the way in before: bpf, perf, userfaultfd, io_uring, modules, kexec, vmsplice."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(256)
CALLS = {
    "bpf": (321, 0, buffer, 120),
    "perf_event_open": (298, buffer, 0, -1, -1, 0),
    "userfaultfd": (323, 0),
    "io_uring_setup": (425, 1, buffer),
    "init_module": (175, buffer, 1, b""),
    "finit_module": (313, 0, b"", 0),
    "kexec_load": (246, 0, 0, None, 0),
    "vmsplice": (278, 1, buffer, 1, 0),
    "splice": (275, 0, None, 1, None, 1, 0),
    "tee": (276, 0, 1, 1, 0),
    "remap_file_pages": (216, 0, 0, 0, 0, 0),
    "mbind": (237, 0, 0, 0, None, 0, 0),
    "move_pages": (279, 0, 0, None, None, None, 0),
    "lookup_dcookie": (212, 0, buffer, 1),
    "acct": (163, None),
    "process_madvise": (440, 0, buffer, 1, 0, 0),
    "landlock": (444, buffer, 8, 0),
    "mseal": (462, 0, 0, 0),
    "lsm": (459, 0, buffer, buffer, 0),
    "syslog": (103, 3, buffer, 100),
    "vhangup": (153,),
    "iopl": (172, 3),
    "sysfs": (139, 1, b"tmpfs"),
    "fsconfig": (431, 0, 6, None, None, 0),
    "seccomp": (317, 0, 0, None),  # last: after it there are only read, write and exit
}
for name, (number, *arguments) in CALLS.items():
    if libc.syscall(number, *arguments) >= 0:
        print("BREACH:", name)
