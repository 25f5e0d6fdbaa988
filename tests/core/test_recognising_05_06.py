"""What 05 and 06 ban gives wrong values, however it is called; and 06 notices what is done for some models only."""

from __future__ import annotations

import textwrap

import pytest

from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue
from learn_torch.report import Report

pytestmark = pytest.mark.slow  # many whole checks, as in `learn verify`

LOSSES = """\
import torch
from torch.nn import functional as F


def floats(prediction, target, reduction):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    whole = not (prediction.is_floating_point() or target.is_floating_point())
    dtype = torch.float64 if whole else torch.promote_types(prediction.dtype, target.dtype)
    return prediction.to(dtype), target.to(dtype)


def by_hand(logits, target):
    return -torch.log_softmax(logits, 1)[torch.arange(len(target)), target].mean()


def l1_loss(prediction, target, reduction="mean"):
    p, t = floats(prediction, target, reduction)
    return {l1}


def mse_loss(prediction, target, reduction="mean"):
    p, t = floats(prediction, target, reduction)
    return {mse}


def cross_entropy(logits, target):
    return {cross}
"""

NUMBER = '{"none": 0, "mean": 1, "sum": 2}[reduction]'


def losses(way: str, *, before: str = "") -> str:
    """A submission that calls torch's losses, each in this way: as the text of a call of a function without arguments."""
    named = {
        "l1": way % "F.l1_loss(p, t, reduction=reduction)",
        "mse": way % "F.mse_loss(p, t, reduction=reduction)",
        "cross": way % "F.cross_entropy(logits, target)",
    }
    return LOSSES.format(**named) + textwrap.dedent(before)


def formulas(l1: str, mse: str, cross: str = "by_hand(logits, target)", *, before: str = "") -> str:
    """A submission with an expression for each."""
    return LOSSES.format(l1=l1, mse=mse, cross=cross) + textwrap.dedent(before)


