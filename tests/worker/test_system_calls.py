"""The answers of the seccomp filters: a table of calls for x86-64 and aarch64, tested with a BPF interpreter."""

from __future__ import annotations

import errno
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from learn_torch.worker.confinement import landlock, policy, seccomp
from learn_torch.worker.confinement.numbers import NUMBERS
from learn_torch.worker.confinement.seccomp import Condition, Rule
from worker.bpf import BadProgram, Filter

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="seccomp, and the numbers of errors, are Linux's"
)

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FOREIGN = {"i386": 0x40000003, "arm": 0x40000028, "none": 0}
PID = 4321
HIGH, ONES = 1 << 32, 2**64 - 1

FILTERS: dict[str, Callable[[], bytes]] = {
    "worker": lambda: seccomp.assemble(policy.worker(PID, card=False)),
    "card": lambda: seccomp.assemble(policy.worker(PID, card=True)),
    "tree": lambda: seccomp.assemble(policy.tree(network=False)),
    "network": lambda: seccomp.assemble(policy.tree(network=True)),
    "births": lambda: seccomp.assemble(policy.births(), otherwise=seccomp.ALLOW),
}
"""A worker of one process, the same on a real card, a tree, a tree with a private network, and the keeper's filter."""


@dataclass
class Row:
    """The answer to some calls.

    Args:
        where: the names of the filters.
        calls: the names of the calls.
        answer: `allowed`, `asked`, `killed`, `nothing` (it succeeds and does nothing), or the name of an error.
        arguments: by position. Every other argument is tried as 0 and as all ones, and must make no difference.
    """

    where: str
    calls: str
    answer: str
    arguments: dict[int, int]

    def tries(self) -> Iterator[list[int]]:
        for others in (0, ONES):
            yield [self.arguments.get(number, others) for number in range(6)]


def rows(
    where: str, calls: str, answer: str, argument: int | None = None, *values: int, **more: int
) -> list[Row]:
    """A row for each value of one argument; `a2=…` sets other arguments."""
    fixed = {int(name[1:]): value for name, value in more.items()}
    if argument is None:
        return [Row(where, calls, answer, fixed)]
    return [Row(where, calls, answer, {argument: value, **fixed}) for value in values]


def said(answer: int) -> str:
    """The name of an answer."""
    if answer >> 16 == 0x0005:
        return errno.errorcode[answer & 0xFFFF] if answer & 0xFFFF else "nothing"
    return {seccomp.ALLOW: "allowed", seccomp.ASK: "asked", seccomp.KILL: "killed"}[answer]


ALL = "worker card tree network"
THREAD, NAMESPACES = (
    0x10000,
    (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80),
)
PTHREAD, FORK = 0x3D0F00, 0x1200011
"""The flags with which the C library starts a thread, and forks."""

