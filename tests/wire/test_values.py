"""Values that are sent by value come back equal and with exactly the same type; everything else is held."""

from __future__ import annotations

import collections
import enum
import pathlib
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image

from learn_torch import wire
from learn_torch.session.proxies import remember_origin
from learn_torch.wire import messages
from learn_torch.wire.decoding import Decoder
from learn_torch.wire.encoding import Encoder


class _Held:
    def __init__(self, held: wire.Held) -> None:
        self.name = held.kind


def cross(value: Any, *, deep: bool = False) -> Any:
    encoder = Encoder(
        lambda thing: wire.Held(1, type(thing).__name__), lambda tensor: str(tensor.device), deep=deep
    )
    data = messages.encode(messages.Answer(encoder.encode(value)))
    reply = messages.decode_reply(data)
    assert isinstance(reply, messages.Answer)
    return Decoder(_Held, remember_origin).decode(reply.value)


PLAIN = [
    None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**64, -(10**300), 1.5, float("inf"), -0.0, 1 + 2j,
    "", "text", "图片", "\ud800 lone", b"", b"bytes", (), (1, "a", (2.0,)), [], [1, [2, [3]]], {}, {"a": [1], 2: (3,)},
    set(), {1, 2}, frozenset({"x"}), slice(1, None, 2), range(3, 30, 4), pathlib.Path("a/b"), torch.Size([2, 3]),
    torch.float32, torch.bfloat16, torch.device("cpu"), torch.device("cuda", 1), np.float32(1.5), np.int64(3),
    np.bool_(True),
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: f"{type(value).__name__} {value!r:.30}")
def test_plain_values_cross_as_they_are(value: Any) -> None:
    back = cross(value)
    assert type(back) is type(value)
    assert back == value


def test_nan_crosses_as_nan() -> None:
    assert np.isnan(cross(float("nan")))


def test_dicts_keep_their_order() -> None:
    assert list(cross({"b": 1, "a": 2})) == ["b", "a"]


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.uint8,
        torch.bool,
        torch.complex64,
    ],
)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3), (1,)])
def test_tensors_cross_with_dtype_and_shape(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    tensor = (torch.rand(shape) * 5).to(dtype)
    back = cross(tensor)
    assert back.dtype == dtype
    assert back.shape == tensor.shape
    assert torch.equal(back, tensor)


def test_a_tensor_that_is_a_view_crosses_by_its_values() -> None:
    tensor = torch.arange(12.0).reshape(3, 4).t()[1:, ::2]
    assert torch.equal(cross(tensor), tensor)


def test_a_tensor_says_whether_it_required_gradients_and_where_it_was() -> None:
    back = cross(torch.ones(2, requires_grad=True))
    assert back.learn_origin.requires_grad
    assert back.learn_origin.device == "cpu"
    assert not back.requires_grad


def test_numpy_arrays_cross() -> None:
    for array in (
        np.arange(6).reshape(2, 3).T,
        np.array(3.5),
        np.zeros((0, 2), np.uint8),
        np.arange(3, dtype=">i2"),
    ):
        back = cross(array)
        assert back.shape == array.shape
        assert np.array_equal(back, array)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "HSV", "YCbCr"])
def test_pictures_cross_with_mode_size_and_pixels(mode: str) -> None:
    picture = Image.effect_noise((13, 7), 80).convert("RGB")
    picture = (
        picture.quantize(8)
        if mode == "P"
        else picture.convert("RGBA" if mode == "RGBA" else "L" if mode in "1LALAIF" else "RGB").convert(mode)
    )
    back = cross(picture)
    assert (back.mode, back.size) == (mode, (13, 7))
    assert back.tobytes() == picture.tobytes()
    if mode == "P":
        assert back.convert("RGB").tobytes() == picture.convert("RGB").tobytes()


class Colour(enum.IntEnum):
    RED = 1


class MyInt(int):
    pass


class Pair(NamedTuple):
    a: int
    b: int


