"""The worker: the process in which the submission runs.

It answers the judge's requests, one by one, with plain data. It has no expected value, no grader and no reference. The
judge does not trust its answers: it only checks their types.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import linecache
import operator
import os
import sys
import traceback
import types
from collections.abc import Callable
from typing import IO, Any

from learn_torch import devices, wire
from learn_torch.wire import channel, messages
from learn_torch.wire.decoding import Decoder
from learn_torch.wire.encoding import Encoder
from learn_torch.wire.messages import Request
from learn_torch.worker import confinement, listing
from learn_torch.worker.confinement import kernel
from learn_torch.worker.source import declared_lines_of

_ARITHMETIC = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor",
    "lshift", "rshift", "neg", "pos", "abs", "invert",
)  # fmt: skip
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "len": len,
    "iter": iter,
    "next": next,
    "enter": lambda value: type(value).__enter__(value),
    **{name: getattr(operator, name) for name in _ARITHMETIC},
}
_SHARE_OF_CARD = 0.5
"""The share of a real card's memory that a worker may use."""
_HELD_RESULTS = frozenset({"iter", *_ARITHMETIC})


class Worker:
    """One worker, with the objects that it holds for the judge.

    Args:
        read: the stream of requests.
        write: the stream of replies.
    """

    def __init__(self, read: IO[bytes], write: IO[bytes]) -> None:
        self._read, self._write = read, write
        self._held: dict[int, Any] = {}
        self._next = 1
        self._scratch = ""
        self._file = ""
        self._logical_device: Callable[[Any], str] = lambda tensor: str(tensor.device)

    def serve(self) -> None:
        """Answer until the judge closes the channel."""
        while True:
            try:
                request = messages.decode_request(channel.read_frame(self._read))
            except channel.ChannelError:
                return
            reply = self._reply(request)
            with contextlib.suppress(BaseException):  # the submission may have closed or replaced them
                sys.stdout.flush()
                sys.stderr.flush()
            try:
                self._write.write(channel.frame(reply))
                self._write.flush()
            except OSError:
                return

    def _reply(self, request: Request) -> bytes:
        try:
            value, deep, hold = self._do(request)
            encoder = Encoder(self.hold, self._logical_device, deep=deep)
            encoded = self.hold(value) if hold else encoder.encode(value)
            reply = messages.encode(messages.Answer(encoded))
            if len(reply) <= wire.MAX_FRAME:
                return reply
            return messages.encode(messages.Answer(self.hold(value)))
        except BaseException as error:  # every exception of the submission is an answer, SystemExit too
            return messages.encode(self._raised(error))

    def hold(self, value: Any) -> wire.Held:
        """Store `value` and return its reference."""
        number, self._next = self._next, self._next + 1
        self._held[number] = value
        return wire.Held(number, _full_name(type(value))[:500])

    def _unhold(self, held: wire.Held) -> Any:
        return self._held[held.id]

    def _do(self, request: Request) -> tuple[Any, bool, bool]:
        """Carry out a request. Returns the result, whether to fetch it deep, and whether to hold it in any case."""
        decode = Decoder(self._unhold, _finish_tensor).decode
        match request:
            case messages.Call(target, args, kwargs, hold):
                function = self._held[target]
                named = {name: decode(value) for name, value in kwargs.items()}
                return function(*[decode(value) for value in args], **named), False, hold
            case messages.Operate("exit", target, args):
                value = self._held[target]
                kind, message = (decode(arg) for arg in args)
                error = getattr(builtins, kind, RuntimeError)(message) if kind else None
                return (
                    bool(type(value).__exit__(value, type(error) if error else None, error, None)),
                    False,
                    False,
                )
            case messages.Operate(operation, target, args):
                # In a reflected operation the held object is the right operand.
                values = [self._held[target], *(decode(value) for value in args)]
                if operation.startswith("reflected "):
                    operation, values = operation.removeprefix("reflected "), values[::-1]
                return _OPERATIONS[operation](*values), False, operation in _HELD_RESULTS
            case messages.Fetch(target):
                return self._held[target], True, False
            case messages.Put(value):
                return decode(value), False, True
            case messages.IsInstance(target, name):
                return isinstance(self._held[target], _resolve(name)), False, False
            case messages.Import(name):
                return importlib.import_module(name), False, True
            case messages.Define(source, name):
                return self._define(source, name), False, True
            case messages.Load(source, name):
                return self._load(source, name), False, True
            case messages.Read(path, limit):
                with open(os.path.join(self._scratch, path), "rb") as file:
                    return file.read(limit), False, False
            case messages.Seed(seed):
                _seed(seed)
                return None, False, False
            case messages.Setup():
                return self._setup(request), False, False

    def _setup(self, setup: messages.Setup) -> str:
        self._scratch = setup.scratch
        for name in setup.imports:
            importlib.import_module(name)
        for name in setup.could_use:
            with contextlib.suppress(Exception):  # it fails again if the submission imports it
                importlib.import_module(name)
        # Seeded from the system: two forks of one process would otherwise have the same random numbers.
        seed = int.from_bytes(os.urandom(7), "little") if setup.seed is None else setup.seed
        _seed(seed)
        if setup.seed is not None:
            listing.use_an_order_of_its_own()
        device = devices.parse(setup.device)
        if device.is_simulated:
            from learn_torch.worker import simulated_cuda

            simulated_cuda.enable()
            ask = simulated_cuda.logical_device  # bound now, because a submission may replace it
            self._logical_device = lambda tensor: str(ask(tensor))
        elif device.is_card:
            import torch

            torch.backends.cuda.matmul.allow_tf32 = False
            torch.backends.cudnn.allow_tf32 = False
            torch.cuda.set_per_process_memory_fraction(_SHARE_OF_CARD, setup.device)
            # The driver must open its files before the worker is confined.
            torch.zeros(1, device=setup.device)
            torch.cuda.manual_seed_all(seed)
        if "torch" in sys.modules:  # a grader's tensors are small; a submission may set more threads
            sys.modules["torch"].set_num_threads(1)
            # It reads /proc/cpuinfo once, which a confined worker may not.
            sys.modules["torch"].backends.cpu.get_cpu_capability()
        if setup.processes and setup.confined:
            _send_tensors_by_value()
        isolation = confinement.confine(setup)
        # A card's driver keeps descriptors open; outside Linux, so does the thread that reads ahead.
        if kernel.LINUX and not device.is_card:
            confinement.close_all_but(self._read.fileno(), self._write.fileno())
        return isolation

    def _define(self, source: str, name: str) -> Any:
        file = f"<{name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        namespace: dict[str, Any] = {"__name__": "learn_definitions", "__builtins__": builtins}
        exec(compile(source, file, "exec"), namespace)
        return namespace[name]

    def _load(self, source: bytes, file: str) -> types.ModuleType:
        self._file = file
        linecache.cache[file] = (len(source), None, declared_lines_of(source), file)
        module = types.ModuleType("submission")
        module.__file__ = file
        sys.modules["submission"] = module
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
        return module

    def _raised(self, error: BaseException) -> messages.Raised:
        mro = [_full_name(kind)[:200] for kind in type(error).__mro__[:-1]]
        mro = mro[: wire.MAX_MRO // 2] + mro[-wire.MAX_MRO // 2 :] if len(mro) > wire.MAX_MRO else mro
        lines, column = [], 0
        try:
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.filename == self._file:
                    lines.append(messages.Line(frame.lineno or 0, frame.name[:200], (frame.line or "")[:500]))
            if isinstance(error, SyntaxError) and error.filename == self._file:
                text = (error.text or "").rstrip("\n").expandtabs(1)
                lines = [messages.Line(error.lineno or 0, "", text[:500])]
                column = min(max(error.offset or 0, 0), 500)
            message = str(error.msg if isinstance(error, SyntaxError) else error)
        except BaseException:  # the exception's own __str__ raised
            message = "(its message could not be made)"
        text = message.encode("utf-8", "replace").decode()[: wire.MAX_TEXT]
        if len(lines) > wire.MAX_FRAMES:  # endless recursion: keep the first and the last lines
            lines = lines[: wire.MAX_FRAMES // 2] + lines[-wire.MAX_FRAMES // 2 :]
        return messages.Raised(mro, text, lines, column)


def _finish_tensor(tensor: Any, value: wire.Tensor) -> Any:
    import torch

    if value.parameter:
        return torch.nn.Parameter(tensor, value.requires_grad)
    return tensor.requires_grad_() if value.requires_grad else tensor


def _full_name(kind: type) -> str:
    try:
        return f"{kind.__module__}.{kind.__qualname__}".encode("utf-8", "replace").decode()
    except BaseException:  # a metaclass may raise
        return "unknown"


def _resolve(name: str) -> Any:
    """The class with a full name such as `torch.utils.data.Dataset`."""
    module, _dot, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _send_tensors_by_value() -> None:
    # torch would send descriptors of shared memory over Unix sockets, which are not available here.
    from multiprocessing.reduction import ForkingPickler

    reducers = getattr(ForkingPickler, "_extra_reducers", {})
    for kind in [kind for kind in reducers if kind.__module__.partition(".")[0] == "torch"]:
        del reducers[kind]


def _seed(seed: int) -> None:
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        # torch.manual_seed would take 10 ms: it records the stack for every device type that is not initialised.
        sys.modules["torch"].default_generator.manual_seed(seed)


def forked(channel_fd: int, output_fd: int) -> None:
    """Entry function of a worker that the engine has just forked. `channel_fd` serves both directions."""
    _take_output(output_fd)
    confinement.close_all_but(channel_fd, *confinement.inherited())
    if os.name == "posix":
        os.setsid()
    with open(channel_fd, "rb", closefd=False) as read, open(channel_fd, "wb", closefd=False) as write:
        Worker(read, write).serve()


def main() -> None:
    """Entry function of a worker in a new interpreter: requests on standard input, replies on standard output."""
    confinement.die_with_parent()
    read, write = os.dup(0), os.dup(1)
    _take_output(2)
    # On Linux the kernel kills us when the judge exits. A thread there would not be confined.
    if not kernel.LINUX:
        reader, writer = os.pipe()
        import threading

        # A thread reads ahead and exits the process when the judge exits, even while the submission is busy.
        threading.Thread(target=_relay, args=(read, writer), daemon=True).start()
        read = reader
    Worker(open(read, "rb"), open(write, "wb")).serve()  # noqa: SIM115


def _relay(source: int, sink: int) -> None:
    while data := os.read(source, 1 << 16):
        view = memoryview(data)
        while view:
            view = view[os.write(sink, view) :]
    os._exit(0)


def _take_output(descriptor: int) -> None:
    """Send standard output and error to `descriptor`, and make standard input empty."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        # Line-buffered, so that printed lines are not lost if the process is killed.
        mode, buffering = ("r", -1) if number == 0 else ("w", 1)
        stream = open(number, mode, buffering, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    main()
