"""CUDA's errors for mixed devices.

The texts are those of torch 2.11 and later; the names of operators come from :mod:`method_names`.
"""

from __future__ import annotations

import torch

_TYPE_NAMES = {
    torch.float32: "Float",
    torch.float64: "Double",
    torch.float16: "Half",
    torch.bfloat16: "BFloat16",
    torch.int64: "Long",
    torch.int32: "Int",
    torch.int16: "Short",
    torch.int8: "Char",
    torch.uint8: "Byte",
    torch.bool: "Bool",
    torch.complex64: "ComplexFloat",
    torch.complex128: "ComplexDouble",
}

DTYPES = {name: dtype for dtype, name in _TYPE_NAMES.items()}


def dtype_name(dtype: torch.dtype) -> str:
    """Return the C++ name of a dtype, ``Float`` for ``torch.float32``."""
    return _TYPE_NAMES.get(dtype, str(dtype).removeprefix("torch."))


def type_name(dtype: torch.dtype, cuda: bool) -> str:
    """Return the old name of a tensor type, ``torch.cuda.FloatTensor``."""
    return f"torch.{'cuda.' if cuda else ''}{dtype_name(dtype)}Tensor"


def invalid_ordinal() -> RuntimeError:
    """The machine does not have this card."""
    kind: type[RuntimeError] = getattr(torch, "AcceleratorError", RuntimeError)
    return kind(
        "CUDA error: invalid device ordinal\n"
        "GPU device may be out of range, do you have enough GPUs?\n"
        "CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below "
        "might be incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1\n"
        "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
    )


def two_devices() -> RuntimeError:
    """A pointwise operator's inputs are on two devices."""
    return RuntimeError(
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
    )


def other_device(argument: str, device: object, common: object, method: str) -> RuntimeError:
    """An argument is not on the device of the operator's first tensor."""
    return RuntimeError(
        f"Expected all tensors to be on the same device, but got {argument} is on {device}, different "
        f"from other tensors on {common} (when checking argument in method {method})"
    )


def convolution(first: str, name: str, second: str, cpu_input: bool) -> RuntimeError:
    """A convolution's weight or bias is not on the device of its input."""
    text = f"Input type ({first}) and {name} type ({second}) should be the same"
    if cpu_input:
        text += f" or input should be a MKLDNN tensor and {name} is a dense tensor"
    return RuntimeError(text)


def index_device(device: object) -> RuntimeError:
    """A tensor on the CPU is indexed with one on the card."""
    return RuntimeError(
        f"indices should be either on cpu or on the same device as the indexed tensor ({device})"
    )


def mask_device(mask: object, own: object) -> RuntimeError:
    """A ``masked_fill`` mask is on another device."""
    return RuntimeError(
        f"expected self and mask to be on the same device, but got mask on {mask} and self on {own}"
    )


def masked_fill_value() -> RuntimeError:
    """A ``masked_fill`` value is on the card and the tensor is not."""
    return RuntimeError("masked_fill_: Expected inputs to be on same device")


def recurrent(name: str, input_device: object, device: object) -> RuntimeError:
    """A recurrent layer's weights or hidden state are not on the device of its input."""
    return RuntimeError(
        f"Input and {name} tensors are not at the same device, found input tensor at {input_device} "
        f"and {name} tensor at {device}"
    )


def attention(query: object, key: object, value: object) -> RuntimeError:
    """Scaled dot product attention's inputs are on several devices."""
    return RuntimeError(
        f"Expected query, key, and value to have the same device type, but got query.device: {query} "
        f"key.device: {key} and value.device: {value} instead."
    )


def lengths(tensor: torch.Tensor) -> RuntimeError:
    """``pack_padded_sequence`` was given lengths on the card."""
    return RuntimeError(
        "'lengths' argument should be a 1D CPU int64 tensor, but got "
        f"{tensor.dim()}D cuda:0 {dtype_name(tensor.dtype)} tensor"
    )


def to_numpy() -> TypeError:
    """NumPy cannot read the card's memory."""
    return TypeError(
        "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
        "memory first."
    )


def cannot_pin(dtype: torch.dtype) -> RuntimeError:
    """Only the CPU's memory can be page-locked."""
    return RuntimeError(f"cannot pin '{type_name(dtype, True)}' only dense CPU tensors can be pinned")


def pinned_factory() -> RuntimeError:
    """A new tensor was requested on the card and page-locked."""
    return RuntimeError("Only dense CPU tensors can be pinned")


def generator(expected: str, found: str) -> RuntimeError:
    """A random generator belongs to another device."""
    return RuntimeError(f"Expected a '{expected}' device type for generator but found '{found}'")


def grad_device(grad: str, own: str) -> RuntimeError:
    """``.grad`` was given a tensor from another device."""
    return RuntimeError(
        f"attempting to assign a gradient with device type '{grad}' to a tensor with device type '{own}'. "
        "Please ensure that the gradient and the tensor are on the same device"
    )


def optimizer_groups() -> RuntimeError:
    """An optimizer's state is not on the device of its parameters."""
    return RuntimeError(
        "Tensors of the same index must be on the same device and the same dtype except `step` tensors "
        "that can be CPU and float32/64, and optimizer states that can be bfloat16 for mixed-precision "
        "training"
    )


def bad_fork() -> RuntimeError:
    """A forked child uses a card that its parent has used."""
    return RuntimeError(
        "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use "
        "the 'spawn' start method"
    )