HELD = [
    torch.nn.Linear(2, 2), torch.nn.Parameter(torch.ones(2)), torch.ones(2, requires_grad=True) * 2, Colour.RED,
    MyInt(3), collections.OrderedDict(a=1), Pair(1, 2), object(), len, iter([1]),
    torch.ones(2).to_sparse(), torch.empty(2, device="meta"), np.array(["a"]), np.array([object()]),
]  # fmt: skip


@pytest.mark.parametrize("value", HELD, ids=lambda value: type(value).__name__)
def test_everything_else_stays_and_is_held(value: Any) -> None:
    assert type(cross(value)) is _Held


def test_inside_a_container_only_what_cannot_cross_is_held() -> None:
    linear, number = cross((torch.nn.Linear(1, 1), 3))
    assert (type(linear), number) == (_Held, 3)


def test_fetching_reaches_parameters_history_and_subclasses() -> None:
    parameter = cross(torch.nn.Parameter(torch.ones(2)), deep=True)
    assert parameter.learn_origin.parameter
    assert torch.equal(parameter, torch.ones(2))
    assert torch.equal(cross(torch.ones(2, requires_grad=True) * 2, deep=True), torch.full((2,), 2.0))
    assert cross(MyInt(3), deep=True) == 3
    assert cross(collections.OrderedDict(a=1), deep=True) == {"a": 1}
    assert cross(torch.Size([1, 2]), deep=True) == torch.Size([1, 2])


class LoudTensor(torch.Tensor):
    """A subclass that intercepts every operation."""

    @classmethod
    def __torch_function__(cls, *_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError("asked")

    shape = torch.Size([99])


def test_a_tensor_of_a_subclass_is_fetched_by_its_base() -> None:
    fetched = cross(torch.ones(2, 3).as_subclass(LoudTensor), deep=True)
    assert type(fetched) is torch.Tensor
    assert torch.equal(fetched, torch.ones(2, 3))
    assert type(cross(torch.ones(2).as_subclass(LoudTensor))).__name__ == "_Held"


def test_a_lying_subclass_is_fetched_by_its_base() -> None:
    class Liar(list):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            return iter(["expected"])

        def __len__(self) -> int:
            return 1

    assert cross(Liar([1, 2]), deep=True) == [1, 2]


def test_a_list_that_holds_itself_is_held_at_a_depth() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert isinstance(cross(endless), list)


LIES: list[wire.Value] = [
    wire.Tensor("float32", [2, 3], b"1234", "cpu", False, False),
    wire.Tensor("float32", [-1], b"", "cpu", False, False),
    wire.Tensor("float32", [2**62, 4], b"", "cpu", False, False),
    wire.Tensor("object", [1], b"12345678", "cpu", False, False),
    wire.Tensor("__class__", [1], b"1", "cpu", False, False),
    wire.Array("O", [1], b"12345678", False),
    wire.Array("garbage", [1], b"1", False),
    wire.Array("<f8", [3], b"1", False),
    wire.Picture("RGB", (10**6, 10**6), b"123", None),
    wire.Picture("evil", (1, 1), b"1", None),
    wire.Dict([1]),
    wire.Dict([wire.List([]), 1]),
    wire.Set([wire.List([])], False),
    wire.Range(0, 1, 0),
    wire.Device("gpu please"),
    wire.DType("os"),
    wire.BigInt(b"1" * 10_000),
]


@pytest.mark.parametrize("value", LIES, ids=repr)
def test_metadata_that_does_not_fit_the_bytes_is_a_bad_message(value: wire.Value) -> None:
    with pytest.raises(wire.BadMessage):
        Decoder(_Held, remember_origin).decode(value)


def test_nesting_is_bounded() -> None:
    value: wire.Value = 1
    for _ in range(wire.MAX_DEPTH + 5):
        value = wire.List([value])
    with pytest.raises(wire.BadMessage):
        Decoder(_Held, remember_origin).decode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"garbage",
        b"\x91" * 100_000,
        b"\xdd\xff\xff\xff\xff",
        messages.encode(messages.Read("x", 1)),
    ],
    ids=["empty", "reserved", "text", "deep", "long", "a request"],
)
def test_garbage_is_no_reply(data: bytes) -> None:
    with pytest.raises(wire.BadMessage):
        messages.decode_reply(data)


