"""Which device a name means, and what is said where it is missing."""

from __future__ import annotations

import pytest
import torch

from learn_torch.errors import DeviceError
from learn_torch.runs.devices import Found, advice, pick, survey

CPU_ONLY = Found(
    "2.12.0+cpu", 4, cuda_reason="torch is a CPU build", mps_reason="torch was built without MPS"
)
NO_DRIVER = Found("2.12.0+cu130", 4, "13.0", cuda_reason="Found no NVIDIA driver on your system")
ONE_CARD = Found("2.12.0+cu130", 4, "13.0", cuda=("A card",))
APPLE = Found("2.12.0", 8, cuda_reason="torch is a CPU build", mps=True)


@pytest.mark.parametrize(
    ("found", "device"), [(CPU_ONLY, "cpu"), (NO_DRIVER, "cpu"), (ONE_CARD, "cuda"), (APPLE, "mps")]
)
def test_auto_prefers_cuda_then_mps_then_the_cpu(found: Found, device: str) -> None:
    assert pick("auto", found) == torch.device(device)


@pytest.mark.parametrize(
    ("name", "found"), [("cpu", CPU_ONLY), ("cuda", ONE_CARD), ("cuda:0", ONE_CARD), ("mps", APPLE)]
)
def test_a_device_that_is_there_is_taken(name: str, found: Found) -> None:
    assert pick(name, found) == torch.device(name)


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("cuda", CPU_ONLY, ["cuda is not available", "2.12.0+cpu", "CPU build", "0 CUDA devices"]),
        (
            "cuda:0",
            NO_DRIVER,
            ["cuda:0 is not available", "CUDA 13.0 build", "0 CUDA devices", "no NVIDIA driver"],
        ),
        ("cuda:1", ONE_CARD, ["cuda:1 is not available", "1 CUDA device: cuda:0 (A card)"]),
        ("mps", CPU_ONLY, ["mps is not available", "2.12.0+cpu", "built without MPS"]),
    ],
)
def test_a_missing_device_is_an_error_that_says_what_torch_found(
    name: str, found: Found, told: list[str]
) -> None:
    with pytest.raises(DeviceError) as raised:
        pick(name, found)
    assert raised.value.exit_code == 2
    assert all(part in raised.value.message for part in told), raised.value.message
    assert "--device auto" in raised.value.hint


def test_the_advice_follows_from_what_is_missing() -> None:
    assert "https://pytorch.org/get-started/locally/" in advice(CPU_ONLY)
    assert "driver" in advice(NO_DRIVER)
    hidden = Found("2.12.0", 4, "13.0", cuda_reason="no device (CUDA_VISIBLE_DEVICES='')")
    assert "unset" in advice(hidden)


@pytest.mark.parametrize("name", ["gpu", "CUDA", "cuda:", "cuda:x", "cpu:0", "", "cuda:-1", "simulated-cuda"])
def test_a_name_that_is_none_lists_what_is_allowed(name: str) -> None:
    with pytest.raises(DeviceError) as raised:
        pick(name, CPU_ONLY)
    assert "auto, cpu, cuda, cuda:1, mps" in raised.value.hint


def test_the_survey_says_why_there_is_no_cuda() -> None:
    found = survey()
    assert found.torch == str(torch.__version__)
    assert bool(found.cuda) != bool(found.cuda_reason)
    assert len(found.cuda) == torch.cuda.device_count()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_real_card_is_found() -> None:
    assert pick("auto").type == "cuda"
    with pytest.raises(DeviceError):
        pick("cuda:99")
