"""A control for every hostile submission: without confinement, or with a naive grader, its attack succeeds.

A submission without a grader runs alone in a cage (`cage.py`); otherwise a grader of `naive.py` runs it. Each control
looks for effects that the judge and the confinement prevent, beyond their limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hostile.cage import Order
from learn_torch.session import watch
from learn_torch.wire.channel import OUTPUT_LIMIT
from learn_torch.worker.confinement import usage

SUBMISSIONS = Path(__file__).parent / "submissions"
MEMORY = 2**30
"""The memory limit of a manifest without one."""
PROCESSES = 32
"""How many processes an exercise with processes may have at one time."""


@dataclass(frozen=True)
class Control:
    """The effects of a successful attack: `grader` is one of `naive.py`; the rest is as in `cage.Order`."""

    grader: str = ""
    says: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    took: dict[str, int] = field(default_factory=dict)
    left: int = 0
    ends: str = ""
    terminal: bool = False
    amounts: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    slow: bool = False

    def order(self, name: str) -> Order:
        return Order(
            source=(SUBMISSIONS / f"{name}.py").read_text("utf-8"),
            program=["-m", "hostile.naive", self.grader] if self.grader else ["submission.py"],
            says=list(self.says),
            changes=list(self.changes),
            took=self.took,
            left=self.left,
            ends=self.ends,
            uncaged=name.startswith(("forging/", "arithmetic/")),
            terminal=self.terminal,
            amounts=self.amounts,
            limits=self.limits,
        )


def _breach(*what: str, **more: object) -> Control:
    return Control(says=tuple(f"BREACH: {one}" for one in what), **more)  # type: ignore[arg-type]


def _fooled(grader: str, *how: str, **more: object) -> Control:
    return Control(grader, says=tuple(f"FOOLED: {one}" for one in how or ("",)), **more)  # type: ignore[arg-type]


def _took(slow: bool = False, **most: int) -> Control:
    return Control(took=most, slow=slow)


_ALL_PASSED = "passed 4 of 4"
CONTROLS = {
    "arithmetic/changed_defaults": Control("trains", says=("close passes",), slow=True),
    "arithmetic/patched_layers": Control("trains", says=("loss passes",), slow=True),
    "arithmetic/patched_optimizers": Control("trains", says=("update passes",), slow=True),
    "arithmetic/planted_mode": Control("trains", says=("update passes",), slow=True),
    "arithmetic/remembered_weights": Control("trains", says=("weights passes",), slow=True),
    "bombs/descriptors": _breach("opened"),
    "bombs/disk": _took(disk=usage.DISK),
    "bombs/disk_in_a_closed_folder": _took(disk=usage.DISK),
    "bombs/disk_in_many_folders": _took(disk=usage.DISK),
    "bombs/disk_while_nobody_looks": _took(disk=usage.DISK),
    "bombs/disk_by_mapping": _took(disk=usage.DISK),
    "bombs/disk_without_names": _took(disk=usage.DISK),
    "bombs/endless_message": _fooled("reads_on", "more than was promised"),
    "bombs/files_in_many_folders": _took(files=usage.FILES),
    "bombs/files_in_memory": _breach("took", took={"open": 2**28}),
    "bombs/inodes": _took(files=usage.FILES),
    "bombs/memory": _took(memory=MEMORY),
    "bombs/memory_by_mapping": _took(memory=MEMORY),
    "bombs/memory_in_tensors": _took(memory=MEMORY, slow=True),
    "bombs/memory_of_libraries": _took(memory=MEMORY, slow=True),
    "bombs/memory_without_a_main_thread": _took(memory=MEMORY),
    "bombs/one_long_answer": _fooled("keeps_answers", "many answers are kept", "much output is kept"),
    "bombs/output": Control(says=("\x1b[2J", "::error::x"), took={"output": 64 * OUTPUT_LIMIT}),
    "bombs/processes": _took(processes=PROCESSES),
    "bombs/threads": _took(threads=watch.THREADS),
    "bombs/time_at_import": _fooled("terminates", "it goes on"),
    "bombs/time_in_a_call": Control("waits_in_another_thread", took={"cpu": 100}),
    "bombs/time_in_threads": Control("calls", says=("loaded",), took={"orphaned cpu": 100}, slow=True),
    "files/changes_its_root": _breach(
        "chroot", "mount", "umount", "unshare user", "openat2", "name_to_handle_at"
    ),
    "files/changes_modes_and_times": Control(changes=("files", "outside")),
    "files/makes_odd_files": Control("cleans_up", says=("BREACH: a FIFO",), changes=("files",)),
    "files/nests_folders": _fooled("cleans_up_by_paths", "it counts", "it is still there"),
    "files/plants_modules": Control(
        "imports_there", says=("BREACH: planted",), changes=("files",), slow=True
    ),
    "files/races_with_links": _fooled("looks_then_cleans_up", "it removes"),
    "files/reads_a_secret": _breach("@SECRET@", "b'@SECRET@'", "tensor", slow=True),
    "files/reads_its_memory_for_the_environment": _breach("the secret is in the initial environment"),
    "files/reads_other_sessions": _breach("listed", "wrote to ..", "wrote to given"),
    "files/reads_proc": _breach(
        "read self environ",
        "read self maps",
        "read 1 cmdline",
        "listed self fd",
        "environment LEARN_TEST_SECRET",
    ),
    "files/reads_the_system": _breach("read /etc/passwd", "read /proc/cpuinfo", "listed /"),
    "files/searches_for_the_reference": Control(
        says=("solution.py def conv_output_shap", "test_03_conv_output_shape.py", "BREACH: read")
    ),
    "files/speaks_to_the_terminal": _breach("opened /dev/tty", terminal=True),
    "files/writes_outside": _breach(
        *(f"attempt {number}" for number in (0, 1, 2, 3, 4, 5, 7, 8, 11, 13)), changes=("files",)
    ),
    "forging/answers_ahead": _fooled("takes_the_next_answer"),
    "forging/answers_from_a_thread": _fooled("takes_the_next_answer"),
    "forging/broken_tensor_metadata": _fooled(
        "builds_what_it_is_told",
        *(f"by message {number}," for number in (2, 3, 6, 7, 8, 10, 12, 14, 15)),
        slow=True,
    ),
    "forging/closes_every_descriptor": _fooled("counts_failures"),
    "forging/colliding_keys": _fooled("builds_dicts", "997002 comparisons for 999", amounts={"KEYS": "1000"}),
    "forging/deep_and_wide": _fooled("walks_through", "too many", "RecursionError"),
    "forging/destructors_and_exits": Control("compares", changes=("files",)),
    "forging/exits_in_a_call": Control("compares", ends="exit 0"),
    "forging/exits_with_zero": Control("compares", ends="exit 0"),
    "forging/garbage_on_every_descriptor": _fooled("trusts_lengths", "room for"),
    "forging/hostile_exceptions": Control("counts_failures_in_conv", says=("FOOLED: nothing has failed",)),
    "forging/hostile_names": Control("shows_names", says=("\n::error::forged", "\x1b[31m"), ends="exit 0"),
    "forging/huge_numbers": _fooled("writes_out", "OverflowError", "a long text"),
    "forging/kills_itself": _fooled("counts_failures"),
    "forging/length_without_a_message": _fooled("trusts_lengths", "MemoryError", "room for 67108864 bytes"),
    "forging/long_ancestry": _fooled("writes_out", "a long text"),
    "forging/long_ranges": _fooled("makes_room", "MemoryError"),
    "forging/lying_equality": Control("compares", says=(_ALL_PASSED,)),
    "forging/lying_lengths": _fooled("makes_room", "it goes on", "MemoryError"),
    "forging/lying_subclasses": Control("compares", says=(_ALL_PASSED,)),
    "forging/nested_messages": _fooled(
        "unpacks",
        "RecursionError at message 2",
        "RecursionError at message 0",
        "MemoryError at message 1",
        "MemoryError at message 3",
    ),
    "forging/not_a_number": _fooled(
        "compares_closely", "() is as good", "nan is as good", "(nan, nan, nan, nan) is as good"
    ),
    "forging/outcome_on_every_descriptor": _fooled("takes_an_outcome"),
    "forging/patched_builtins": Control("compares_by_builtins", says=(_ALL_PASSED,)),
    "forging/patched_pytest": Control("uses_pytest", says=("1 passed", "FOOLED")),
    "forging/patched_torch": Control("compares_by_torch", says=(_ALL_PASSED,), slow=True),
    "forging/patched_worker": _fooled("asks_its_worker"),
    "forging/pickle_bomb": Control("pickles", changes=("files",)),
    "forging/raises_the_judges_exceptions": Control("uses_pytest", says=("1 skipped", "FOOLED")),
    "forging/replays_answers": _fooled("repeats_its_question"),
    "forging/report_in_files": Control("reads_reports", says=("FOOLED",), changes=("files",)),
    "forging/report_on_standard_output": Control(
        "reads_output", says=("FOOLED", "\n::set-output", "\n##[set-env", "\n===== 9 passed")
    ),
    "forging/signals_and_timers": Control("compares", ends="stopped"),
    "forging/slow_message": _fooled("is_patient", amounts={"PAUSE": "0.001"}),
    "forging/tensor_subclass": Control("compares_by_torch", says=(_ALL_PASSED,), slow=True),
    "forging/walks_frames": Control(
        "holds_everything", says=("found expected @SECRET@", "found seed", "found report")
    ),
    "forging/walks_the_heap": Control(
        "holds_everything",
        says=(
            "BREACH: function <function test_same_padding",
            "BREACH: object",
            "BREACH: seed",
            "BREACH: text @SECRET@",
            "BREACH: text what the kernel takes away, and padding",
            "BREACH: memory b'def conv2d_shape(",
            "BREACH: memory b'lairseed",
            "BREACH: memory b'@SECRET@'",
        ),
    ),
    "network/asks_for_names": _breach("looked up"),
    "network/calls_in_another_manner": _breach("int 0x80 gave"),
    "network/connects": _breach("connected", changes=("_tcp",)),
    "network/connects_by_io_uring": _breach("a ring", "a socket", "connected"),
    "network/listens": _breach("listens", "serves"),
    "network/odd_families": _breach("family 1 ", "family 2 ", "family 10 ", "family 16 "),
    "network/unix_sockets": _breach(
        "a pair that can be sent from", "sent a descriptor", changes=("_unix", "_abstract")
    ),
    "network/uses_the_channel_as_a_socket": Control(
        "shares_its_socket", says=("BREACH: the channel is a socket",)
    ),
    "processes/asks_the_kernel_for_more": _breach("vmsplice", "move_pages", "seccomp"),
    "processes/becomes_somebody_else": _breach("capabilities", "has capabilities", "call 170"),
    "processes/clones": _breach("cloned", "a clone"),
    "processes/daemon": _breach("forked", left=1),
    "processes/executes": Control(changes=("files",)),
    "processes/forks": _breach("forked", "system", "libc system", changes=("files",)),
    "processes/kills_others": Control(changes=("victim",)),
    "processes/limits_others": Control(changes=("victim's limits", "victim's priority")),
    "processes/shares_memory": _breach(
        "shmget", "semget", "msgget", "add_key", "memfd", changes=("shared memory",)
    ),
    "processes/signals_by_descriptor": _breach("owner", changes=("victim",)),
    "processes/traces_others": _breach("traces", "read memory of", "a descriptor of"),
    "trees/attacks_its_keeper": Control(changes=("victim",)),
    "trees/files_without_names": Control(took={"open": usage.DISK}),
    "trees/flees_from_its_end": Control(left=1),
    "trees/forks_for_ever": _took(processes=3 * PROCESSES),
    "trees/hides_daemons": Control(left=5),
    "trees/reaches_out": _breach(
        "connected", "read lair-", "started /bin/sh", changes=("_tcp", "_udp", "_unix", "files")
    ),
    "trees/takes_memory_together": _took(memory=MEMORY, processes=8),
    "trees/takes_threads_together": _took(threads=watch.THREADS, processes=7),
    "trees/takes_time_together": Control("calls", took={"cpu": 150}, limits={"CPU": 1}),
}
assert usage.FILE_SIZE <= usage.DISK
