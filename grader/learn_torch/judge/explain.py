"""The text under a failing check: what was asked, what came back, what was expected."""

from __future__ import annotations

import ast
import linecache
import re
import textwrap
from collections.abc import Collection
from itertools import groupby
from typing import NamedTuple

import pytest

from learn_torch.escaping import harmless, harmless_line, printable
from learn_torch.judge.misspelt import misspelt
from learn_torch.judge.places import Places
from learn_torch.judge.plain_words import in_plain_words
from learn_torch.judge.refusals import refusal
from learn_torch.judge.unknown_names import meant
from learn_torch.language import _
from learn_torch.session.describe import describe
from learn_torch.session.faults import ImportFailed, MissingName, RemoteError, WorkerLost
from learn_torch.session.session import Session
from learn_torch.testing.assertions import Mismatch
from learn_torch.wire import messages
from learn_torch.wire.channel import OUTPUT_LIMIT
from learn_torch.worker.source import lines_of

_LONGEST = 4000
_LONGEST_CAUSE = 120
_LONGEST_ERROR = 2000
"""Of an exception's text. A longer one leaves no room for the line that raised it."""
_STUB = re.compile(r"\s*raise NotImplementedError\s*(?:\(\s*\))?\s*(?:#.*)?$")
_CALLED_WRONGLY = re.compile(r"\b(takes|missing|unexpected keyword|multiple values|not callable)\b")


class Explanation(NamedTuple):
    """Why a check failed.

    Args:
        message: for the learner: what was asked, what came back, what was expected.
        cause: a key that is the same for all checks which fail for the same reason; empty for a wrong value, which is
            a check's own. `CheckReport.cause` lists the kinds.
        reason: the part of the message that holds for each of them.
    """

    message: str
    cause: str = ""
    reason: str = ""


def failure(error: BaseException, session: Session, grader: Collection[str]) -> Explanation:
    """Explain a check that failed with `error`. `grader` holds the files of the grader and its fixtures."""
    places = Places(session.given, session.scratch)
    message, cause, reason = _failure(error, session, grader, places)
    if session.without_cuda:
        message += "\n" + _("(This was on a machine without CUDA.)")
    shown = (harmless(places.named(text))[:_LONGEST] for text in (message, reason))
    return Explanation(next(shown), harmless_line(cause)[:_LONGEST_CAUSE], next(shown))


def grader_error(error: BaseException, grader: Collection[str]) -> Explanation:
    """Explain to an author that the grader raised by itself, with the last line of the traceback in `grader`."""
    where = ""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename in grader:
            where = f" (line {trace.tb_lineno} of {frame.f_code.co_filename})"
        trace = trace.tb_next
    text = _("the grader itself broke: {error}").format(error=f"{type(error).__name__}: {error}")
    text = harmless(text + where)[:_LONGEST]
    return Explanation(text, harmless_line(f"grader:{text}")[:_LONGEST_CAUSE], text)


def output(text: str, dropped: int, session: Session) -> str:
    """What the submission printed, safe to show."""
    shown = harmless(Places(session.given, session.scratch).named(text))
    # Escaped before it is cut: an escape is longer than what it stands for.
    dropped += max(len(shown) - OUTPUT_LIMIT, 0)
    more = "\n" + _("… and {n} bytes more").format(n=dropped) if dropped else ""
    return shown[:OUTPUT_LIMIT] + more


def _failure(error: BaseException, session: Session, grader: Collection[str], places: Places) -> Explanation:
    match error:
        case Mismatch():
            return _mismatch(error, session, places)
        case MissingName():
            text = _("{file} defines no `{name}`: the exercise asks for it by exactly this name").format(
                file=session.file, name=error.name
            )
            return Explanation(text, f"missing:{error.name}", text)
        case WorkerLost():
            return _lost(error, session)
        case ImportFailed():
            text = _not_imported(error.error, session)
            return Explanation(text, "import", text)
        case RemoteError():
            return _raised(error, session, grader)
    if isinstance(error, pytest.fail.Exception) and "DID NOT RAISE" in str(error.msg):
        wanted = (
            str(error.msg).replace("DID NOT RAISE", "").strip().removeprefix("<class '").removesuffix("'>")
        )
        return Explanation(
            _lines(
                *_asked(session, places),
                (_("came back"), describe(session.last_reply)),
                (_("expected"), _("an exception: {name}").format(name=wanted)),
            )
        )
    if isinstance(error, AssertionError | pytest.fail.Exception):
        text = str(error) or _("this is not what the check expects")
    elif isinstance(error, MemoryError):
        text = _("what came back takes more memory than a check may use")
    else:
        text = _("what came back cannot be used: {error}").format(error=f"{type(error).__name__}: {error}")
    message = _lines(*_asked(session, places), (_("came back"), describe(session.last_reply)), ("", text))
    if (
        session.last_reply is None
        and session.last_call
        and not isinstance(error, AssertionError | MemoryError)
    ):
        return Explanation(message, *_wrong_type(session, "NoneType", ""))
    return Explanation(message)


