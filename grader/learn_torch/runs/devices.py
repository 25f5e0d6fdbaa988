"""The device of a run, and the devices that torch finds on this machine."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from msgspec import Struct

from learn_torch import devices
from learn_torch.errors import DeviceError
from learn_torch.language import _, ngettext

if TYPE_CHECKING:
    import torch

ALLOWED = "auto, cpu, cuda, cuda:1, mps"
INSTALL_PAGE = "https://pytorch.org/get-started/locally/"


class Found(Struct, frozen=True):
    """The devices that torch finds.

    `cuda_build` is the CUDA (or ROCm) version that torch was built for, empty for a CPU build. `cuda` holds the names
    of the devices `cuda:0`, `cuda:1`, …. `cuda_reason` and `mps_reason` say why there are none.
    """

    torch: str
    threads: int
    cuda_build: str = ""
    cuda: tuple[str, ...] = ()
    cuda_reason: str = ""
    mps: bool = False
    mps_reason: str = ""


def survey() -> Found:
    """Ask torch for its devices. Imports torch, and initialises CUDA if there is a CUDA device."""
    import torch

    names, reason = _cuda_devices()
    mps = torch.backends.mps.is_available()
    built = torch.backends.mps.is_built()
    return Found(
        torch=str(torch.__version__),
        threads=torch.get_num_threads(),
        cuda_build=f"ROCm {torch.version.hip}" if torch.version.hip else torch.version.cuda or "",
        cuda=names,
        cuda_reason=reason,
        mps=mps,
        mps_reason=""
        if mps
        else _("no Apple GPU that torch can use")
        if built
        else _("torch was built without MPS"),
    )


def _cuda_devices() -> tuple[tuple[str, ...], str]:
    import torch

    with warnings.catch_warnings(record=True) as caught:  # torch reports an old driver as a warning
        warnings.simplefilter("always")
        if torch.cuda.is_available():
            return tuple(torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())), ""
        if not torch.version.cuda and not torch.version.hip:
            return (), _("torch is a CPU build")
        try:
            torch.cuda.init()
            reason = _("no device")
        except (RuntimeError, AssertionError) as error:
            reason = str(error)
    if caught and "driver" not in reason:
        reason = str(caught[0].message)
    reason = reason.strip().splitlines()[0].partition(". ")[0]
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        reason += f" (CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']!r})"
    return (), reason


def pick(name: str, found: Found | None = None) -> torch.device:
    """The device for `name`.

    Args:
        name: `auto` (CUDA, else MPS, else the CPU), `cpu`, `cuda`, `cuda:N` or `mps`.
        found: the devices that torch finds; by default the result of `survey()`.

    Raises:
        DeviceError: the name is unknown, or this machine does not have the device. There is no silent fallback.
    """
    try:
        asked = devices.parse(name)
        if asked.is_simulated:
            raise ValueError(name)
    except ValueError as error:
        raise DeviceError(
            _("{name!r} is not a device").format(name=name), _("use one of {names}").format(names=ALLOWED)
        ) from error
    import torch

    if name == "cpu":
        return torch.device("cpu")
    found = found or survey()
    if name == "auto":
        return torch.device("cuda" if found.cuda else "mps" if found.mps else "cpu")
    if name == "mps":
        if not found.mps:
            raise DeviceError(
                _("{name} is not available: torch {version}: {reason}").format(
                    name=name, version=found.torch, reason=found.mps_reason
                ),
                _("use --device cpu or --device auto; MPS needs macOS on Apple silicon"),
            )
    elif asked.index >= len(found.cuda):
        raise _no_cuda(name, found)
    return torch.device(name)


def _no_cuda(name: str, found: Found) -> DeviceError:
    if found.cuda:
        there = ", ".join(f"cuda:{n} ({title})" for n, title in enumerate(found.cuda))
        return DeviceError(
            ngettext(
                "{name} is not available: torch {version} finds {n} CUDA device: {there}",
                "{name} is not available: torch {version} finds {n} CUDA devices: {there}",
                len(found.cuda),
            ).format(name=name, version=found.torch, n=len(found.cuda), there=there),
            _("use one of these, or --device auto"),
        )
    return DeviceError(
        _("{name} is not available: torch {version} ({build}) finds 0 CUDA devices: {reason}").format(
            name=name, version=found.torch, build=build_of(found), reason=found.cuda_reason
        ),
        _("use --device cpu or --device auto; {advice}").format(advice=advice(found)),
    )


def build_of(found: Found) -> str:
    """The kind of torch's build, in words: `CPU build`, `CUDA 13.2 build`, `ROCm 6.4 build`."""
    if not found.cuda_build:
        return _("CPU build")
    kind = found.cuda_build if found.cuda_build.startswith("ROCm") else f"CUDA {found.cuda_build}"
    return _("{kind} build").format(kind=kind)


def advice(found: Found) -> str:
    """What to do if torch finds no CUDA device."""
    if not found.cuda_build:
        return _("if you have an NVIDIA card, install a CUDA build of torch and torchvision: {page}").format(
            page=INSTALL_PAGE
        )
    if "CUDA_VISIBLE_DEVICES" in found.cuda_reason:
        return _("if you have an NVIDIA card, unset the environment variable CUDA_VISIBLE_DEVICES")
    if "driver" in found.cuda_reason:
        return _(
            "if you have an NVIDIA card, install or update its driver, until `nvidia-smi` lists the card"
        )
    return _("if you have an NVIDIA card, check whether `nvidia-smi` lists it")


def title_of(device: torch.device) -> str:
    """The device for display: `cpu`, `cuda:0 (its card's name)`."""
    if device.type != "cuda":
        return str(device)
    import torch

    index = device.index or 0
    return f"cuda:{index} ({torch.cuda.get_device_name(index)})"
