"""The system calls that a worker may make.

Calls that Python, torch and OpenMP need for ordinary work are allowed. Landlock restricts access to files, but it does
not cover modes, owners, times and extended attributes; these are restricted here.
"""

from __future__ import annotations

import errno

from learn_torch.worker.confinement import landlock
from learn_torch.worker.confinement.seccomp import ALLOW, ASK, Condition, Rule, refuse

_FILES = """
    creat stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents
    getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink
    symlinkat ftruncate fsync fdatasync fadvise64 sendfile copy_file_range statfs fstatfs umask
"""
_DESCRIPTORS = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range lseek dup dup2 dup3
    pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
    eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4 recvfrom shutdown
"""
_MEMORY = """
    mmap munmap mremap mprotect pkey_mprotect pkey_alloc pkey_free madvise mincore msync brk mlock mlock2 munlock
    get_mempolicy
"""
_THREADS_AND_SIGNALS = """
    futex futex_waitv set_robust_list get_robust_list set_tid_address rseq membarrier restart_syscall arch_prctl
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause alarm
    getitimer setitimer
    sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
    sched_rr_get_interval wait4 waitid exit exit_group
"""
_QUESTIONS = """
    getpid gettid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups capget
    uname sysinfo getcpu getrandom nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
    getrusage getpriority getrlimit setrlimit ioprio_get
"""
_ALWAYS = " ".join((_FILES, _DESCRIPTORS, _MEMORY, _THREADS_AND_SIGNALS, _QUESTIONS)).split()

# Landlock does not cover these calls, and `shutil.copy` makes them after it has copied. So they succeed and do nothing,
# everywhere.
_WITHOUT_EFFECT = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat",
)  # fmt: skip
_NOT_SUPPORTED = (
    "setxattr", "lsetxattr", "fsetxattr", "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr",
    "flistxattr", "removexattr", "lremovexattr", "fremovexattr", "fallocate",
)  # fmt: skip

_TRUNCATE = 0x200
_READ_OR_WRITE, _OPEN_MASK = (0, 1, 2, _TRUNCATE | 1, _TRUNCATE | 2), _TRUNCATE | 3
"""Opening a file to read must not truncate it: before version 3 Landlock covers neither this nor `truncate`."""
_CLONE_THREAD = 0x00010000
_NEW_NAMESPACE = 0x7E020080
_FCNTL = (0, 1, 2, 3, 4, 5, 36, 1030, 1032, 1033, 1034)
"""All commands except locks, owners and signals of descriptors, leases, notifications and pipe sizes."""
_FCNTL_LOCKS = (6, 7, 37, 38)
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Terminal or not, its size, number of readable bytes, blocking, inheritance."""
_PRCTL = (2, 3, 15, 16, 21, 23, 29, 30, 39, 40, 41, 42, 0x53564D41)
"""Names of threads and mappings, and queries."""
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_SOCK_STREAM, _MPTCP = 1, 262


def worker(pid: int, *, card: bool) -> list[Rule]:
    """The rules for a worker of one process.

    Args:
        pid: its own process id, the only process that it may signal or limit.
        card: it uses a real CUDA card, whose driver needs ioctl.
    """
    thread = Condition(0, all_of=_CLONE_THREAD, none_of=_NEW_NAMESPACE)
    itself = Condition(0, among=(0, pid))
    return [
        *_common(card),
        Rule(["clone"], when=(thread,)),
        Rule(["fork", "vfork", "execve", "execveat"], refuse(errno.EPERM)),
        Rule(["kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"], when=(Condition(0, among=(pid,)),)),
        Rule(["prlimit64", "sched_setaffinity"], when=(itself,)),
        Rule(["setpriority"], when=(Condition(0, among=(0,)), Condition(1, among=(0, pid)))),
        *_no_sockets(),
    ]