def _mismatch(error: Mismatch, session: Session, places: Places) -> Explanation:
    message = _lines(
        *_asked(session, places),
        (_("came back"), error.came_back),
        (_("expected"), error.expected),
        ("", error.detail),
    )
    kinds = error.kinds
    if session.last_call and session.last_reply is None and error.came_back == describe(None):
        kinds = ("NoneType", "")  # a grader that compares in its own words names no types
    return Explanation(message, *(_wrong_type(session, *kinds) if kinds else ()))


def _wrong_type(session: Session, found: str, wanted: str) -> tuple[str, str]:
    """The cause of a reply of a wrong type, and the reason in words."""
    function = _asked_of(session.last_call)
    if found == "NoneType":
        text = _("`{name}` gave back None: is there a `return` on every way through it?")
        return f"type:{function}:None", text.format(name=function)
    if found == wanted:
        text = _("the {kind} that `{name}` gave back is too long, or nested too deep, to be compared")
        return f"type:{function}:{found}:{wanted}", text.format(kind=found, name=function)
    text = _("`{name}` gave back a value of type {found}; expected {wanted}")
    return f"type:{function}:{found}:{wanted}", text.format(name=function, found=found, wanted=wanted)


def _asked_of(call: str) -> str:
    """What a call was made of, with earlier arguments left out: `f`, `Net(…)`, `FolderDataset(…)[…]`.

    The text of a long call is cut, and may end within its arguments.
    """
    depth, shown = 0, ""
    for sign in re.sub(r"'(?:[^'\\]|\\.)*('|$)", "", call):
        depth -= sign in ")]"
        if not depth:
            shown += f"…{sign}" if sign in ")]" else sign
        depth += sign in "(["
    return shown.removesuffix("(…)") if depth <= 0 else shown[:-1]


def _asked(session: Session, places: Places) -> list[tuple[str, str]]:
    """The last call, and what is in the folders that it names."""
    files = [(_("files"), line) for line in places.contents(session.last_call)]
    return [(_("asked"), session.last_call), *files]


def _lines(*parts: tuple[str, str]) -> str:
    width = max(len(name) for name, _text in parts)
    return "\n".join(
        f"{name:<{width}}  {_under(text, width + 2)}" if name else textwrap.indent(text, "  ")
        for name, text in parts
        if text
    )


def _under(text: str, columns: int) -> str:
    """`text`, with its further lines indented: no text of a submission looks like a line of the message."""
    return text.replace("\n", "\n" + " " * columns)


def _cut(error: RemoteError) -> str:
    text = str(error)
    return text if len(text) <= _LONGEST_ERROR else text[:_LONGEST_ERROR] + "…"


def _lost(lost: WorkerLost, session: Session) -> Explanation:
    importing = lost.detail == "import"
    asked = [] if importing or not session.asking else [(_("asked"), session.asking)]
    if lost.kind == "time":
        seconds = f"{max(lost.seconds, 0.1):.1f}".removesuffix(".0")
        text = (
            _("importing {file} took longer than {s} seconds: does a loop never end?")
            if importing
            else _("there was no answer within {s} seconds: does a loop never end?")
        ).format(file=session.file, s=seconds)
        if lost.busy:
            text += "\n" + _(
                "(The machine was busy. The time that your code waited for a processor is not counted.)"
            )
    elif lost.kind == "no time left":
        text = _("no time was left for this check: the ones before took it all")
    elif lost.kind == "ended":
        text = (
            _("{file} ended its own process while it was imported")
            if importing
            else _("the process ended: was it `exit()`, or was there too little memory?")
        ).format(file=session.file)
    elif lost.kind == "garbage":
        text = _("the answer could not be read: {detail}").format(detail=lost.detail)
    else:
        text = {
            "memory": _("it took more memory than the exercise allows"),
            "threads": _("it started more threads than a check may have"),
            "disk": _("it wrote more to disk than a check may"),
            "files": _("it made more files than a check may"),
            "answers": _("its answers are larger than a check may give"),
        }[lost.kind]
    message = _lines(*asked, (_("came back"), text)) if asked else text
    if lost.kind == "no time left":
        return Explanation(message, "lost:no time left", text)
    function = session.asking.partition("(")[0]
    return Explanation(message, "import" if importing else f"lost:{lost.kind}:{function}", text)


def _not_imported(error: RemoteError, session: Session) -> str:
    if error.column or "builtins.SyntaxError" in error.mro:
        return syntax_error(error, session.file)
    if error.kind == "SystemExit":
        return _("{file} calls exit while it is imported").format(file=session.file) + _trace(error.lines)
    text = _("{file} cannot be imported: {error}").format(file=session.file, error=_under(_cut(error), 2))
    return text + _trace(error.lines) + _remarks(error, session)