def test_colliding_keys_are_refused_and_ordinary_ones_are_not() -> None:
    step = 2**61 - 1  # ints that differ by this have the same hash
    colliding: list[wire.Value] = [n * step for n in [1, 2, 3] * 20]
    for value in (wire.Set(colliding, False), wire.Dict([part for key in colliding for part in (key, 0)])):
        with pytest.raises(wire.BadMessage, match="same hash"):
            Decoder(_Held, remember_origin).decode(value)
    ordinary = {n: str(n) for n in range(-500, 500)} | dict.fromkeys("abc")
    assert cross(ordinary) == ordinary


def test_what_has_too_many_items_is_held() -> None:
    assert isinstance(cross(list(range(wire.MAX_ITEMS + 1))), _Held)
    assert isinstance(cross(list(range(wire.MAX_ITEMS))), list)
    half = list(range(wire.MAX_ITEMS // 2 + 1))
    assert [type(part) for part in cross((half, half))] == [list, _Held]


LARGE: list[Any] = [
    [["text"] * 30_000, (1.5, None, True), {"key": slice(1, None, 2)}, "x" * 2_000_000],
    torch.arange(1_000_000),
    (np.zeros((600, 600)), b"y" * 1_500_000, {1, 2, frozenset({3})}, 2**100, torch.Size([1, 2]), range(5)),
]


@pytest.mark.parametrize("value", LARGE, ids=["containers", "a tensor", "a mixture"])
def test_a_large_message_is_unpacked_like_a_small_one(value: Any) -> None:
    encoder = Encoder(lambda thing: wire.Held(0, type(thing).__name__), lambda tensor: "cpu")
    reply = messages.encode(messages.Answer(encoder.encode(value)))
    assert len(reply) > 2**20
    back = messages.decode_reply(reply)
    assert isinstance(back, messages.Answer)
    found = Decoder(_Held, remember_origin).decode(back.value)
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "part",
    [b"\x92\xa4list\x90", b"\x93\xa3set\x91\xc0\xc2", b"\xa1x", b"\xc0", b"\x92\xa4list\x91" * 60 + b"\xc0"],
    ids=["lists", "sets", "texts", "nothings", "deep ones"],
)
def test_a_large_message_of_many_small_parts_is_refused_before_they_are_made(part: bytes) -> None:
    import tracemalloc

    number = 2**24 // len(part)
    data = b"\x92\xa6answer\x92\xa4list\xdd" + number.to_bytes(4, "big") + part * number
    tracemalloc.start()
    try:
        with pytest.raises(wire.BadMessage):
            messages.decode_reply(data)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Without the limit there would be about a hundred bytes of objects per byte of the message.
    assert peak < 4 * len(data)


@pytest.mark.parametrize(
    "reply",
    [
        messages.Raised(["x" * 501], "", []),
        messages.Raised(["x"] * (wire.MAX_MRO + 1), "", []),
        messages.Raised(["x"], "y" * (wire.MAX_TEXT + 1), []),
        messages.Raised(["x"], "", [messages.Line(1, "f", "x" * 501)]),
        messages.Raised(["x"], "", [messages.Line(1, "f", "x")] * (wire.MAX_FRAMES + 1)),
        messages.Answer(wire.Held(1, "x" * 501)),
        messages.Answer(wire.Path("x" * 4097)),
        messages.Answer(wire.Tensor("float32", [1] * 33, b"1234", "cpu", False, False)),
        messages.Answer(wire.Device("c" * 65)),
    ],
    ids=["name", "names", "text", "line", "lines", "held", "path", "dimensions", "device"],
)
def test_every_part_of_a_reply_has_its_bound(reply: messages.Reply) -> None:
    with pytest.raises(wire.BadMessage):
        messages.decode_reply(messages.encode(reply))
