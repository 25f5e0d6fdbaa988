"""Names of devices and what they mean."""

from __future__ import annotations

import re

import pytest

from learn_torch import devices


@pytest.mark.parametrize(
    ("name", "whole", "for_torch", "card"),
    [
        ("cpu", "cpu", "cpu", False),
        ("cuda", "cuda:0", "cuda:0", True),
        ("cuda:0", "cuda:0", "cuda:0", True),
        ("cuda:12", "cuda:12", "cuda:12", True),
        ("mps", "mps", "mps", False),
        ("simulated-cuda", "simulated-cuda", "cuda:0", False),
    ],
)
def test_a_name_means_a_device(name: str, whole: str, for_torch: str, card: bool) -> None:
    device = devices.parse(name)
    assert (str(device), device.for_torch, device.is_card) == (whole, for_torch, card)
    assert device.is_simulated == (name == "simulated-cuda")
    assert devices.parse(whole) == device


@pytest.mark.parametrize(
    "name", ["", "gpu", "CUDA", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "cuda:0\n", "mps:1"]
)
def test_what_is_no_device_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        devices.parse(name)
    assert re.match(devices.CHECKED_ON, name) is None


def test_a_check_may_be_asked_for_everything_but_mps() -> None:
    names = ("auto", "cpu", "simulated-cuda", "cuda", "cuda:1", "mps")
    assert [name for name in names if not re.match(devices.CHECKED_ON, name)] == ["mps"]