TABLE = [
    # --- with any arguments -------------------------------------------------------------------------------------------
    *rows(ALL, """
        creat stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
        getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
        ftruncate fsync fdatasync fadvise64 sendfile copy_file_range statfs fstatfs umask
        read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range lseek dup dup2 dup3
        pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
        eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4 recvfrom shutdown
        mmap munmap mremap mprotect pkey_mprotect pkey_alloc pkey_free madvise mincore msync brk mlock mlock2 munlock
        get_mempolicy
        futex futex_waitv set_robust_list get_robust_list set_tid_address rseq membarrier restart_syscall arch_prctl
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause alarm
        getitimer setitimer
        sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
        sched_rr_get_interval wait4 waitid exit exit_group
        getpid gettid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups capget
        uname sysinfo getcpu getrandom nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
        getrusage getpriority getrlimit setrlimit ioprio_get
    """, "allowed"),
    # --- files --------------------------------------------------------------------------------------------------------
    *rows(ALL, "open", "allowed", 1, 0, 1, 2, 0x201, 0x202, 0x241, 0x80000, 0x410002, HIGH, HIGH | 3 << 33 | 1),
    *rows(ALL, "open", "EPERM", 1, 0x200, 3, 0x203, 0x80200, HIGH | 0x200, ONES),
    *rows(ALL, "openat", "allowed", 2, 0, 1, 2, 0x201, 0x202, 0x241, 0x80000, 0x410002, HIGH, HIGH | 1),
    *rows(ALL, "openat", "EPERM", 2, 0x200, 3, 0x203, 0x80200, HIGH | 0x200, ONES),
    *rows(ALL, "truncate", "allowed"),
    *rows(ALL, "chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat", "nothing"),
    *rows(ALL, "utimensat futimesat", "EPERM", 2, 0),
    *rows(ALL, "utimensat futimesat", "nothing", 2, 1, 0x7FFFFFFF, HIGH, 7 * HIGH, ONES),
    *rows(ALL, "utime utimes", "EPERM", 1, 0),
    *rows(ALL, "utime utimes", "nothing", 1, 1, 0x7FFFFFFF, HIGH, 7 * HIGH, ONES),
    *rows(ALL, """setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr
        lremovexattr fremovexattr fallocate""", "ENOTSUP"),
    *rows(ALL, "memfd_create", "ENOSYS"),
    # --- locks, and other operations on descriptors -------------------------------------------------------------------
    *rows(ALL, "flock", "ENOLCK"),
    *rows(ALL, "fcntl", "ENOLCK", 1, 6, 7, 37, 38, HIGH | 6),
    *rows(ALL, "fcntl", "allowed", 1, 0, 1, 2, 3, 4, 5, 36, 1030, 1032, 1033, 1034, HIGH | 3),
    # owners and signals, leases, notifications, sizes of pipes
    *rows(ALL, "fcntl", "EPERM", 1, 8, 9, 10, 11, 15, 16, 1024, 1025, 1026, 1031, 1036, HIGH | 8, ONES),
    *rows("worker tree network", "ioctl", "allowed", 1, 0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, HIGH | 0x5401),
    # a key for the terminal, its owner, an interface, a page fault's handler
    *rows("worker tree network", "ioctl", "ENOTTY", 1, 0, 0x5412, 0x540E, 0x5410, 0x8914, 0xC018AA3F, ONES),
    *rows("card", "ioctl", "allowed", 1, 0x5401, 0x5412, 0xC020462A, ONES),
    *rows(ALL, "prctl", "allowed", 0, 2, 3, 15, 16, 21, 23, 29, 30, 39, 40, 41, 42, 0x53564D41, HIGH | 15),
    # parent death signal, dumpable, capabilities, seccomp, tracer, subreaper
    *rows(ALL, "prctl", "EPERM", 0, 0, 1, 4, 8, 22, 24, 28, 36, 38, 47, 0x59616D61, HIGH | 4, ONES),
    # --- processes ----------------------------------------------------------------------------------------------------
    *rows("worker card", "clone", "allowed", 0, THREAD, PTHREAD, HIGH | THREAD),
    *rows("worker card", "clone", "EPERM", 0, 0, FORK, THREAD << 32, PTHREAD & ~THREAD, ONES, ONES & ~0x7E020080 & ~THREAD),
    *rows("worker card", "clone", "EPERM", 0, *(THREAD | one for one in NAMESPACES)),
    *rows("tree network", "clone", "allowed", 0, 0, FORK, THREAD, PTHREAD, HIGH, ONES & ~0x7E020080),
    *rows("tree network", "clone", "EPERM", 0, *NAMESPACES, *(FORK | one for one in NAMESPACES), ONES),
    *rows(ALL, "clone3", "ENOSYS"),
    *rows("worker card", "fork vfork execve execveat", "EPERM"),
    *rows("tree network", "fork vfork execve execveat setsid setpgid", "allowed"),
    *rows("worker card", "kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", "allowed", 0, PID, HIGH | PID),
    # itself by other ids, all processes, a process group
    *rows("worker card", "kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", "EPERM", 0, 0, 1, PID + 1, -1, -PID, PID << 32),
    *rows("tree network", "kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", "allowed"),
    *rows("worker card", "prlimit64 sched_setaffinity", "allowed", 0, 0, PID, HIGH, HIGH | PID),
    *rows("worker card", "prlimit64 sched_setaffinity", "EPERM", 0, 1, PID + 1, -1, PID << 31),
    *rows("tree network", "prlimit64 sched_setaffinity", "allowed", 0, 0, HIGH),
    *rows("tree network", "prlimit64 sched_setaffinity", "EPERM", 0, 1, PID, -1),
    *rows("worker card", "setpriority", "allowed", 1, 0, PID, HIGH, a0=0),
    *rows("worker card", "setpriority", "EPERM", 1, 1, PID + 1, -1, a0=0),
    *rows("worker card", "setpriority", "EPERM", 0, 1, 2, ONES, a1=0),
    *rows("tree network", "setpriority", "allowed", 1, 0, HIGH, a0=0),
    *rows("tree network", "setpriority", "EPERM", 1, 1, PID, -1, a0=0),
    *rows("tree network", "setpriority", "EPERM", 0, 1, 2, ONES, a1=0),
    # --- sockets ------------------------------------------------------------------------------------------------------
    *rows(ALL, "socketpair", "allowed", 1, 1, 0x801, 0x80801, HIGH | 1, a0=1),
    *rows(ALL, "socketpair", "EACCES", 1, 0, 2, 3, 5, 0x80002, ONES, a0=1),
    *rows(ALL, "socketpair", "EACCES", 0, 0, 2, 10, 16, ONES, a1=1),
    *rows("worker card tree", """socket connect bind listen accept accept4 getsockname getpeername getsockopt setsockopt
        sendmsg recvmsg sendmmsg recvmmsg""", "EACCES"),
    *rows("worker card tree", "sendto", "allowed", 4, 0),
    *rows("worker card tree", "sendto", "EACCES", 4, 1, 0x7FFFFFFF, HIGH, 7 * HIGH, ONES),
    *rows("network", "socket", "allowed", 0, 2, 10, 16, HIGH | 2, a2=0),
    *rows("network", "socket", "allowed", 2, 0, 6, 17, HIGH | 6, a0=2),
    # Unix sockets, bluetooth, packet sockets, virtual machines, the kernel's ciphers
    *rows("network", "socket", "EACCES", 0, 0, 1, 31, 17, 40, 38, ONES, a2=0),
    # raw sockets, MPTCP, SCTP, other netlink protocols
    *rows("network", "socket", "EACCES", 2, 1, 255, 262, 132, 9, ONES, a0=2),
    *rows("network", "sendto connect bind listen accept accept4 getsockname getpeername getsockopt setsockopt recvmsg "
          "recvmmsg", "allowed"),
    *rows("network", "sendmsg sendmmsg", "EACCES"),
    # --- the keeper's filter ------------------------------------------------------------------------------------------
    *rows("births", "clone", "allowed", 0, THREAD, PTHREAD, HIGH | THREAD, ONES),
    *rows("births", "clone", "asked", 0, 0, FORK, THREAD << 32, ONES & ~THREAD),
    *rows("births", "fork vfork", "asked"),
]  # fmt: skip
ABSENT = {
    "x86_64": {"ptrace": 101, "mount": 165, "setns": 308, "bpf": 321, "userfaultfd": 323, "openat2": 437, "tkill": 200,
               "io_uring_enter": 426, "process_vm_readv": 310, "unshare": 272, "memfd_secret": 447, "seccomp": 317},
    "aarch64": {"ptrace": 117, "mount": 40, "setns": 268, "bpf": 280, "userfaultfd": 282, "openat2": 437, "tkill": 130,
                "io_uring_enter": 426, "process_vm_readv": 270, "unshare": 97, "memfd_secret": 447, "seccomp": 277},
}  # fmt: skip
"""Some of the calls that fail as if they did not exist."""
X32 = 0x40000000
"""This bit marks a call by the x32 ABI (32-bit pointers), which has the same architecture as x86-64."""


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(seccomp, "_machine", lambda: request.param)
    monkeypatch.setattr(landlock, "version", lambda: landlock.TRUNCATE_SINCE)
    return str(request.param)