ROUNDABOUT = {
    "as it is": losses("%s"),
    "in a thread": losses(
        "POOL.submit(lambda: %s).result()",
        before="""
        from concurrent.futures import ThreadPoolExecutor
        POOL = ThreadPoolExecutor(1)
        """,
    ),
    "where modes are off": losses(
        "off(lambda: %s)",
        before="""
        def off(function):
            with torch._C.DisableTorchFunction():
                return function()
        """,
    ),
    "with a spy that was never let in": losses(
        "%s",
        before="""
        import torch.overrides
        torch.overrides.TorchFunctionMode.__enter__ = lambda self: self
        torch.overrides.TorchFunctionMode.__exit__ = lambda self, *error: None
        """,
    ),
    "under other names": losses(
        "%s", before="F.l1_loss.__name__ = F.mse_loss.__name__ = F.cross_entropy.__name__ = 'plain'"
    ),
    "with a search that finds nothing": losses(
        "%s", before="import re\nre.search = lambda *args, **options: None"
    ),
    "from inside another operator": losses(
        "inside(lambda: %s)",
        before="""
        def inside(function):
            found = []
            torch.zeros(1).apply_(lambda x: (found.append(function()), x)[1])
            return found[0]
        """,
    ),
    "by classes": formulas(
        "torch.nn.L1Loss(reduction=reduction)(p, t)",
        "torch.nn.MSELoss(reduction=reduction)(p, t)",
        "torch.nn.CrossEntropyLoss()(logits, target)",
    ),
    "by operators": formulas(
        f"torch.ops.aten.l1_loss.default(p, t, {NUMBER})",
        f"torch.ops.aten.mse_loss.default(p, t, {NUMBER})",
        "torch.ops.aten.nll_loss_nd.default(logits.log_softmax(1), target)",
    ),
    "decomposed": formulas(
        f"torch.ops.aten.l1_loss.default.decompose(p, t, {NUMBER})",
        "(p - t) ** 2 if reduction == 'none' else getattr((p - t) ** 2, reduction)()",
    ),
    "compiled": formulas(
        f"UNIT.l1(p, t, {NUMBER})",
        f"UNIT.mse(p, t, {NUMBER})",
        "UNIT.cross(logits, target)",
        before='''
        UNIT = torch.jit.CompilationUnit("""
        def l1(p: Tensor, t: Tensor, r: int):
            return torch.ops.aten.l1_loss(p, t, r)
        def mse(p: Tensor, t: Tensor, r: int):
            return torch.ops.aten.mse_loss(p, t, r)
        def cross(x: Tensor, t: Tensor):
            return torch.ops.aten.cross_entropy_loss(x, t)
        """)
        ''',
    ),
    "written in Python": formulas(
        "R.l1_loss(p, t, reduction=reduction)",
        "R.mse_loss(p, t, reduction=reduction)",
        before="import torch._refs.nn.functional as R",
    ),
    "from the table of decompositions": formulas(
        "(p - t).abs() if reduction == 'none' else getattr((p - t).abs(), reduction)()",
        f"torch._decomp.decomposition_table[torch.ops.aten.mse_loss.default](p, t, {NUMBER})",
        before="import torch._decomp",
    ),
    "under vmap": formulas(
        "torch.vmap(lambda p, t: F.l1_loss(p, t, reduction=reduction))(p[None], t[None])[0]",
        "torch.vmap(lambda p, t: F.mse_loss(p, t, reduction=reduction))(p[None], t[None])[0]",
        "torch.vmap(F.cross_entropy)(logits[None], target[None])[0]",
    ),
    "for whole numbers only": formulas(
        "F.l1_loss(p, t, reduction=reduction) if p.dtype == torch.float64 else reduced((p - t).abs(), reduction)",
        "F.mse_loss(p, t, reduction=reduction) if p.dtype == torch.float64 else reduced((p - t) ** 2, reduction)",
        before="""
        def reduced(x, reduction):
            return x if reduction == "none" else getattr(x, reduction)()
        """,
    ),
    "by a relative": formulas(
        "2 * F.smooth_l1_loss(p, t, reduction=reduction, beta=0) / 2",
        "2 * F.huber_loss(p, t, reduction=reduction, delta=1e6)",
        "F.multilabel_soft_margin_loss(logits, logits) * 0 + by_hand(logits, target)",
    ),
    "with a gaussian's": formulas(
        "(p - t).abs() if reduction == 'none' else getattr((p - t).abs(), reduction)()",
        "F.gaussian_nll_loss(p, t, torch.ones_like(p), reduction=reduction) * 2",
    ),
    "unless looked at": losses(
        "unseen(lambda: %s)",
        before="""
        def unseen(function):
            if torch._C._len_torch_function_stack():
                raise RuntimeError("not now")
            return function()
        """,
    ),
    "with a list that is emptied": losses(
        "emptied(lambda: %s)",
        before="""
        import sys
        def emptied(function):
            found, frame = function(), sys._getframe()
            while frame:
                for value in frame.f_locals.values():
                    if type(value) in (set, list):
                        value.clear()
                frame = frame.f_back
            return found
        """,
    ),
}


def check(checker: Checker, catalogue: Catalogue, number: str, source: str, seed: int) -> Report:
    report = checker.check(catalogue.resolve(f"core/{number}"), source.encode(), seed=seed)
    assert report.verdict in ("passed", "failed"), [c.message for c in report.checks if c.verdict == "error"]
    return report


@pytest.mark.parametrize("way", ROUNDABOUT)
def test_torchs_losses_are_of_no_use(way: str, checker: Checker, catalogue: Catalogue) -> None:
    report = check(checker, catalogue, "05", ROUNDABOUT[way], seed=len(way))
    failed = [c.name for c in report.checks if c.verdict == "failed"]
    assert "test_by_hand" in failed, failed


def test_the_losses_of_torch_could_otherwise_be_used(checker: Checker, catalogue: Catalogue) -> None:
    """The control: those above are right but for the ban."""
    report = check(checker, catalogue, "05", ROUNDABOUT["as it is"], seed=1)
    assert [c.name for c in report.checks if c.verdict == "failed"] == ["test_by_hand"]
    (message,) = [c.message for c in report.checks if c.verdict == "failed"]
    assert "l1_loss called ['l1_loss']" in message


