"""The names of operators in CUDA's error texts.

torch generates a wrapper for every operator that has a CUDA kernel. For a structured kernel the wrapper's name ends
with the operator and its overload (``wrapper_CUDA_scatter_src``). For others the overload comes first; without an
overload there are two underscores (``wrapper_CUDA__index_select``).
"""

from __future__ import annotations

_STRUCTURED_NAMES = """
    _addmm_activation _linalg_solve_ex _linalg_solve_ex.result _log_softmax_backward_data
    _softmax_backward_data adaptive_max_pool2d_backward adaptive_max_pool3d_backward addmm addmm_ addmv
    addmv_ amax amin avg_pool2d_backward avg_pool3d_backward baddbmm baddbmm_ bmm cat clamp.Tensor
    clamp_.Tensor clamp_max.Tensor clamp_max_.Tensor clamp_min.Tensor clamp_min_.Tensor elu_backward
    fractional_max_pool2d fractional_max_pool2d_backward fractional_max_pool3d gather gcd gcd_ gelu_backward
    hardshrink_backward hardsigmoid_backward igamma igamma_ igammac igammac_ index_add index_add_ index_copy
    index_copy_ index_reduce index_reduce_ isin.Tensor_Tensor lcm lcm_ leaky_relu_backward linalg_cross
    linalg_ldl_solve linalg_lu_solve logaddexp logaddexp2 logit_backward lu_unpack
    max_pool2d_with_indices_backward mm nextafter nextafter_ nll_loss_backward nll_loss_forward
    reflection_pad1d_backward reflection_pad3d_backward replication_pad1d_backward
    replication_pad3d_backward scatter.reduce scatter.src scatter.value scatter.value_reduce scatter_.reduce
    scatter_.src scatter_.value scatter_.value_reduce scatter_add scatter_add_ scatter_reduce.two
    scatter_reduce_.two sigmoid_backward silu_backward slow_conv_transpose2d softplus_backward
    softshrink_backward tanh_backward threshold_backward triangular_solve
"""
STRUCTURED = frozenset(_STRUCTURED_NAMES.split())


def method_name(operator: str, overload: str) -> str:
    """Return the name of an operator's CUDA wrapper; ``overload`` is empty for the default one."""
    full = f"{operator}.{overload}" if overload else operator
    if full in STRUCTURED:
        return f"wrapper_CUDA_{operator}_{overload}" if overload else f"wrapper_CUDA_{operator}"
    return f"wrapper_CUDA_{overload}_{operator}"
