"""The text under a failing check: what was asked, what came back, what was expected."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Collection
from itertools import groupby

import pytest

from learn_torch.escaping import harmless
from learn_torch.language import _
from learn_torch.session.describe import describe
from learn_torch.session.faults import ImportFailed, MissingName, RemoteError, WorkerLost
from learn_torch.session.session import Session
from learn_torch.testing.assertions import Mismatch
from learn_torch.wire import messages
from learn_torch.wire.channel import OUTPUT_LIMIT

_LONGEST = 4000
_CALLED_WRONGLY = re.compile(r"\b(takes|missing|unexpected keyword|multiple values|not callable)\b")


def failure(error: BaseException, session: Session, grader: Collection[str]) -> str:
    """The message for a check that failed with `error`. `grader` holds the files of the grader and its fixtures."""
    text = _failure(error, session, grader)
    if session.without_cuda:
        text += "\n" + _("(This was on a machine without CUDA.)")
    return harmless(text)[:_LONGEST]


def grader_error(error: BaseException, grader: Collection[str]) -> str:
    """The message for an author whose grader raised by itself, with the last line of the traceback in `grader`."""
    where = ""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename in grader:
            where = f" (line {trace.tb_lineno} of {frame.f_code.co_filename})"
        trace = trace.tb_next
    text = _("the grader itself broke: {error}").format(error=f"{type(error).__name__}: {error}")
    return harmless(text + where)[:_LONGEST]


def output(text: str, dropped: int) -> str:
    """What the submission printed, safe to show."""
    shown = harmless(text)
    # Escaped before it is cut: an escape is longer than what it stands for.
    dropped += max(len(shown) - OUTPUT_LIMIT, 0)
    more = "\n" + _("… and {n} bytes more").format(n=dropped) if dropped else ""
    return shown[:OUTPUT_LIMIT] + more


def _failure(error: BaseException, session: Session, grader: Collection[str]) -> str:
    match error:
        case Mismatch():
            return _lines(
                (_("asked"), session.last_call),
                (_("came back"), error.came_back),
                (_("expected"), error.expected),
                ("", error.detail),
            )
        case MissingName():
            return _("{file} defines no `{name}`: the exercise asks for it by exactly this name").format(
                file=session.file, name=error.name
            )
        case WorkerLost():
            return _lost(error, session)
        case ImportFailed():
            return _not_imported(error.error, session)
        case RemoteError():
            return _raised(error, session, grader)
    if isinstance(error, pytest.fail.Exception) and "DID NOT RAISE" in str(error.msg):
        wanted = (
            str(error.msg).replace("DID NOT RAISE", "").strip().removeprefix("<class '").removesuffix("'>")
        )
        return _lines(
            (_("asked"), session.last_call),
            (_("came back"), describe(session.last_reply)),
            (_("expected"), _("an exception: {name}").format(name=wanted)),
        )
    if isinstance(error, AssertionError | pytest.fail.Exception):
        text = str(error)
    elif isinstance(error, MemoryError):
        text = _("what came back takes more memory than a check may use")
    else:
        text = _("what came back cannot be used: {error}").format(error=f"{type(error).__name__}: {error}")
    return _lines((_("asked"), session.last_call), (_("came back"), describe(session.last_reply)), ("", text))


def _lines(*parts: tuple[str, str]) -> str:
    width = max(len(name) for name, _text in parts)
    return "\n".join(f"{name:<{width}}  {text}" if name else f"  {text}" for name, text in parts if text)


def _lost(lost: WorkerLost, session: Session) -> str:
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
    return _lines(*asked, (_("came back"), text)) if asked else text


def _not_imported(error: RemoteError, session: Session) -> str:
    if error.column or "builtins.SyntaxError" in error.mro:
        return syntax_error(error, session.file)
    if error.name == "SystemExit":
        return _("{file} calls exit while it is imported").format(file=session.file) + _trace(error.lines)
    text = _("{file} cannot be imported: {error}").format(file=session.file, error=error)
    return text + _trace(error.lines)


def _raised(error: RemoteError, session: Session, grader: Collection[str]) -> str:
    # torch raises NotImplementedError, too, for operations that it does not have.
    if error.name == "NotImplementedError" and error.lines and "raise NotImpl" in error.lines[-1].text:
        line = error.lines[-1]
        return _("`{name}` is not written yet: line {n} still raises NotImplementedError").format(
            name=line.function, n=line.number
        )
    text = _("it raised {error}").format(error=error)
    if error.name == "TypeError" and not error.lines and _CALLED_WRONGLY.search(error.message):
        text += "\n" + _("It cannot be called like this: compare its parameters with the statement.")
    head = _lines((_("asked"), session.last_call), (_("came back"), text)) + _trace(error.lines)
    if wanted := _wanted_exception(error, grader):
        head += "\n" + _lines((_("expected"), _("an exception: {name}").format(name=wanted)))
    return head


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
    """The message for a submission, with this file name, that is not valid Python."""
    text = _("{file} is not valid Python: {error}").format(file=file, error=error)
    if not error.lines:
        return text
    line = error.lines[-1]
    shown = line.text.lstrip()
    caret = " " * max(error.column - 1 - (len(line.text) - len(shown)), 0) + "^"
    return f"{text}\n  {_('line {n}').format(n=line.number)}\n    {shown}\n    {caret}"


def _trace(lines: tuple[messages.Line, ...]) -> str:
    shown: list[str] = []
    for line, same in groupby(lines):
        place = _("line {n}").format(n=line.number)
        if line.function not in ("<module>", ""):
            place = _("line {n}, in {name}").format(n=line.number, name=line.function)
        times = len(list(same))
        again = "  " + _("(again and again)") if times > 2 else ""
        shown.append(f"\n  {place}{again}\n    {line.text}")
    return "".join(shown)