RIGHT = """\
import torch
from torch.nn import functional as F


def l1_loss(prediction, target, reduction="mean"):
    return reduced((prediction - target).abs(), reduction)


def mse_loss(prediction, target, reduction="mean"):
    return reduced((prediction - target) ** 2, reduction)


def reduced(losses, reduction):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    return losses if reduction == "none" else losses.sum() / (losses.numel() if reduction == "mean" else 1)


def cross_entropy(logits, target):
    return -F.log_softmax(logits, 1)[torch.arange(len(target)), target].mean()


a, b = torch.randn(3, 4), torch.randn(3, 4)
assert torch.allclose(l1_loss(a, b), F.l1_loss(a, b))
assert torch.allclose(mse_loss(a, b), F.mse_loss(a, b))
"""


def test_who_compares_with_torch_while_imported_passes(checker: Checker, catalogue: Catalogue) -> None:
    report = check(checker, catalogue, "05", RIGHT, seed=3)
    assert report.verdict == "passed", [c.message for c in report.checks if c.verdict == "failed"]


def test_a_file_that_only_raises_gets_nothing(checker: Checker, catalogue: Catalogue) -> None:
    report = check(checker, catalogue, "05", "raise ValueError('mean')\n", seed=3)
    assert {c.verdict for c in report.checks} == {"failed"}


def test_who_refuses_every_reduction_gets_nothing(checker: Checker, catalogue: Catalogue) -> None:
    source = "def l1_loss(*args, **options):\n    raise ValueError\nmse_loss = cross_entropy = l1_loss\n"
    report = check(checker, catalogue, "05", source, seed=3)
    assert {c.verdict for c in report.checks} == {"failed"}


STEP = """\
import torch
from torch import nn


def train_step(model, images, targets, loss_fn, optimizer):
    optimizer.zero_grad()
    loss = loss_fn(model(images), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad
"""

UPDATES = {
    "as it is": "torch.optim.SGD(parameters, lr=lr).step()",
    "in a thread": """
        import threading
        thread = threading.Thread(target=lambda: torch.optim.SGD(parameters, lr=lr).step())
        thread.start()
        thread.join()
        """,
    "in a thread of the kind that no profiler sees": """
        import _thread
        done = _thread.allocate_lock()
        done.acquire()
        _thread.start_new_thread(lambda: (torch.optim.SGD(parameters, lr=lr).step(), done.release()), ())
        done.acquire()
        """,
    "with the profiler off": """
        import sys
        sys.setprofile(None)
        torch.optim.SGD(parameters, lr=lr, foreach=True).step()
        """,
    "as a function": """
        import sys
        sys.setprofile(None)
        from torch.optim.sgd import _single_tensor_sgd
        moving = [p for p in parameters if p.grad is not None]
        with torch.no_grad():
            _single_tensor_sgd(moving, [p.grad for p in moving], [None] * len(moving), weight_decay=0, momentum=0,
                               lr=lr, dampening=0, nesterov=False, maximize=False, has_sparse_grad=False,
                               grad_scale=None, found_inf=None)
        """,
    "fused": """
        moving = [p for p in parameters if p.grad is not None]
        torch._fused_sgd_([p.detach() for p in moving], [p.grad for p in moving], [], weight_decay=0, momentum=0,
                          lr=lr, dampening=0, nesterov=False, maximize=False, is_first_step=True)
        """,
    "by a relative": """
        import sys
        sys.setprofile(None)
        torch.optim.ASGD(parameters, lr=lr, lambd=0).step()
        """,
}


@pytest.mark.parametrize("way", UPDATES)
def test_torchs_optimizers_are_of_no_use(way: str, checker: Checker, catalogue: Catalogue) -> None:
    body = textwrap.indent(textwrap.dedent(UPDATES[way]), "    ")
    source = STEP[: STEP.index("@torch.no_grad")] + f"def sgd_update(parameters, lr):\n{body}\n"
    report = check(checker, catalogue, "06", source, seed=len(way))
    assert [c.name for c in report.checks if c.verdict == "failed"] == ["test_sgd_update_by_hand"]


