"""Event files of TensorBoard's writer are read; what a hostile submission writes in their place does no harm."""

from __future__ import annotations

import math
import random
import struct
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from torch.utils.tensorboard import SummaryWriter

from learn_torch.testing import Mismatch, read_scalars


def record(event: bytes) -> bytes:
    return struct.pack("<QI", len(event), 0) + event + bytes(4)


def event(step: int, *values: Summary.Value) -> bytes:
    return record(Event(step=step, summary=Summary(value=values)).SerializeToString())


def written(folder: Path) -> bytes:
    (file,) = folder.iterdir()
    return file.read_bytes()


def test_what_the_writer_wrote(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 0.25, 1)
        writer.add_scalar("loss", 0.5, 7)
        writer.add_scalar("loss", 0.75, 7)
        writer.add_scalar("new style", 2.5, 1, new_style=True)
        writer.add_scalar("precise", 0.1, 1, new_style=True, double_precision=True)
        writer.add_scalar("not a number", math.inf, 3)
    assert read_scalars(written(tmp_path)) == {
        "loss": {1: [0.25], 7: [0.5, 0.75]},
        "new style": {1: [2.5]},
        "precise": {1: [0.1]},
        "not a number": {3: [math.inf]},
    }


def test_pictures_histograms_and_texts_are_no_scalars(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_image("noise", torch.rand(3, 300, 300))
        writer.add_histogram("weights", torch.randn(100))
        writer.add_text("note", "text")
        writer.add_scalar("loss", 1.0, 1)
    assert read_scalars(written(tmp_path)) == {"loss": {1: [1.0]}}


def test_a_file_without_anything_has_no_scalars(tmp_path: Path) -> None:
    SummaryWriter(str(tmp_path)).close()
    assert read_scalars(written(tmp_path)) == {}
    assert read_scalars(b"") == {}


def test_negative_steps_and_values_without_a_number() -> None:
    values = [
        Summary.Value(tag="a", simple_value=1.5),
        Summary.Value(tag="b"),
        Summary.Value(simple_value=2.0),
    ]
    assert read_scalars(event(-3, *values)) == {"a": {-3: [1.5]}, "": {-3: [2.0]}}


def test_a_file_that_ends_within_a_record(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 1.0, 1)
    data = written(tmp_path)
    ends = {0}
    while max(ends) < len(data):
        (length,) = struct.unpack_from("<Q", data, max(ends))
        ends.add(max(ends) + length + 16)
    for end in set(range(len(data))) - ends:
        with pytest.raises(Mismatch, match="cannot be read"):
            read_scalars(data[:end])


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, 2**64 - 16, 2**40, 100])
def test_lengths_beyond_the_file(length: int) -> None:
    with pytest.raises(Mismatch):
        read_scalars(struct.pack("<QI", length, 0) + bytes(50))


def test_random_bytes() -> None:
    rng = random.Random(0)
    for size in (1, 11, 12, 15, 16, 100, 10_000):
        with pytest.raises(Mismatch):
            read_scalars(b"\xff" + rng.randbytes(size))
    refused = 0
    for _round in range(300):
        try:
            read_scalars(record(rng.randbytes(rng.randrange(1, 60))))
        except Mismatch:
            refused += 1
    assert refused > 200


def test_texts_and_pickles_are_no_event_files() -> None:
    for data in (b'{"train_loss": 1}', b"\x80\x05]\x94.", b"text " * 1000):
        with pytest.raises(Mismatch):
            read_scalars(data)


def many(kind: str) -> Iterable[bytes]:
    """16 MiB of what costs most to read."""
    if kind == "a million empty records":
        return [bytes(16 * 2**20)]
    if kind == "a million tiny scalars":
        return [event(1, Summary.Value(tag="a", simple_value=1.0)) * 500_000]
    if kind == "records full of empty values":
        return [record(b"\x2a\x80\x80\x02" + b"\x0a\x00" * 2**14) * 500]
    if kind == "one record full of empty values":
        return [record(b"\x2a\x80\x80\x80\x08" + b"\x0a\x00" * 2**23)]
    return [event(1, Summary.Value(tag="a" * 60_000, simple_value=1.0)) * 270]


@pytest.mark.parametrize(
    "kind",
    [
        "a million empty records",
        "a million tiny scalars",
        "records full of empty values",
        "one record full of empty values",
        "long tags",
    ],
)
def test_a_hostile_file_costs_little(kind: str) -> None:
    data = b"".join(many(kind))
    started = time.process_time()
    if kind == "one record full of empty values":
        assert read_scalars(data) == {}
    elif kind == "long tags":
        assert len(read_scalars(data)) == 1
    else:
        with pytest.raises(Mismatch):
            read_scalars(data)
    assert time.process_time() - started < 5
