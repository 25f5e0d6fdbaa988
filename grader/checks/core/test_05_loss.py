"""Hidden grader of core/05: values and gradients are those of the judge's own torch, computed in float64."""

import contextlib

import pytest
import torch
from torch.nn import functional

from learn_torch.language import _
from learn_torch.testing import Mismatch, assert_close, describe, is_handle, plain

LOSSES = {"l1_loss": functional.l1_loss, "mse_loss": functional.mse_loss}
REDUCTIONS = ("mean", "sum", "none")
SHAPES = ((5,), (4, 6), (3, 1, 5), (2, 3, 4, 5), ())
CLOSE = {"rtol": 1e-4, "atol": 1e-4}
AT_1000 = {"rtol": 1e-4, "atol": 2e-3}
"""A float32 near 1000 is known to 6e-5."""


# --- What the functions are called with -----------------------------------------------------------------------


def some_differences(shape, rng):
    """Of both signs, some of them 0. Away from 1, where the absolute value and the square are the same."""
    count = torch.Size(shape).numel()
    signs = [0, 1, 1, -1] + [rng.choice((1, -1)) for _ in range(count)]
    signs = signs[:count]
    rng.shuffle(signs)
    return torch.tensor(signs).reshape(shape) * (1.3 + 1.7 * torch.rand(shape))


def some_numbers(shape, rng, dtype=torch.float32):
    """A prediction and a target, float."""
    target = 2 * torch.randn(shape)
    return (target + some_differences(shape, rng)).to(dtype), target.to(dtype)


def some_integers(shape, rng):
    """A prediction and a target, int64. Neither of the two means is a whole number."""
    while True:
        target = torch.randint(-9, 10, shape)
        difference = (2 * some_differences(shape, rng)).round().long()
        if all(
            total.item() % difference.numel() for total in (difference.abs().sum(), difference.pow(2).sum())
        ):
            return target + difference, target


def off_the_grid(shape):
    """Between two whole numbers, and not close to either."""
    return torch.rand(shape) / 2 + 0.25


def some_logits(n, classes, dtype=torch.float32):
    """Logits (n, classes), and targets: all classes, as far as there is room for them."""
    targets = (torch.arange(n) % classes)[torch.randperm(n)]
    return (2 * torch.randn(n, classes)).to(dtype), targets


# --- What is expected -----------------------------------------------------------------------------------------


def ours(name, inputs, target, reduction="mean"):
    """The judge's own value, float64."""
    if name == "cross_entropy":
        return functional.cross_entropy(inputs.double(), target)
    return LOSSES[name](inputs.double(), target.double(), reduction=reduction)


def check(submission, name, inputs, target, *args, **options):
    """The value of a loss. A reduction may be given by position or by keyword."""
    actual = getattr(submission, name)(inputs, target, *args, **options)
    expected = ours(name, inputs, target, *args, **options)
    # Shown as what a learner would expect. Which dtype it has is not asked for.
    assert_close(actual, expected.to(inputs.dtype if inputs.is_floating_point() else torch.float32), **CLOSE)


def backward(loss, weights):
    """The gradients of the weighted sum: in the judge, or in the worker."""
    (loss * weights).sum().backward()  # `loss.backward(weights)` would import sympy first


def check_gradient(submission, sandbox, name, inputs, target, close=CLOSE, **options):
    """The value, and what a backward pass leaves in the first argument. Every element has a weight of its own."""
    leaf = inputs.double().requires_grad_()
    expected = ours(name, leaf, target, **options)
    weights = 0.5 + torch.rand(expected.shape)
    backward(expected, weights)

    argument = "logits" if name == "cross_entropy" else "prediction"
    theirs = sandbox.put(inputs.clone().requires_grad_())
    loss = getattr(submission, name)(theirs, target, **options)
    assert_close(loss, expected.detach(), **close)
    if not is_handle(loss):  # what autograd follows stays in the worker
        raise Mismatch(
            _("{value}, cut off from the graph").format(value=describe(loss)),
            _("a tensor from which autograd finds its way back to `{argument}`").format(argument=argument),
        )
    sandbox.define(backward)(loss, weights)
    assert_close(theirs.grad, leaf.grad, **close, name=f"{argument}.grad")


# --- l1_loss and mse_loss -------------------------------------------------------------------------------------