@pytest.fixture(params=FILTERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(name: str) -> Iterator[tuple[str, list[int], str]]:
    """The table's calls for one filter that exist on this machine."""
    for row in TABLE:
        if name in row.where.split():
            for call in row.calls.split():
                if seccomp.number_of(call) >= 0:
                    yield from ((call, arguments, row.answer) for arguments in row.tries())


def test_every_call_gets_the_answer_of_the_table(machine: str, name: str) -> None:
    filter_ = Filter(FILTERS[name]())
    wrong = [
        f"{call}({', '.join(map(hex, arguments))}): {found}, expected {expected}"
        for call, arguments, expected in of(name)
        if (found := said(filter_.answer(MACHINES[machine], seccomp.number_of(call), arguments))) != expected
    ]
    assert wrong == []


def test_the_table_goes_both_ways_at_every_condition(machine: str, name: str) -> None:
    filter_ = Filter(FILTERS[name]())
    for call, arguments, _answer in of(name):
        filter_.answer(MACHINES[machine], seccomp.number_of(call), arguments)
    filter_.answer(FOREIGN["i386"], 0)
    filter_.answer(MACHINES[machine], 10**6)
    assert filter_.ways() - filter_.taken == set()


def test_what_the_table_does_not_name_does_not_exist(machine: str, name: str) -> None:
    filter_ = Filter(FILTERS[name]())
    named = {seccomp.number_of(call) for call, _arguments, _answer in of(name)}
    answer = "allowed" if name == "births" else "ENOSYS"
    others = {*range(600), *ABSENT[machine].values(), -1, 2**31 - 1} - named
    # The x32 ABI uses the same numbers with one more bit.
    others |= {X32 | number for number in range(600)}
    assert named.isdisjoint(ABSENT[machine].values())
    wrong = {n for n in others if said(filter_.answer(MACHINES[machine], n, [ONES] * 6)) != answer}
    assert wrong == set()


@pytest.mark.parametrize("architecture", FOREIGN)
def test_a_call_in_the_manner_of_another_architecture_kills(
    architecture: str, machine: str, name: str
) -> None:
    filter_ = Filter(FILTERS[name]())
    other = next(number for each, number in MACHINES.items() if each != machine)
    for foreign in (FOREIGN[architecture], other):
        assert {said(filter_.answer(foreign, number)) for number in (*range(600), -1)} == {"killed"}


@pytest.mark.parametrize("network", ["tree", "network"])
def test_no_process_is_born_in_a_tree_unless_the_keeper_is_asked(network: str, machine: str) -> None:
    """If several filters are installed, the strictest answer counts."""
    strictest = ["killed", "ENOSYS", "EPERM", "asked", "allowed"]
    filters = [Filter(FILTERS["births"]()), Filter(FILTERS[network]())]

    def answer(call: str, *arguments: int) -> str:
        number = seccomp.number_of(call)
        found = [said(one.answer(MACHINES[machine], number, arguments)) for one in filters]
        return min(found, key=strictest.index)

    assert answer("clone", FORK) == "asked"
    assert answer("clone", PTHREAD) == "allowed"
    assert answer("clone", FORK | NAMESPACES[0]) == "EPERM"
    assert answer("clone3") == "ENOSYS"
    if machine == "x86_64":
        assert (answer("fork"), answer("vfork")) == ("asked", "asked")


def test_files_are_emptied_by_their_name_only_where_landlock_covers_that(
    machine: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: landlock.TRUNCATE_SINCE - 1)
    filter_ = Filter(FILTERS[name]())
    found = said(filter_.answer(MACHINES[machine], seccomp.number_of("truncate")))
    assert found == ("allowed" if name == "births" else "EPERM")


def test_every_name_of_the_table_is_known() -> None:
    assert {call for row in TABLE for call in row.calls.split()} <= NUMBERS.keys()


# --- conditions -------------------------------------------------------------------------------------------------------


def holds(condition: Condition, value: int) -> bool:
    program = seccomp.assemble([Rule(["read"], when=(condition,))])
    arguments = [0] * condition.argument + [value]
    return Filter(program).answer(MACHINES["x86_64"], 0, arguments) == seccomp.ALLOW


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        (Condition(0, among=(3, 5)), [3, 5, HIGH | 3], [0, 4, 3 << 32]),
        (Condition(5, among=(-1,)), [-1, 0xFFFFFFFF], [0, 1, ONES - 1]),
        (Condition(1, among=(1, 2), mask=3), [1, 2, 5, 0xFE], [0, 3, 4, 7]),
        (Condition(2, all_of=6), [6, 7, 0xFF, HIGH | 6], [0, 2, 4, 6 << 32]),
        (Condition(3, none_of=6), [0, 1, 8, 6 << 32], [2, 4, 6, 7]),
        (Condition(4, all_of=1, none_of=6), [1, 9], [0, 3, 5, 7, 8]),
        (Condition(0, among=(1, 3), none_of=2), [1], [2, 3]),
        (Condition(0, among=(1,), none_of=4, mask=3), [1, 9], [5, 13]),
        (Condition(1, zero=True), [0], [1, HIGH, ONES]),
        (Condition(0, among=range(250)), [0, 249], [250]),
    ],
)
def test_a_condition_holds_where_it_says(
    condition: Condition, yes: list[int], no: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seccomp, "_machine", lambda: "x86_64")
    assert [holds(condition, value) for value in yes] == [True] * len(yes)
    assert [holds(condition, value) for value in no] == [False] * len(no)