def _raised(error: RemoteError, session: Session, grader: Collection[str]) -> Explanation:
    if (line := _unwritten(error)) is not None:
        name = _qualified(line, session.source)
        text = _("`{name}` is not written yet: line {n} still raises NotImplementedError")
        text = text.format(name=name, n=line.number)
        return Explanation(text, f"unwritten:{name}", text)
    about = _trace(error.lines) + _remarks(error, session)
    text = _lines(
        (_("asked"), session.last_call), (_("came back"), _("it raised {error}").format(error=_cut(error)))
    )
    text += about
    if wanted := _wanted_exception(error, grader):
        text += "\n" + _lines((_("expected"), _("an exception: {name}").format(name=wanted)))
    # Without a line the text tells; how many arguments were given is no matter.
    place = f"line {error.lines[-1].number}" if error.lines else re.sub(r"\d+", "N", error.message)
    reason = f"{_under(_cut(error), 2)}{about}" if error.lines else text
    return Explanation(text, f"exception:{error.kind[:60]}:{place}", reason)


def _unwritten(error: RemoteError) -> messages.Line | None:
    """The line of the stub that still raises, if that is what happened.

    A stub raises without a text, or says TODO. Another text is the learner's own; and torch raises it for what it does
    not have.
    """
    if error.kind != "NotImplementedError" or not error.lines:
        return None
    bare = not error.message and _STUB.match(error.lines[-1].text)
    return error.lines[-1] if bare or error.message.startswith("TODO") else None


def _qualified(line: messages.Line, source: bytes) -> str:
    """The function of this line; for a method, with its class."""
    lines = lines_of(source)[: line.number]
    indent = len(line.text) - len(line.text.lstrip()) if line.text[:1].isspace() else 0
    for text in reversed(lines):
        found = re.match(r"([ \t]*)(?:(class)|(?:async )?def)[ \t]+(\w+)", text)
        if found and found[2] and found[3] and len(found[1]) < max(indent, 5):
            return f"{found[3]}.{printable(line.function)}"
        if found and not found[1]:
            break
    return printable(line.function)


def _remarks(error: RemoteError, session: Session) -> str:
    """What else there is to say about an exception, each on a line of its own."""
    remarks = [
        in_plain_words(error)
        or meant(error, session.source)
        or refusal(error, session.source, processes=session.processes)
    ]
    if not error.lines and error.kind in ("TypeError", "NotImplementedError"):
        found = misspelt(session.source.decode("utf-8", "replace"), error.message)
        if found is not None:
            remarks.append(
                _("Line {n} defines `{written}`: is `{meant}` meant?").format(
                    n=found.line, written=found.written, meant=found.meant
                )
            )
        elif error.kind == "TypeError" and _CALLED_WRONGLY.search(error.message):
            remarks.append(_("It cannot be called like this: compare its parameters with the statement."))
    return "".join(f"\n{remark}" for remark in remarks if remark)


def _wanted_exception(error: BaseException, grader: Collection[str]) -> str:
    """The exception that a `pytest.raises` around the failing line of the grader expected; empty without one."""
    wanted, trace = "", error.__traceback__
    while trace is not None:
        code, line = trace.tb_frame.f_code, trace.tb_lineno
        lines = linecache.getlines(code.co_filename)
        if code.co_filename in grader and lines:
            for node in ast.walk(ast.parse("".join(lines))):
                if isinstance(node, ast.With) and node.body[0].lineno <= line <= (node.end_lineno or 0):
                    for item in node.items:
                        call = item.context_expr
                        if (
                            isinstance(call, ast.Call)
                            and call.args
                            and ast.unparse(call.func) == "pytest.raises"
                        ):
                            wanted = ast.unparse(call.args[0])
        trace = trace.tb_next
    return wanted


def syntax_error(error: RemoteError, file: str) -> str:
    """The message for a submission, with this file name, that is not valid Python. It is safe to show."""
    text = _("{file} is not valid Python: {error}").format(file=file, error=_under(_cut(error), 2))
    line = error.lines[-1] if error.lines else None
    if line is not None and line.number > 0:  # an unknown encoding has no line
        shown = line.text.lstrip()
        caret = " " * max(error.column - 1 - (len(line.text) - len(shown)), 0) + "^"
        place = _("line {n}").format(n=line.number)
        text = f"{text}\n  {place}\n    {_under(shown, 4)}\n    {caret}"
    return harmless(text)[:_LONGEST]


def _trace(lines: tuple[messages.Line, ...]) -> str:
    shown: list[str] = []
    for line, same in groupby(lines):
        place = _("line {n}").format(n=line.number)
        if line.function not in ("<module>", ""):
            place = _("line {n}, in {name}").format(n=line.number, name=printable(line.function))
        times = len(list(same))
        again = "  " + _("(again and again)") if times > 2 else ""
        shown.append(f"\n  {place}{again}\n    {_under(line.text, 4)}")
    return "".join(shown)
