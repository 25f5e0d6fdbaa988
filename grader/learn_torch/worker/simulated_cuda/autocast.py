"""``torch.autocast("cuda")``: the CPU's autocast, only for the card's tensors and with CUDA's list of operators.

The CPU's autocast casts linear layers, convolutions and matrix products. A function mode adds the operators that
only CUDA's autocast runs in float32, such as losses and softmax.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from .labels import is_cuda
from .patching import Patches

_SINGLE_NAMES = """
    acos asin cosh erfinv exp expm1 log log10 log2 log1p reciprocal rsqrt sinh tan pow softplus layer_norm
    native_layer_norm group_norm norm nuclear_norm cosine_similarity poisson_nll_loss cosine_embedding_loss
    nll_loss hinge_embedding_loss kl_div l1_loss smooth_l1_loss huber_loss mse_loss margin_ranking_loss
    multilabel_margin_loss soft_margin_loss triplet_margin_loss multi_margin_loss
    binary_cross_entropy_with_logits dist pdist cdist renorm logsumexp softmax log_softmax softmin cumprod
    cumsum prod sum cross_entropy cross_entropy_loss __pow__ __rpow__
"""
_SINGLE = frozenset(_SINGLE_NAMES.split())
_HALF = (torch.float16, torch.bfloat16)


def _is_low(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype in _HALF and is_cuda(value)


class _CudaList(TorchFunctionMode):
    """Casts the inputs of operators that CUDA's autocast runs in float32, and turns autocast off for CPU tensors."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        options = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "binary_cross_entropy" and any(is_cuda(x) for x in args if isinstance(x, torch.Tensor)):
            raise RuntimeError(
                "torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.\n"
                "Many models use a sigmoid layer right before the binary cross entropy layer.\n"
                "In this case, combine the two layers using "
                "torch.nn.functional.binary_cross_entropy_with_logits\n"
                "or torch.nn.BCEWithLogitsLoss.  binary_cross_entropy_with_logits and BCEWithLogits are\n"
                "safe to autocast."
            )
        tensors = [value for value in (*args, *options.values()) if isinstance(value, torch.Tensor)]
        if name in _SINGLE and torch.is_autocast_enabled("cpu") and any(map(_is_low, tensors)):
            args = tuple(value.float() if _is_low(value) else value for value in args)
            options = {key: value.float() if _is_low(value) else value for key, value in options.items()}
        if tensors and torch.is_autocast_enabled("cpu") and not any(map(is_cuda, tensors)):
            return _without_autocast(func, args, options)
        return func(*args, **options)


def _without_autocast(func: Any, args: Any, kwargs: Any) -> Any:
    torch.set_autocast_enabled("cpu", False)
    try:
        return func(*args, **kwargs)
    finally:
        torch.set_autocast_enabled("cpu", True)


def patch(patches: Patches) -> None:
    """Make ``torch.autocast("cuda")`` work on the simulated card."""
    kind: Any = torch.autocast
    enter, leave = kind.__enter__, kind.__exit__

    def start(self: Any) -> Any:
        result = enter(self)
        if self.device == "cuda":
            before = torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")
            mode = _CudaList(self.fast_dtype) if self._enabled else None
            torch.set_autocast_enabled("cpu", self._enabled)
            torch.set_autocast_dtype("cpu", self.fast_dtype)
            if mode is not None:
                enter_mode: Any = mode.__enter__
                enter_mode()
            self.__dict__.setdefault("_simulated", []).append((before, mode))
        return result

    def stop(self: Any, *exception: Any) -> Any:
        if self.device == "cuda" and self.__dict__.get("_simulated"):
            (enabled, dtype), mode = self._simulated.pop()
            if mode is not None:
                mode.__exit__(None, None, None)
            torch.set_autocast_enabled("cpu", enabled)
            torch.set_autocast_dtype("cpu", dtype)
        return leave(self, *exception)

    patches.set(kind, "__enter__", start)
    patches.set(kind, "__exit__", stop)
