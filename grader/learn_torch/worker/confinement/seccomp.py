"""seccomp: a small program that the kernel runs before each system call and that decides whether it is allowed.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html and its links on classic BPF. A filter is a list of
rules. A call without a rule fails with ENOSYS, as on an old kernel.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from learn_torch.worker.confinement import kernel
from learn_torch.worker.confinement.numbers import NUMBERS

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_ARGUMENTS = 0, 4, 16
_ARGUMENTS, _LOW_HALF, _FARTHEST_JUMP = 6, 0xFFFFFFFF, 255
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's number of an architecture, and its column in NUMBERS."""

ALLOW = 0x7FFF0000
KILL = 0x80000000
ASK = 0x7FC00000
"""Let the listener of the filter decide."""
_SET_FILTER = 1
_ALL_THREADS, _NEW_LISTENER = 1, 8


def refuse(error: int) -> int:
    """The answer that makes a call fail with `error`. With 0 the call succeeds and does nothing."""
    return 0x00050000 | error


@functools.cache
def here() -> bool:
    """Whether this machine supports filters. Ask before a filter is installed, because the filter refuses this call."""
    if not kernel.LINUX or _machine() not in _ARCHITECTURES:
        return False
    try:
        available = ctypes.create_string_buffer(struct.pack("=I", 0x00050000))
        kernel.syscall(number_of("seccomp"), 2, 0, available)
    except OSError:
        return False
    return True


@functools.cache
def _machine() -> str:
    return os.uname().machine


def number_of(name: str) -> int:
    """The number of a system call on this machine; -1 if the machine does not have it."""
    number = NUMBERS[name][_ARCHITECTURES[_machine()][1]]
    return -1 if number is None else number


@dataclass(frozen=True)
class Condition:
    """A condition on the lower 32 bits of one argument; `zero` is a condition on all 64 bits.

    The kernel ignores the upper half of an argument that it declares as an int. `clone` declares its flags as a long,
    but ignores the upper half, too. A pointer needs all 64 bits; `zero` is for pointers.

    Args:
        argument: the argument's position, from 0.
        among: the argument is one of these; not together with `all_of`.
        all_of: the argument has all these bits.
        none_of: the argument has none of these bits.
        zero: the argument is 0, such as a null pointer; not together with other conditions.
        mask: the bits that `among` compares.
        otherwise: the answer if the condition does not hold; by default the rule's.

    Raises:
        ValueError: the condition is empty, always or never holds, or combines arguments that exclude each other.
    """

    argument: int
    among: Sequence[int] = ()
    all_of: int = 0
    none_of: int = 0
    zero: bool = False
    mask: int = _LOW_HALF
    otherwise: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.argument < _ARGUMENTS:
            raise ValueError(f"a call has no argument {self.argument}")
        if wide := [bits for bits in (self.all_of, self.none_of, self.mask) if not 0 <= bits <= _LOW_HALF]:
            raise ValueError(f"only the lower 32 bits are looked at: {wide[0]:#x}")
        if not (self.among or self.all_of or self.none_of or self.zero):
            raise ValueError("a condition without a condition always holds")
        if self.zero and (self.among or self.all_of or self.none_of):
            raise ValueError("zero cannot be combined with other conditions")
        if self.all_of and self.among:
            raise ValueError("all_of and among cannot be combined in one condition: write two conditions")
        if self.all_of & self.none_of:
            raise ValueError(f"no argument has all and none of the bits {self.all_of & self.none_of:#x}")
        if self.mask != _LOW_HALF and not self.among:
            raise ValueError("a mask is for among alone")
        for value in self.among:
            # A negative value means a signed int.
            if not -(2**31) <= value <= _LOW_HALF or value & _LOW_HALF & ~self.mask:
                raise ValueError(f"no argument equals {value:#x} under the mask {self.mask:#x}")
        if self.among and all(value & self.none_of for value in self.among):
            raise ValueError(f"every value of among has one of the bits {self.none_of:#x}")

    def program(self, otherwise: int) -> list[bytes]:
        """BPF instructions: if the condition holds, execution continues after them; else they return the answer."""
        low = _OFFSET_ARGUMENTS + 8 * self.argument  # both architectures are little-endian
        leave = _step(_RETURN, value=otherwise if self.otherwise is None else self.otherwise)
        steps = [_step(_LOAD, value=low)]
        if self.zero:
            return [
                *steps, _step(_JUMP_IF_EQUAL, 1, 0, 0), leave,
                _step(_LOAD, value=low + 4), _step(_JUMP_IF_EQUAL, 1, 0, 0), leave,
            ]  # fmt: skip
        if self.none_of:
            steps += [_step(_JUMP_IF_ANY_BIT, 0, 1, self.none_of), leave]
        if self.all_of:
            steps += [_step(_AND, value=self.all_of), _step(_JUMP_IF_EQUAL, 1, 0, self.all_of), leave]
        if self.among:
            if self.mask != _LOW_HALF:
                steps.append(_step(_AND, value=self.mask))
            for left, value in zip(range(len(self.among), 0, -1), self.among, strict=True):
                steps.append(_step(_JUMP_IF_EQUAL, left, 0, value & _LOW_HALF))
            steps.append(leave)
        return steps


@dataclass(frozen=True)
class Rule:
    """The answer to these calls: `then` if every condition holds, else the answer of the first that does not.

    `otherwise` is the answer of conditions without their own.
    """

    names: Sequence[str]
    then: int = ALLOW
    when: tuple[Condition, ...] = ()
    otherwise: int = refuse(errno.EPERM)


def _step(code: int, true: int = 0, false: int = 0, value: int = 0) -> bytes:
    if max(true, false) > _FARTHEST_JUMP:
        raise ValueError(f"the conditions of a rule take more than {_FARTHEST_JUMP} instructions")
    return struct.pack("=HBBI", code, true, false, value)


def assemble(rules: Iterable[Rule], *, otherwise: int = refuse(errno.ENOSYS)) -> bytes:
    """The program of a filter; `otherwise` is the answer to calls without a rule.

    A call by another architecture's convention (a 32-bit call on a 64-bit machine) kills the process.

    Raises:
        ValueError: the conditions of a rule are longer than a jump can skip.
    """
    architecture, _column = _ARCHITECTURES[_machine()]
    program = [
        _step(_LOAD, value=_OFFSET_ARCHITECTURE),
        _step(_JUMP_IF_EQUAL, 1, 0, architecture),
        _step(_RETURN, value=KILL),
        _step(_LOAD, value=_OFFSET_NUMBER),
    ]
    for rule in rules:
        body = [step for condition in rule.when for step in condition.program(rule.otherwise)]
        body.append(_step(_RETURN, value=rule.then))
        for name in rule.names:
            number = number_of(name)
            if number >= 0:
                program += [_step(_JUMP_IF_EQUAL, 0, len(body), number), *body]
    program.append(_step(_RETURN, value=otherwise))
    return b"".join(program)


def install(program: bytes, *, listen: bool = False) -> int:
    """Apply a filter to all threads of this process. This cannot be undone.

    Args:
        program: from `assemble`.
        listen: make a listener, which answers the filter's questions (`ASK`).

    Returns the listener's descriptor, or 0. Raises OSError.
    """
    steps = ctypes.create_string_buffer(program, len(program))
    filter_ = ctypes.create_string_buffer(
        struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(steps))
    )
    kernel.forbid_new_privileges()
    flags = _NEW_LISTENER if listen else _ALL_THREADS
    return kernel.syscall(number_of("seccomp"), _SET_FILTER, flags, filter_)
