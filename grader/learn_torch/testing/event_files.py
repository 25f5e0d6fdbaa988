"""Reads TensorBoard's event files, from bytes that a submission wrote and may have forged.

Records are framed as in TFRecord files, https://www.tensorflow.org/tutorials/load_data/tfrecord: length (8 bytes),
checksum (4), event, checksum (4). An event is a protocol buffer.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from learn_torch.language import _
from learn_torch.testing.assertions import Mismatch

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary

_HEAD, _FRAME = 12, 16
_MOST_RECORDS = 100_000
"""Records and scalars of a file, together."""
_LARGEST_READ = 2**16
"""Bytes of an event that is unpacked. A scalar takes some dozens; two bytes can unpack to a message of a hundred."""


def read_scalars(data: bytes) -> dict[str, dict[int, list[float]]]:
    """The scalars of an event file, by tag and step, each list in the order in which they were written.

    Larger events, such as images and graphs, are skipped. Checksums are not verified, because a submission may write
    the file without TensorBoard.

    Args:
        data: from `sandbox.read`.

    Raises:
        Mismatch: it is not an event file, or it has too many records.
    """
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.event_pb2 import Event

    scalars: dict[str, dict[int, list[float]]] = {}
    start, records = 0, 0
    while start < len(data):
        if len(data) - start < _FRAME:
            raise _unreadable()
        (length,) = struct.unpack_from("<Q", data, start)
        end = start + _HEAD + length
        records += 1
        if end + _FRAME - _HEAD > len(data) or records > _MOST_RECORDS:
            raise _unreadable()
        if 0 < length <= _LARGEST_READ:
            try:
                event = Event.FromString(data[start + _HEAD : end])
            except DecodeError:
                raise _unreadable() from None
            records += len(event.summary.value)
            if records > _MOST_RECORDS:
                raise _unreadable()
            for value in event.summary.value:
                number = _number_of(value)
                if number is not None:
                    scalars.setdefault(value.tag, {}).setdefault(event.step, []).append(number)
        start = end + _FRAME - _HEAD
    return scalars


def _number_of(value: Summary.Value) -> float | None:
    """The number in a value of a summary; None if it is something else, such as an image or a histogram."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if kind == "tensor" and len(value.tensor.float_val) + len(value.tensor.double_val) == 1:
        return float([*value.tensor.float_val, *value.tensor.double_val][0])
    return None


def _unreadable() -> Mismatch:
    return Mismatch(_("an event file that cannot be read"), _("scalars"))
