"""Numeric bans: workers in which the functions that an exercise forbids return wrong values.

Whether a submission calls a function can be seen only inside the worker. There a submission can hide it by threads,
compiled code or changed names. If the function returns wrong values, the grader need not see the call.
"""

from __future__ import annotations

from collections.abc import Callable

from learn_torch.session.faults import ImportFailed
from learn_torch.testing.submission import Sandbox, Submission


def restart_without(ban: Callable[[], object], submission: Submission, sandbox: Sandbox) -> None:
    """Continue in a new worker, where `ban` makes library functions wrong before the submission is imported.

    A submission that compares itself with the library during its import may fail to import there. Then it is imported
    in an ordinary worker, and `ban` runs afterwards.

    Args:
        ban: `losses`, `optimizers`, or the grader's own definition, as for `sandbox.restart`.
        submission: the fixture.
        sandbox: the fixture.

    Raises:
        ImportFailed: the submission cannot be imported in an ordinary worker either.
    """
    sandbox.restart(before=ban)
    try:
        submission._session.module()
    except ImportFailed:
        sandbox.restart(before=_nothing)
        submission._session.module()
        sandbox.define(ban)()


def _nothing() -> None:
    pass


# The functions below are sent to the worker as source: each must be self-contained.


def losses() -> object:
    """Make torch's loss functions return wrong values: the operators, and the formulas that are written in Python.

    Functions for a hand-written loss (`log_softmax`, `logsumexp`, `gather`, `one_hot`, ...) do not change.

    Returns:
        An object that the worker must keep alive, or the operators become right again.
    """
    import contextlib
    import importlib
    import inspect
    import re
    from typing import Any

    import torch

    named_so = re.compile("loss|cross_entropy|kl_div", re.IGNORECASE)

    def wrong(*args: Any, **kwargs: Any) -> Any:
        import torch  # this code is put into functions with other globals

        tensors = [one for one in (*args, *kwargs.values()) if isinstance(one, torch.Tensor)]
        far_off = torch.tensor(1e4, dtype=torch.float64)
        return sum((one.double().cos().sum() for one in tensors if not one.is_complex()), far_off)

    torchs_library: Any = torch.library
    library = torchs_library.Library("aten", "IMPL")
    own_keys = ("CPU", "AutogradCPU", "FuncTorchBatched")
    # Kernels that lead to other kernels: by `decompose`, on another backend, in a function transform.
    more_keys = (
        "CompositeImplicitAutograd",
        "CompositeExplicitAutograd",
        "CompositeExplicitAutogradNonFunctional",
        "FuncTorchDynamicLayerFrontMode",
    )
    for name in torch._C._dispatch_get_all_op_names():
        if name.startswith("aten::") and named_so.search(name):
            for key in own_keys:
                library.impl(name, wrong, key)
            for key in more_keys:
                if torch._C._dispatch_has_kernel_for_dispatch_key(name, key):
                    library.impl(name, wrong, key)

    for module in ("torch.nn.functional", "torch._refs.nn.functional", "torch._decomp.decompositions"):
        with contextlib.suppress(ImportError):  # the last two are private modules of torch
            for name, value in vars(importlib.import_module(module)).items():
                if named_so.search(name) and inspect.isfunction(value):
                    inspect.unwrap(value).__code__ = wrong.__code__
    for name, value in vars(torch.nn).items():
        if named_so.search(name) and isinstance(value, type) and "forward" in vars(value):
            inspect.unwrap(vars(value)["forward"]).__code__ = wrong.__code__
    return library


def optimizers() -> object:
    """Make torch.optim do nothing: the step of every optimizer, the functional forms and the fused operators.

    `torch._foreach_add_` and similar functions do not change, because they are not optimizers.

    Returns:
        An object that the worker must keep alive, or the operators become right again.
    """
    import inspect
    import re
    import sys
    from typing import Any

    import torch
    import torch.optim._functional

    def still(*args: Any, **kwargs: Any) -> Any:
        return None

    torchs_library: Any = torch.library
    library = torchs_library.Library("aten", "IMPL")
    for name in torch._C._dispatch_get_all_op_names():
        if re.match("aten::_fused_(sgd|ada)", name):
            for key in ("CPU", "AutogradCPU", "CompositeExplicitAutograd"):
                library.impl(name, still, key)

    for module in [name for name in sys.modules if name.startswith("torch.optim.")]:
        for value in list(vars(sys.modules[module]).values()):
            if inspect.isfunction(value):
                inner = inspect.unwrap(value)
                parameters = inner.__code__.co_varnames[: inner.__code__.co_argcount]
                # sgd, _single_tensor_sgd, _multi_tensor_sgd, _fused_sgd: `params` is their first parameter.
                if parameters[:1] == ("params",) and inner.__module__ != "torch.optim.optimizer":
                    inner.__code__ = still.__code__
            elif isinstance(value, type) and issubclass(value, torch.optim.Optimizer):
                inspect.unwrap(value.step).__code__ = still.__code__
    return library