def check_mean(submission, name, rng):
    for shape in SHAPES:
        check(submission, name, *some_numbers(shape, rng))
        check(submission, name, *some_numbers(shape, rng), "mean")
        check(submission, name, *some_numbers(shape, rng, torch.float64), reduction="mean")
    check(submission, name, *some_numbers((1,), rng))


def test_l1_loss(submission, rng):
    check_mean(submission, "l1_loss", rng)


def test_mse_loss(submission, rng):
    check_mean(submission, "mse_loss", rng)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_sum_and_none(submission, rng, name, reduction):
    for shape in (*SHAPES, (1,)):
        check(submission, name, *some_numbers(shape, rng), reduction=reduction)
        check(submission, name, *some_numbers(shape, rng, torch.float64), reduction)


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_reduction(submission, rng, name):
    pair = some_numbers((4, 6), rng)
    near = [
        "Mean",
        "SUM",
        "None",
        "mean ",
        "means",
        "me",
        "n",
        "mean,sum",
        "batchmean",
        "elementwise_mean",
        "",
    ]
    far = ["avg", "average", "max", "median", "prod", "std", "".join(rng.choices("abcdefgh", k=5))]
    for reduction in (*near, *far, None, 0, 1, True):
        with pytest.raises(ValueError):
            getattr(submission, name)(*pair, reduction=reduction)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_int64(submission, rng, name, reduction):
    for shape in ((5,), (3, 4), (2, 3, 4)):
        prediction, target = some_integers(shape, rng)
        check(submission, name, prediction, target, reduction=reduction)
        check(submission, name, prediction, target + off_the_grid(shape), reduction=reduction)
        check(submission, name, prediction + off_the_grid(shape), target, reduction=reduction)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_gradient(submission, sandbox, rng, name, reduction):
    for shape, dtype in (((5,), torch.float32), ((4, 6), torch.float64), ((2, 3, 4), torch.float32)):
        prediction, target = some_numbers(shape, rng, dtype)
        if name == "l1_loss":  # it has no slope at a tie: see the next check
            prediction = torch.where(prediction == target, target + 2, prediction)
        check_gradient(submission, sandbox, name, prediction, target, reduction=reduction)
    prediction, target = some_integers((3, 4), rng)
    prediction = prediction + off_the_grid((3, 4))
    check_gradient(submission, sandbox, name, prediction, target, reduction=reduction)
    if name == "l1_loss":
        check_ties(submission, sandbox, *some_numbers((4, 6), rng), reduction)


def check_ties(submission, sandbox, prediction, target, reduction):
    """Where prediction and target are equal, every slope between both sides' is right; NaN and infinity are not."""
    theirs = sandbox.put(prediction.clone().requires_grad_())
    loss = submission.l1_loss(theirs, target, reduction=reduction)
    sandbox.define(backward)(loss, torch.ones(()))
    steepest = 1 / prediction.numel() if reduction == "mean" else 1.0
    expected = steepest * (prediction - target).sign()
    found = plain(theirs.grad)
    if not is_handle(found) and isinstance(found, torch.Tensor) and found.shape == expected.shape:
        tie = (prediction == target) & (found.abs() <= steepest * 1.001)
        found = torch.where(tie, expected.to(found.dtype), found)
    assert_close(found, expected, **CLOSE, name="prediction.grad")


# --- cross_entropy --------------------------------------------------------------------------------------------


def test_cross_entropy(submission):
    for n, classes in ((12, 5), (7, 4), (9, 2), (6, 6)):
        check(submission, "cross_entropy", *some_logits(n, classes))
        check(submission, "cross_entropy", *some_logits(n, classes, torch.float64))


def test_cross_entropy_sizes(submission, rng):
    """A single sample, a single class, more classes than samples, and classes that do not occur."""
    for n, classes in ((1, 5), (1, 2), (6, 1), (1, 1), (4, 7)):
        logits, target = some_logits(n, classes)
        check(submission, "cross_entropy", logits, (target + rng.randrange(classes)) % classes)
    for absent in (0, 5):
        logits, _target = some_logits(8, 6)
        present = [c for c in range(6) if c != absent]
        check(submission, "cross_entropy", logits, torch.tensor(rng.choices(present, k=8)))


