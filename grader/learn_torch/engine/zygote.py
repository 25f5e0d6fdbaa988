"""A process that forks others on request, and the client that asks it.

The engine is one (it forks workers and judge templates), and a judge template is one (it forks judges). Orders and
answers are typed messages over a SOCK_SEQPACKET Unix socket: a message arrives whole and can carry file descriptors.
When a client's socket closes, the processes that it had forked are killed.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import struct
from dataclasses import dataclass, field

import msgspec

from learn_torch.engine import huge_pages
from learn_torch.errors import EngineError
from learn_torch.language import _
from learn_torch.worker import confinement

_MAX_MESSAGE = 16 * 1024
_MAX_DESCRIPTORS = 8


class _Fork(msgspec.Struct, tag="fork"):
    """Fork, and call `entry` in the child with the file descriptors of this message."""

    entry: str


class _Kill(msgspec.Struct, tag="kill"):
    """Kill a child. Answer when the signal is sent, or with `wait` when the child and all its processes are gone."""

    pid: int
    wait: bool


class _Adopt(msgspec.Struct, tag="adopt"):
    """Also serve the client at the other end of this socket."""


class _Listen(msgspec.Struct, tag="listen"):
    """Also serve clients of the same user that connect to this listening socket."""


class _Gather(msgspec.Struct, tag="gather"):
    """Gather the memory in huge pages."""


class _Import(msgspec.Struct, tag="import"):
    """Import these modules; with `needed`, one that cannot be imported is an error."""

    names: list[str]
    needed: bool


class _Confine(msgspec.Struct, tag="confine"):
    """Make what all workers share."""

    base: str
    hidden: list[str]


_Order = _Fork | _Kill | _Adopt | _Listen | _Gather | _Import | _Confine


class _Forked(msgspec.Struct, tag="forked"):
    """The child is there."""

    pid: int


class _Done(msgspec.Struct, tag="done"):
    """What was ordered is done."""


class _Failed(msgspec.Struct, tag="failed"):
    """It could not be done."""

    reason: str


_Answer = _Forked | _Done | _Failed
_decode_order = msgspec.msgpack.Decoder(_Order).decode
_decode_answer = msgspec.msgpack.Decoder(_Answer).decode
_encode = msgspec.msgpack.Encoder().encode


@dataclass
class Child:
    """What a freshly forked process is to be: a dotted entry, and descriptors."""

    entry: str
    descriptors: list[int]

    def run(self) -> None:
        """Call the entry (`package.module:function`) with the descriptors."""
        module, _colon, function = self.entry.partition(":")
        import importlib

        getattr(importlib.import_module(module), function)(*self.descriptors)


@dataclass
class _Served:
    connection: socket.socket
    listening: bool = False
    children: set[int] = field(default_factory=set)


class Zygote:
    """The forking loop. `serve` returns None when its first client is gone, and a `Child` in each forked process."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._clients: dict[int, _Served] = {}

    def serve(self) -> Child | None:
        """Fork at request. One thread, no other work."""
        selector = selectors.DefaultSelector()
        self._add(selector, self._control)
        while True:
            for key, _events in selector.select():
                client = self._clients.get(key.fd)
                if client is None:
                    continue
                if client.listening:
                    self._accept(selector, client.connection)
                    continue
                try:
                    data, descriptors, _flags, _address = socket.recv_fds(
                        client.connection, _MAX_MESSAGE, _MAX_DESCRIPTORS
                    )
                except OSError:
                    data, descriptors = b"", []
                if not data:
                    self._drop(selector, client)
                    if client.connection is self._control:
                        self._kill_all()
                        return None
                    continue
                child = self._obey(selector, client, _decode_order(data), descriptors)
                if child is not None:
                    selector.close()
                    return child

    def _add(
        self, selector: selectors.BaseSelector, connection: socket.socket, *, listening: bool = False
    ) -> None:
        self._clients[connection.fileno()] = _Served(connection, listening)
        selector.register(connection, selectors.EVENT_READ)

    def _accept(self, selector: selectors.BaseSelector, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client has gone again
            connection, _address = listening.accept()
            data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            _pid, user, _group = struct.unpack("3i", data)
            if user == os.getuid():
                self._add(selector, connection)
            else:
                connection.close()

    def _obey(
        self, selector: selectors.BaseSelector, client: _Served, order: _Order, descriptors: list[int]
    ) -> Child | None:
        match order:
            case _Adopt():
                self._add(selector, socket.socket(fileno=descriptors[0]))
                return None
            case _Listen():
                self._add(selector, socket.socket(fileno=descriptors[0]), listening=True)
                return None
            case _Gather():
                gc.collect()
                huge_pages.gather()
                return None
            case _Kill(pid, wait):
                if not wait:
                    _signal(pid, client)
                    _answer(client.connection, _Done())
                if pid in client.children:
                    client.children.discard(pid)
                    self._end(pid)
                if wait:
                    _answer(client.connection, _Done())
                return None
            case _Confine(base, hidden):
                confinement.prepare(base, hidden)
                return None
            case _Import(names, needed):
                _answer(client.connection, _import_all(names, needed))
                return None
            case _Fork(entry):
                # What is there stays out of the children's garbage collection, which would copy its pages.
                gc.freeze()
                try:
                    pid = os.fork()
                except OSError as error:  # too many processes or too little memory: the client has to know
                    pid = -1
                    _answer(client.connection, _Failed(error.strerror or str(error)))
                if pid == 0:
                    confinement.die_with_parent()
                    self._leave_all()
                    return Child(entry, descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                if pid > 0:
                    client.children.add(pid)
                    _answer(client.connection, _Forked(pid))
                return None

    def _leave_all(self) -> None:
        # In a forked child: nothing of the parent's conversations stays open.
        for client in self._clients.values():
            client.connection.close()
        self._clients.clear()

    def _drop(self, selector: selectors.BaseSelector, client: _Served) -> None:
        selector.unregister(client.connection)
        del self._clients[client.connection.fileno()]
        while client.children:
            self._end(client.children.pop())
        if client.connection is not self._control:
            client.connection.close()

    def _kill_all(self) -> None:
        for client in self._clients.values():
            while client.children:
                self._end(client.children.pop())

    def _end(self, pid: int) -> None:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        # What it had started has become ours, however it hid.
        confinement.end_children({child for client in self._clients.values() for child in client.children})


def _signal(pid: int, client: _Served) -> None:
    # A child that is not yet waited for keeps its number: it cannot have been given to another process.
    if pid in client.children:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _answer(connection: socket.socket, answer: _Answer) -> None:
    with contextlib.suppress(OSError):  # a client that is gone is noticed at the next turn
        connection.send(_encode(answer))


def _import_all(names: list[str], needed: bool) -> _Answer:
    import importlib

    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a broken installation raises is for the user to read
            if needed:
                return _Failed(f"{name}: {type(error).__name__}: {error}"[:4000])
    return _Done()


class Client:
    """Asks a zygote. Use from one thread at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._connection.fileno()

    def _send(self, order: _Order, descriptors: list[int] | None = None) -> None:
        try:
            socket.send_fds(self._connection, [_encode(order)], descriptors or [])
        except OSError as error:
            raise EngineError(_("the grading engine is gone"), _("run the command again")) from error

    def _receive(self) -> _Answer:
        try:
            data = self._connection.recv(_MAX_MESSAGE)
        except OSError as error:
            raise EngineError(_("the grading engine is gone"), _("run the command again")) from error
        if not data:
            raise EngineError(
                _("the grading engine ended"), _("run the command again; `learn doctor` looks for the cause")
            )
        answer: _Answer = _decode_answer(data)
        return answer

    def ask_to_fork(self, entry: str, descriptors: list[int]) -> None:
        """Ask for a child; `forked_pid` says which it became."""
        self._send(_Fork(entry), descriptors)

    def forked_pid(self) -> int:
        """The number of the child that was asked for. Raises EngineError."""
        answer = self._receive()
        if isinstance(answer, _Failed):
            raise EngineError(
                _("no process can be started: {error}").format(error=answer.reason),
                _("end other programs, or try again later"),
            )
        assert isinstance(answer, _Forked)
        return answer.pid

    def kill(self, pid: int, *, wait: bool = False) -> None:
        """Kill a child that this client asked for, and all that it started.

        Args:
            pid: the child.
            wait: return when it is gone with everything that it started; else when it has been killed, which takes
                a large process some time to be gone from.
        """
        with contextlib.suppress(EngineError):  # then it is dead already
            self._send(_Kill(pid, wait))
            self._receive()

    def prepare_confinement(self, base: str, hidden: list[str]) -> None:
        """Have made what all workers share."""
        self._send(_Confine(base, hidden))

    def connect(self) -> Client:
        """Another conversation with the zygote. What is asked for in it ends with it."""
        ours, theirs = control_pair()
        try:
            with theirs:
                self._send(_Adopt(), [theirs.fileno()])
        except EngineError:
            ours.close()
            raise
        return Client(ours)

    def listen(self, listening: socket.socket) -> None:
        """Let the zygote serve clients that connect to a listening socket."""
        self._send(_Listen(), [listening.fileno()])

    def gather_memory(self) -> None:
        """Have the memory gathered in huge pages, before anything more is forked."""
        self._send(_Gather())

    def import_modules(self, names: list[str], *, needed: bool = True) -> None:
        """Have modules imported. Raises EngineError with the reason where one cannot be and is `needed`."""
        self._send(_Import(names, needed))
        answer = self._receive()
        if isinstance(answer, _Failed):
            raise EngineError(
                _("the grading engine cannot import {what}").format(what=answer.reason),
                _("`learn doctor` looks for the cause"),
            )

    def close(self) -> None:
        """End the conversation, and with it every child that was asked for in it."""
        self._connection.close()


def control_pair() -> tuple[socket.socket, socket.socket]:
    """A connected pair of sockets for a client and a zygote."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