def test_the_answer_is_that_of_the_first_condition_that_does_not_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seccomp, "_machine", lambda: "x86_64")
    first = Condition(0, among=(1, 2), otherwise=seccomp.refuse(errno.EPERM))
    rule = Rule(["read"], when=(first, Condition(0, among=(1,))), otherwise=seccomp.refuse(errno.ENOLCK))
    filter_ = Filter(seccomp.assemble([rule]))
    answers = [said(filter_.answer(MACHINES["x86_64"], 0, [value])) for value in (1, 2, 3)]
    assert answers == ["allowed", "ENOLCK", "EPERM"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"all_of": 1, "among": (1,)}, "two conditions"),
        ({"all_of": 3, "none_of": 2}, "all and none of the bits 0x2"),
        ({"zero": True, "among": (1,)}, "cannot be combined"),
        ({"zero": True, "all_of": 1}, "cannot be combined"),
        ({"zero": True, "none_of": 1}, "cannot be combined"),
        ({"zero": True, "mask": 1}, "mask"),
        ({"all_of": 1, "mask": 1}, "mask"),
        ({}, "always holds"),
        ({"mask": 1}, "always holds"),
        ({"among": (1, 4), "mask": 3}, "no argument equals 0x4"),
        ({"among": (2**32,)}, "no argument equals"),
        ({"among": (-(2**31) - 1,)}, "no argument equals"),
        ({"among": (0x200,), "none_of": 0x200}, "has one of the bits"),
        ({"all_of": 2**32}, "lower 32 bits"),
        ({"none_of": -1}, "lower 32 bits"),
        ({"argument": 6, "zero": True}, "no argument 6"),
        ({"argument": -1, "zero": True}, "no argument -1"),
    ],
)
def test_a_condition_that_cannot_work_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Condition(**{"argument": 0, **arguments})  # type: ignore[arg-type]


def test_a_rule_that_no_jump_gets_past_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "_machine", lambda: "x86_64")
    for when in ((Condition(0, among=range(256)),), (Condition(0, among=range(130)),) * 2):
        with pytest.raises(ValueError, match="more than 255 instructions"):
            seccomp.assemble([Rule(["read"], when=when)])


# --- the interpreter --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        [(0x20, 0, 0, 0)],  # no answer
        [(0x15, 5, 5, 0), (0x06, 0, 0, 0)],  # a jump past the end
        [(0x20, 0, 0, 64), (0x06, 0, 0, 0)],  # a load beyond the call's data
        [(0x20, 0, 0, 2), (0x06, 0, 0, 0)],  # an unaligned load
        [(0x44, 0, 0, 1), (0x06, 0, 0, 0)],  # OR, which we do not emit
        [],
    ],
)
def test_the_interpreter_takes_no_other_programs(steps: list[tuple[int, int, int, int]]) -> None:
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    with pytest.raises(BadProgram):
        Filter(program).answer(MACHINES["x86_64"], 0)
