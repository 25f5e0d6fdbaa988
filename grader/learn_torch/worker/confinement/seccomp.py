"""seccomp: which system calls a process may make, as a small program that the kernel runs before each.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html and the classic BPF that it names. A filter is a list
of rules; a call that no rule names is answered with ENOSYS, as an old kernel would.
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
"""The kernel's name of an architecture, and its column in NUMBERS."""

ALLOW = 0x7FFF0000
KILL = 0x80000000
ASK = 0x7FC00000
"""Let the listener of the filter decide."""
_SET_FILTER = 1
_ALL_THREADS, _NEW_LISTENER = 1, 8


def refuse(error: int) -> int:
    """The answer that makes a call fail with `error`; with 0, that makes it succeed without doing anything."""
    return 0x00050000 | error


@functools.cache
def here() -> bool:
    """Whether filters can be made for this machine, and the kernel takes them. A filter forbids the question."""
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
    """The number of a system call on this machine; -1 where it has none."""
    number = NUMBERS[name][_ARCHITECTURES[_machine()][1]]
    return -1 if number is None else number


@dataclass(frozen=True)
class Condition:
    """A condition on one argument's lower 32 bits (for `zero`, of all 64).

    Where the kernel declares an argument as an int, it never sees the upper half either. `clone` declares its flags as
    a long, and drops the upper half itself. A pointer has to be looked at whole: that is what `zero` is for.

    Args:
        argument: which one, from 0.
        among: it is one of these; not together with `all_of`.
        all_of: it has these bits.
        none_of: it has none of these bits.
        zero: it is 0, such as a pointer that is not given; a condition of its own.
        mask: what of it `among` looks at.
        otherwise: the answer where it does not hold; by default that of the rule.

    Raises:
        ValueError: it is empty, holds always or never, or combines what cannot be combined.
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
            raise ValueError("zero is a condition of its own")
        if self.all_of and self.among:
            raise ValueError(
                "all_of leaves nothing of the argument for among to look at: write two conditions"
            )
        if self.all_of & self.none_of:
            raise ValueError(f"no argument has all and none of the bits {self.all_of & self.none_of:#x}")
        if self.mask != _LOW_HALF and not self.among:
            raise ValueError("a mask is for among alone")
        for value in self.among:
            # What is negative stands for the int that the kernel sees.
            if not -(2**31) <= value <= _LOW_HALF or value & _LOW_HALF & ~self.mask:
                raise ValueError(f"behind the mask {self.mask:#x} no argument is {value:#x}")
        if self.among and all(value & self.none_of for value in self.among):
            raise ValueError(f"what has none of the bits {self.none_of:#x} is never among these")

    def program(self, otherwise: int) -> list[bytes]:
        """Goes on after itself where the condition holds, else returns its answer, by default `otherwise`."""
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
    """What happens to these calls: `then` where every condition holds, else the answer of the first that does not.

    `otherwise` is the answer of conditions that have none of their own.
    """

    names: Sequence[str]
    then: int = ALLOW
    when: tuple[Condition, ...] = ()
    otherwise: int = refuse(errno.EPERM)


def _step(code: int, true: int = 0, false: int = 0, value: int = 0) -> bytes:
    if max(true, false) > _FARTHEST_JUMP:
        raise ValueError(f"the conditions of a rule have room for {_FARTHEST_JUMP} instructions")
    return struct.pack("=HBBI", code, true, false, value)


def assemble(rules: Iterable[Rule], *, otherwise: int = refuse(errno.ENOSYS)) -> bytes:
    """The program of a filter; `otherwise` is for calls that no rule names.

    A call in the manner of another architecture (32-bit calls on a 64-bit machine) kills the process.

    Raises:
        ValueError: a rule has more conditions than a jump gets past.
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
    """Hold this process to a filter, every thread of it. There is no way back.

    Args:
        program: from `assemble`.
        listen: make a listener, which answers what the filter asks.

    Returns the listener's descriptor, or 0. Raises OSError.
    """
    steps = ctypes.create_string_buffer(program, len(program))
    filter_ = ctypes.create_string_buffer(
        struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(steps))
    )
    kernel.forbid_new_privileges()
    flags = _NEW_LISTENER if listen else _ALL_THREADS
    return kernel.syscall(number_of("seccomp"), _SET_FILTER, flags, filter_)
