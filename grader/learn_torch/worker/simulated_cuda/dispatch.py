"""The operator level: checks the devices of every operator's inputs, and labels its results.

It sees operators that Python does not: inside composite functions, backward passes and optimizers.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _python_dispatch

from . import errors, generators
from .checks import check
from .labels import ANY, CPU, CUDA, normalise, raw_label, set_pinned, set_raw_label
from .operators import Check, Operator, operator
from .process import initialise

_DispatchMode: Any = _python_dispatch.TorchDispatchMode


class CudaChecks(_DispatchMode):  # type: ignore[misc]
    """Checks and labels every operator of the thread that entered it."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # A guard against the compiler around every operator costs more than the checks, and loads the compiler.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Check the operator's inputs, run it on the CPU, and label its results."""
        options: dict[str, Any] = kwargs or {}
        op = operator(func)
        if op.decompose:
            with self:
                result = func.decompose(*args, **options)
            if result is not NotImplemented:
                return result
        tensors: list[torch.Tensor] = []
        _collect(args, tensors)
        if options:
            _collect(options.values(), tensors)
        labels = [raw_label(tensor) for tensor in tensors]
        device: Any
        if CUDA in labels:
            initialise()
            device = CUDA
            if len(labels) > 1:
                check(op, args, options)
        elif not labels or all(label is ANY for label in labels):
            device = ANY
        else:
            device = None
        pinned = False
        if options:
            options = dict(options)
            device, pinned = _read_options(options, device)
        result = func(*args, **options)
        if device is not None and op.makes:
            _label(op, result, device, args)
            if pinned:
                set_pinned(result)
        if ANY in labels and device is not ANY:
            _settle(op, args, options, device)
        return result


def _collect(values: Any, found: list[torch.Tensor]) -> None:
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            _collect(value, found)


def _read_options(options: dict[str, Any], device: Any) -> tuple[Any, bool]:
    asked = options.get("device")
    if asked is not None:
        if asked.type == "cuda":
            device = normalise(asked)
            options["device"] = CPU
        elif asked.type != "cpu":
            device = None
    pinned = bool(options.get("pin_memory"))
    if pinned:
        if device is CUDA:
            raise errors.pinned_factory()
        options["pin_memory"] = False
    generator = options.get("generator")
    if generator is not None and device is not ANY:
        # For a factory, the check is made where Python calls it.
        generators.check(generator, device)
    return device, pinned


def _label(op: Operator, result: Any, device: Any, args: tuple[Any, ...]) -> None:
    if isinstance(result, torch.Tensor):
        set_raw_label(result, device)
    elif isinstance(result, list | tuple):
        if op.check is Check.FOREACH and device is CUDA:
            # Each result is on the device of the tensor with the same index.
            for made, source in zip(result, args[0], strict=False):
                set_raw_label(made, raw_label(source))
            return
        for index, made in enumerate(result):
            if index not in op.cpu_outputs:
                _label(op, made, device, args)


def _settle(op: Operator, args: tuple[Any, ...], options: dict[str, Any], device: Any) -> None:
    """Label written memory that fits any device with the device of the values."""
    written = [args[i] for i in op.written if i < len(args)]
    written += [options[name] for name in op.written_names if name in options]
    tensors: list[torch.Tensor] = []
    _collect(written, tensors)
    for tensor in tensors:
        if raw_label(tensor) is ANY:
            set_raw_label(tensor, device)
