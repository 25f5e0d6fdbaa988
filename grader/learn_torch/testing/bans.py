"""Bans with a numeric side: workers in which what an exercise forbids gives wrong values.

A grader sees only inside the worker whether a submission calls a function, and there it can be deceived: by threads, by
compiled code, by names that were changed. It need not see it where the function itself is of no use any more.
"""

from __future__ import annotations

from collections.abc import Callable

from learn_torch.session.faults import ImportFailed
from learn_torch.testing.submission import Sandbox, Submission


def restart_without(ban: Callable[[], object], submission: Submission, sandbox: Sandbox) -> None:
    """Go on in a new worker, where what `ban` spoils gives wrong values from before the submission is imported.

    A file that compares itself with the library while it is imported may refuse to be imported there. It is then
    imported as usual, and the library is spoilt afterwards.

    Args:
        ban: `losses`, `optimizers`, or a definition of the grader's own, as for `sandbox.restart`.
        submission: the fixture.
        sandbox: the fixture.

    Raises:
        ImportFailed: it cannot be imported in an ordinary worker either.
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


# What follows crosses to the worker as source: each function stands alone.


def losses() -> object:
    """Spoil torch's loss functions: operators, whatever calls them, and the formulas that are written in Python.

    What a hand-written loss is made of (`log_softmax`, `logsumexp`, `gather`, `one_hot`, ...) is left alone.

    Returns:
        What has to be kept for the operators to stay spoilt; the worker does.
    """
    import contextlib
    import importlib
    import inspect
    import re
    from typing import Any

    import torch

    named_so = re.compile("loss|cross_entropy|kl_div", re.IGNORECASE)

    def wrong(*args: Any, **kwargs: Any) -> Any:
        import torch  # it becomes the code of functions with other globals

        tensors = [one for one in (*args, *kwargs.values()) if isinstance(one, torch.Tensor)]
        far_off = torch.tensor(1e4, dtype=torch.float64)
        return sum((one.double().cos().sum() for one in tensors if not one.is_complex()), far_off)

    torchs_library: Any = torch.library
    library = torchs_library.Library("aten", "IMPL")
    own_keys = ("CPU", "AutogradCPU", "FuncTorchBatched")
    # Kernels behind which others are found: by `decompose`, on another backend, in a transform of functions.
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
        with contextlib.suppress(ImportError):  # the last two are torch's own affair
            for name, value in vars(importlib.import_module(module)).items():
                if named_so.search(name) and inspect.isfunction(value):
                    inspect.unwrap(value).__code__ = wrong.__code__
    for name, value in vars(torch.nn).items():
        if named_so.search(name) and isinstance(value, type) and "forward" in vars(value):
            inspect.unwrap(vars(value)["forward"]).__code__ = wrong.__code__
    return library


def optimizers() -> object:
    """Spoil torch.optim: a step of any optimizer, its functional forms and its fused operators move nothing.

    `torch._foreach_add_` and its like are no optimizers and are left alone.

    Returns:
        What has to be kept for the operators to stay spoilt; the worker does.
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
                # sgd, _single_tensor_sgd, _multi_tensor_sgd, _fused_sgd: all take the parameters first.
                if parameters[:1] == ("params",) and inner.__module__ != "torch.optim.optimizer":
                    inner.__code__ = still.__code__
            elif isinstance(value, type) and issubclass(value, torch.optim.Optimizer):
                inspect.unwrap(value.step).__code__ = still.__code__
    return library
