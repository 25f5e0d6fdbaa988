"""The kernel's part of seccomp: an interpreter that runs a classic BPF program on a system call.

It knows only the instructions of our filters; all others raise. Sources: the kernel's
Documentation/networking/filter.rst, and seccomp_check_filter in kernel/seccomp.c.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
_SIZE = 64
"""Bytes of a call's data for a filter: number, architecture, instruction pointer, six arguments."""


class BadProgram(Exception):
    """The kernel would refuse the program, or it has instructions that we do not emit."""


@dataclass
class Filter:
    """A program that records which instructions and branches have run.

    Args:
        program: 8 bytes for each instruction.
        taken: the instructions that have run; a jump has one entry for each branch.
    """

    program: bytes
    taken: set[tuple[int, bool]] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not self.program or len(self.program) % 8 or len(self.program) // 8 > 4096:
            raise BadProgram("its length")
        self._steps = list(struct.iter_unpack("=HBBI", self.program))

    def answer(self, architecture: int, number: int, arguments: Sequence[int] = ()) -> int:
        """The program's answer to a call. Arguments have 64 bits; missing ones are 0."""
        filled = [value % 2**64 for value in arguments] + [0] * (6 - len(arguments))
        seen = struct.pack("<IIQ6Q", number % 2**32, architecture, 0, *filled)
        accumulator, at = 0, 0
        while at < len(self._steps):
            code, true, false, value = self._steps[at]
            jump = False
            if code == _LOAD:
                if value % 4 or value >= _SIZE:
                    raise BadProgram(f"it loads from {value}")
                (accumulator,) = struct.unpack_from("<I", seen, value)
            elif code == _AND:
                accumulator &= value
            elif code in (_JUMP_IF_EQUAL, _JUMP_IF_ANY_BIT):
                jump = accumulator == value if code == _JUMP_IF_EQUAL else bool(accumulator & value)
            elif code == _RETURN:
                self.taken.add((at, False))
                return int(value)
            else:
                raise BadProgram(f"instruction {code:#x}")
            self.taken.add((at, jump))
            at += 1 + (0 if code in (_LOAD, _AND) else true if jump else false)
        raise BadProgram("it comes to no answer")

    def ways(self) -> set[tuple[int, bool]]:
        """All possible entries of `taken`."""
        jumps = {_JUMP_IF_EQUAL, _JUMP_IF_ANY_BIT}
        both = {(at, True) for at, step in enumerate(self._steps) if step[0] in jumps}
        return both | {(at, False) for at in range(len(self._steps))}