def tree(*, network: bool) -> list[Rule]:
    """The rules for a worker that may start processes. Landlock restricts its signals to its own processes.

    Args:
        network: it has a private network.
    """
    return [
        *_common(card=False),
        Rule(["clone"], when=(Condition(0, none_of=_NEW_NAMESPACE),)),
        Rule(["fork", "vfork", "execve", "execveat", "kill", "tgkill", "rt_sigqueueinfo",
              "rt_tgsigqueueinfo", "setsid", "setpgid"]),
        Rule(["prlimit64", "sched_setaffinity"], when=(Condition(0, among=(0,)),)),
        Rule(["setpriority"], when=(Condition(0, among=(0,)), Condition(1, among=(0,)))),
        *(_own_network() if network else _no_sockets()),
    ]  # fmt: skip


def births() -> list[Rule]:
    """The filter that is installed before `tree`: a fork asks the keeper; `tree` decides about all other calls."""
    return [Rule(["clone"], ALLOW, (Condition(0, all_of=_CLONE_THREAD),), ASK), Rule(["fork", "vfork"], ASK)]


def _common(card: bool) -> list[Rule]:
    return [
        Rule(_ALWAYS),
        Rule(["open"], when=(Condition(1, among=_READ_OR_WRITE, mask=_OPEN_MASK),)),
        Rule(["openat"], when=(Condition(2, among=_READ_OR_WRITE, mask=_OPEN_MASK),)),
        Rule(["truncate"], ALLOW if landlock.version() >= landlock.TRUNCATE_SINCE else refuse(errno.EPERM)),
        Rule(_WITHOUT_EFFECT, refuse(0)),
        # Setting the time to "now" fails, because `Path.touch` creates the file only after a failure.
        Rule(["utimensat", "futimesat"], refuse(errno.EPERM), (Condition(2, zero=True),), refuse(0)),
        Rule(["utime", "utimes"], refuse(errno.EPERM), (Condition(1, zero=True),), refuse(0)),
        Rule(_NOT_SUPPORTED, refuse(errno.EOPNOTSUPP)),
        Rule(["clone3"], refuse(errno.ENOSYS)),  # a filter cannot see its flags; the C library then uses clone
        Rule(["memfd_create"], refuse(errno.ENOSYS)),  # files in memory that are in no folder
        # A lock on a library's file could block other processes; read access is enough to take one.
        Rule(["flock"], refuse(errno.ENOLCK)),
        Rule(["fcntl"], when=(Condition(1, among=_FCNTL + _FCNTL_LOCKS, otherwise=refuse(errno.EPERM)),
                              Condition(1, among=_FCNTL)), otherwise=refuse(errno.ENOLCK)),
        Rule(["ioctl"], when=() if card else (Condition(1, among=_IOCTL),), otherwise=refuse(errno.ENOTTY)),
        Rule(["prctl"], when=(Condition(0, among=_PRCTL),)),
        # A pair of connected stream sockets, which asyncio needs. A datagram socket could send elsewhere.
        Rule(["socketpair"], when=(Condition(0, among=(_AF_UNIX,)), Condition(1, among=(_SOCK_STREAM,), mask=0xF)),
             otherwise=refuse(errno.EACCES)),
    ]  # fmt: skip


def _no_sockets() -> list[Rule]:
    return [
        Rule(["sendto"], when=(Condition(4, zero=True),), otherwise=refuse(errno.EACCES)),
        Rule(["socket", "connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt",
              "setsockopt", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg"], refuse(errno.EACCES)),
    ]  # fmt: skip


def _own_network() -> list[Rule]:
    return [
        # The C library lists the network interfaces by netlink. There is only the loopback.
        Rule(["socket"], when=(Condition(0, among=(_AF_INET, _AF_INET6, _AF_NETLINK)), Condition(2, among=(0, 6, 17))),
             otherwise=refuse(errno.EACCES)),
        Rule(["sendto", "connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt",
              "setsockopt", "recvmsg", "recvmmsg"]),
        # They can send descriptors. A file in a socket's queue stays open, and no watch can see it.
        Rule(["sendmsg", "sendmmsg"], refuse(errno.EACCES)),
    ]  # fmt: skip