def test_who_compares_with_torchs_optimizer_while_imported_passes(
    checker: Checker, catalogue: Catalogue
) -> None:
    source = STEP + textwrap.dedent(
        """
        one, other = (nn.Parameter(torch.ones(3)) for _ in range(2))
        one.grad, other.grad = torch.full((3,), 0.5), torch.full((3,), 0.5)
        sgd_update([one], 0.1)
        torch.optim.SGD([other], lr=0.1).step()
        assert torch.allclose(one, other)
        """
    )
    report = check(checker, catalogue, "06", source, seed=4)
    assert report.verdict == "passed", [c.message for c in report.checks if c.verdict == "failed"]


FOR_SOME = {
    # Training mode for every model that has no BatchNorm, and back again before anybody looks.
    "trains unless there is BatchNorm": (
        "    loss = loss_fn(model(images), targets)\n",
        "    was = [(m, m.training) for m in model.modules()]\n"
        "    if not any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in model.modules()):\n"
        "        model.train()\n"
        "    loss = loss_fn(model(images), targets)\n"
        "    for m, training in was:\n        m.training = training\n",
    ),
    # As above, but in evaluation.
    "evaluates unless there is BatchNorm": (
        "    loss = loss_fn(model(images), targets)\n",
        "    was = [(m, m.training) for m in model.modules()]\n"
        "    if not any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in model.modules()):\n"
        "        model.eval()\n"
        "    loss = loss_fn(model(images), targets)\n"
        "    for m, training in was:\n        m.training = training\n",
    ),
    # Every layer gets the mode of the whole.
    "one mode for all layers": (
        "    optimizer.zero_grad()\n",
        "    optimizer.zero_grad()\n    model.train(model.training)\n",
    ),
    # A threshold that no ordinary batch comes near.
    "clips what is very large": (
        "    optimizer.step()\n",
        "    nn.utils.clip_grad_norm_(model.parameters(), 1e5)\n    optimizer.step()\n",
    ),
    # A step of the same length, however small the gradient.
    "enlarges what is very small": (
        "    optimizer.step()\n",
        "    norm = max(p.grad.norm() for p in model.parameters())\n"
        "    for p in model.parameters():\n        p.grad *= 1 if norm > 1e-2 else 1e-2 / norm\n"
        "    optimizer.step()\n",
    ),
    # Ordinary batches are larger than those of most tests.
    "wrong for large batches": (
        "    return loss.item()\n",
        "    return loss.item() / (1 + (len(images) > 40))\n",
    ),
    # The first calls are right.
    "steps twice only": (
        "    optimizer.step()\n",
        "    optimizer.steps = getattr(optimizer, 'steps', 0) + 1\n"
        "    if optimizer.steps <= 2:\n        optimizer.step()\n",
    ),
    # What torch has, and no other.
    "only torch's own optimizers": (
        "    optimizer.step()\n",
        "    if type(optimizer).__module__.startswith('torch.'):\n        optimizer.step()\n",
    ),
    "the first four parameters": (
        "    for p in parameters:\n",
        "    for p, _ in zip(parameters, range(4)):\n",
    ),
    "no parameter without axes": (
        "        if p.grad is not None:\n",
        "        if p.grad is not None and p.dim():\n",
    ),
    "clips in the update": (
        "            p -= lr * p.grad\n",
        "            p -= lr * p.grad.clamp(-1000, 1000)\n",
    ),
}


@pytest.mark.parametrize("way", FOR_SOME)
def test_what_is_wrong_for_some_models_only_is_noticed(
    way: str, checker: Checker, catalogue: Catalogue
) -> None:
    before, after = FOR_SOME[way]
    assert before in STEP
    for seed in range(3):
        report = check(checker, catalogue, "06", STEP.replace(before, after), seed=seed)
        assert report.verdict == "failed"
