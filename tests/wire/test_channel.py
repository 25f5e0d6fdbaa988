"""Frames arrive complete or not at all, within limits of size and time, and 64 KB of output are kept."""

from __future__ import annotations

import contextlib
import os
import struct
import time
from collections.abc import Iterator

import pytest

from learn_torch import wire
from learn_torch.wire import channel
from learn_torch.wire.channel import Channel, ChannelClosed, ChannelError, ChannelTimeout


class Other:
    """The worker's ends of the three pipes."""

    def __init__(self) -> None:
        self.judge_reads, self.write = os.pipe()
        self.read, self.judge_writes = os.pipe()
        self.judge_output, self.output = os.pipe()


@pytest.fixture(params=["selector", "threaded"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Channel, Other]]:
    other = Other()
    ours: Channel
    if request.param == "selector":
        ours = channel.SelectorChannel(other.judge_reads, other.judge_writes, other.judge_output)
    else:
        ours = channel.ThreadedChannel(
            os.fdopen(other.judge_reads, "rb"),
            os.fdopen(other.judge_writes, "wb"),
            os.fdopen(other.judge_output, "rb"),
        )
    yield ours, other
    for descriptor in (other.write, other.read, other.output):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    ours.close()


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_frames_cross_both_ways(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    ours.send(b"question", soon())
    assert os.read(other.read, 100) == channel.frame(b"question")
    os.write(other.write, channel.frame(b"answer"))
    assert ours.receive(soon()) == b"answer"


def test_a_frame_in_pieces_is_put_together(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    for piece in channel.frame(b"answer"):
        os.write(other.write, bytes([piece]))
    assert ours.receive(soon()) == b"answer"


def test_a_message_that_nobody_asked_for_is_no_answer_to_the_next_question(
    ends: tuple[Channel, Other],
) -> None:
    ours, other = ends
    os.write(other.write, channel.frame(b"forged"))
    time.sleep(0.05)
    with pytest.raises(ChannelError, match="without a request"):
        ours.send(b"question", soon())


def test_silence_ends_at_the_deadline(ends: tuple[Channel, Other]) -> None:
    ours, _other = ends
    with pytest.raises(ChannelTimeout):
        ours.receive(soon(0.05))


def test_half_a_frame_ends_at_the_deadline(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    os.write(other.write, struct.pack(">I", 10) + b"half")
    with pytest.raises(ChannelTimeout):
        ours.receive(soon(0.05))


def test_a_worker_that_does_not_read_cannot_hold_the_judge(ends: tuple[Channel, Other]) -> None:
    ours, _other = ends
    with pytest.raises(ChannelTimeout):
        ours.send(b"x" * 10_000_000, soon(0.05))


def test_a_length_beyond_the_limit_is_refused_before_anything_is_read(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    os.write(other.write, struct.pack(">I", wire.MAX_FRAME + 1))
    with pytest.raises(ChannelError, match="allowed"):
        ours.receive(soon())


def test_a_worker_that_is_gone_is_noticed(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    os.close(other.write)
    with pytest.raises(ChannelClosed):
        ours.receive(soon())


def test_output_is_kept_up_to_the_limit_and_counted_beyond(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    # As much as fits in a pipe each time; the judge reads in between.
    for _ in range(4):
        os.write(other.output, b"a" * 40_000)
        os.write(other.write, channel.frame(b"reply"))
        ours.receive(soon())
        time.sleep(0.02)
    text, dropped = ours.take_output()
    assert len(text) == channel.OUTPUT_LIMIT
    assert dropped == 160_000 - channel.OUTPUT_LIMIT
    assert ours.take_output() == ("", 0)


def test_output_that_is_no_utf8_is_kept_readable(ends: tuple[Channel, Other]) -> None:
    ours, other = ends
    os.write(other.output, b"ok \xff\xfe")
    time.sleep(0.02)
    assert ours.take_output()[0] == "ok \ufffd\ufffd"