def large_logits(kind, n, classes):
    """Logits up to ±1000, and targets.

    Args:
        kind: which class is the large one: the target's (`right`), another (`wrong`), all (`high`) or none (`low`);
            `mixed` has rows of each kind.
        n: rows.
        classes: columns.
    """
    _logits, targets = some_logits(n, classes)
    others = (targets + torch.randint(1, classes, (n,))) % classes
    kinds = {
        "right": 2000.0 * functional.one_hot(targets, classes) - 1000,
        "wrong": 2000.0 * functional.one_hot(others, classes) - 1000,
        "high": 1000 - 3 * torch.rand(n, classes),
        "low": 3 * torch.rand(n, classes) - 1000,
    }
    rows = torch.arange(n)
    kinds["mixed"] = torch.stack(list(kinds.values()))[rows % 4, rows]
    return kinds[kind], targets


@pytest.mark.parametrize("kind", ["right", "wrong", "high", "low", "mixed"])
def test_cross_entropy_large_logits(submission, sandbox, kind):
    for dtype in (torch.float32, torch.float64):
        n, classes = (8, 5) if kind == "mixed" else (2, 3)  # so few are shown in full when it fails
        logits, target = large_logits(kind, n, classes)
        check_gradient(submission, sandbox, "cross_entropy", logits.to(dtype), target, AT_1000)


def test_cross_entropy_gradient(submission, sandbox):
    for n, classes, dtype in ((12, 5, torch.float32), (7, 4, torch.float64), (9, 2, torch.float32)):
        check_gradient(submission, sandbox, "cross_entropy", *some_logits(n, classes, dtype))


# --- By hand --------------------------------------------------------------------------------------------------


def calling(function, *args):
    """The loss functions of torch that are called while `function` runs, and what it returns.

    torch tells a mode of every function by its own name, whatever the caller calls it. Those of torch.nn.functional,
    which the loss classes call, and what lies behind them (torch.nll_loss2d, aten::cross_entropy_loss) have names in
    common; nothing else is called so.
    """
    import re

    from torch.overrides import TorchFunctionMode

    called = set()

    class Spy(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            name = str(getattr(func, "__name__", ""))
            if re.search("_loss|cross_entropy|kl_div", name):
                called.add(name)
            return func(*args, **(kwargs or {}))

    with Spy():
        result = function(*args)
    return sorted(called), result


def calls_to_spy_on(name, rng):
    """Arguments of every kind: whoever calls torch's loss for some of them only is seen, too."""
    if name == "cross_entropy":
        yield from (some_logits(*size) for size in ((12, 5), (1, 5), (6, 1), (4, 7)))
        yield some_logits(12, 5, torch.float64)
        yield from (large_logits("mixed", n, 5) for n in (8, 1))
        return
    for reduction in REDUCTIONS:
        for shape in SHAPES:
            yield *some_numbers(shape, rng), reduction
        yield *some_numbers((4, 6), rng, torch.float64), reduction
        prediction, target = some_integers((3, 4), rng)
        fraction = off_the_grid((3, 4))
        yield prediction, target, reduction
        yield prediction, target + fraction, reduction
        yield prediction + fraction, target, reduction


@pytest.mark.parametrize("name", [*LOSSES, "cross_entropy"])
def test_by_hand(submission, sandbox, rng, name):
    spy = sandbox.define(calling)

    def by_hand(inputs, *others):
        called, result = spy(getattr(submission, name), inputs, *others)
        if plain(called) != []:
            raise Mismatch(
                _("{name} called {losses}").format(name=name, losses=describe(called)),
                _("tensor operations, and no loss class or loss function of torch"),
            )
        return result

    first, *more = calls_to_spy_on(name, rng)
    try:
        assert_close(by_hand(*first), ours(name, *first).to(first[0].dtype), **CLOSE)
    except Mismatch as mismatch:
        if not mismatch.detail:  # it called one
            raise
        text = _("who does nothing calls nothing: this check wants a right value first")
        raise Mismatch(mismatch.came_back, mismatch.expected, text) from None
    for inputs, *others in more:
        with contextlib.suppress(RuntimeError):  # that these raise, other checks say
            by_hand(inputs, *others)
            if inputs.is_floating_point():
                by_hand(sandbox.put(inputs.clone().requires_grad_()), *others)
