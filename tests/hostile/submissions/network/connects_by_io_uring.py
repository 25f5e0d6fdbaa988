"""Opens a socket and connects it by io_uring, whose operations no filter sees."""

import ctypes
import mmap
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
SOCKET, CONNECT = 45, 16
parameters = ctypes.create_string_buffer(120)
ring = libc.syscall(425, 8, parameters)
if ring >= 0:
    print("BREACH: a ring")
    _head, tail, _mask, _entries, _flags, _dropped, array = struct.unpack_from("7I", parameters, 40)
    *_, completed = struct.unpack_from("6I", parameters, 80)
    submissions = mmap.mmap(ring, array + 8 * 4, offset=0)
    completions = mmap.mmap(ring, completed + 16 * 16, offset=0x8000000)
    entries = mmap.mmap(ring, 8 * 64, offset=0x10000000)
    done = 0

    def submit(operation, descriptor, offset, address, length):
        global done
        struct.pack_into("BBHiQQII", entries, 0, operation, 0, 0, descriptor, offset, address, length, 0)
        struct.pack_into("I", submissions, array + 4 * (done % 8), 0)
        struct.pack_into("I", submissions, tail, done + 1)
        libc.syscall(426, ring, 1, 1, 1, None, 0)
        (result,) = struct.unpack_from("i", completions, completed + 16 * done + 8)
        done += 1
        return result

    descriptor = submit(SOCKET, socket.AF_INET, socket.SOCK_STREAM, 0, 0)
    if descriptor >= 0:
        print("BREACH: a socket")
        address = struct.pack("=H", socket.AF_INET) + struct.pack("!H", int("@PORT@")) + b"\x7f\0\0\x01" + bytes(8)
        place = ctypes.create_string_buffer(address, 16)
        if submit(CONNECT, descriptor, 16, ctypes.addressof(place), 0) == 0:
            print("BREACH: connected")
