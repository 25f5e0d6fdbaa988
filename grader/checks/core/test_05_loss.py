"""Hidden grader of core/05: values and gradients are those of the judge's own torch, computed in float64."""

import pytest
import torch
from torch.nn import functional

from learn_torch.language import _
from learn_torch.testing import Mismatch, RemoteError, assert_close, bans, describe, is_handle, plain

LOSSES = {"l1_loss": functional.l1_loss, "mse_loss": functional.mse_loss}
REDUCTIONS = ("mean", "sum", "none")
NAMES = (*LOSSES, "cross_entropy")
LARGE = ((64, 10), (32, 100), (8, 3, 9, 7))
"""What a classifier gives for a batch, and a few small pictures."""
CLOSE = {"rtol": 1e-4, "atol": 1e-4}
AT_1000 = {"rtol": 1e-4, "atol": 2e-3}
"""A float32 near 1000 is known to 6e-5."""


# --- What the functions are called with -----------------------------------------------------------------------


def some_shapes(rng):
    """One of every number of axes up to four. The first is small enough to be shown in full."""
    a, b, c, d = (rng.randint(2, 7) for _ in range(4))
    return (rng.randint(4, 6),), (a, b), (b, 1, c), (c, d, a, b), ()


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
    targets = torch.randperm(max(n, classes))[:n] % classes
    return (2 * torch.randn(n, classes)).to(dtype), targets


# --- What is expected -----------------------------------------------------------------------------------------


def ours(name, inputs, target, reduction="mean"):
    """The judge's own value, float64."""
    if name == "cross_entropy":
        return functional.cross_entropy(inputs.double(), target)
    return LOSSES[name](inputs.double(), target.double(), reduction=reduction)


def check(function, name, inputs, target, *args, close=CLOSE, **options):
    """The value of a loss. A reduction may be given by position or by keyword."""
    actual = function(inputs, target, *args, **options)
    expected = ours(name, inputs, target, *args, **options)
    # Shown as what a learner would expect. Which dtype it has is not asked for.
    assert_close(actual, expected.to(inputs.dtype if inputs.is_floating_point() else torch.float32), **close)


def argument_names(name):
    return ("logits" if name == "cross_entropy" else "prediction"), "target"


def check_arguments(function, sandbox, name, inputs, target, **options):
    """The value, and that the arguments are afterwards what they were."""
    given = sandbox.put(inputs), sandbox.put(target)
    check(lambda _inputs, _target, **options: function(*given, **options), name, inputs, target, **options)
    for argument, handle, before in zip(argument_names(name), given, (inputs, target), strict=True):
        after = handle.value()
        if after.shape != before.shape or not torch.equal(after, before):
            raise Mismatch(
                _("`{argument}` is {value} afterwards").format(argument=argument, value=describe(after)),
                _("the arguments as they were: {value}").format(value=describe(before)),
            )


def backward(loss, weights):
    """The gradients of the weighted sum: in the judge, or in the worker."""
    (loss * weights).sum().backward()  # `loss.backward(weights)` would import sympy first


def check_gradient(function, sandbox, name, inputs, target, close=CLOSE, **options):
    """The value, and what a backward pass leaves in the first argument. Every element has a weight of its own."""
    leaf = inputs.double().requires_grad_()
    expected = ours(name, leaf, target, **options)
    weights = 0.5 + torch.rand(expected.shape)
    backward(expected, weights)

    argument = argument_names(name)[0]
    theirs = sandbox.put(inputs.clone().requires_grad_())
    loss = function(theirs, target, **options)
    assert_close(loss, expected.detach(), **close)
    if not is_handle(loss):  # what autograd follows stays in the worker
        raise Mismatch(
            _("{value}, cut off from the graph").format(value=describe(loss)),
            _("a tensor from which autograd finds its way back to `{argument}`").format(argument=argument),
        )
    sandbox.define(backward)(loss, weights)
    assert_close(theirs.grad, leaf.grad, **close, name=f"{argument}.grad")


# --- l1_loss and mse_loss -------------------------------------------------------------------------------------


def check_mean(function, sandbox, name, rng):
    for shape in some_shapes(rng):
        check(function, name, *some_numbers(shape, rng))
        check(function, name, *some_numbers(shape, rng), "mean")
        check(function, name, *some_numbers(shape, rng, torch.float64), reduction="mean")
    check(function, name, *some_numbers((1,), rng))
    check(function, name, *some_numbers(rng.choice(LARGE), rng))
    check_arguments(function, sandbox, name, *some_numbers((rng.randint(2, 4), 3), rng))


def test_l1_loss(submission, sandbox, rng):
    check_mean(submission.l1_loss, sandbox, "l1_loss", rng)


def test_mse_loss(submission, sandbox, rng):
    check_mean(submission.mse_loss, sandbox, "mse_loss", rng)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_sum_and_none(submission, sandbox, rng, name, reduction):
    function = getattr(submission, name)
    for shape in (*some_shapes(rng), (1,)):
        check(function, name, *some_numbers(shape, rng), reduction=reduction)
        check(function, name, *some_numbers(shape, rng, torch.float64), reduction)
    check(function, name, *some_numbers(rng.choice(LARGE), rng, torch.float64), reduction)
    check_arguments(function, sandbox, name, *some_numbers((rng.randint(2, 4), 3), rng), reduction=reduction)


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_reduction(submission, rng, name):
    function = getattr(submission, name)
    pair = some_numbers((rng.randint(2, 6), rng.randint(2, 6)), rng)
    for reduction in REDUCTIONS:  # who refuses everything has not understood what is unknown
        function(*pair, reduction=reduction)
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
    far = ["avg", "average", "max", "median", "prod", "std"]
    drawn = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(1, 12))) for _ in range(4)]
    for reduction in (*near, *far, *drawn, None, 0, 1, True, rng.randint(2, 99), rng.uniform(-1, 1)):
        if reduction not in REDUCTIONS:
            with pytest.raises(ValueError):
                function(*pair, reduction=reduction)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_int64(submission, sandbox, rng, name, reduction):
    function = getattr(submission, name)
    shapes = some_shapes(rng)[:3]
    for shape in shapes:
        prediction, target = some_integers(shape, rng)
        check(function, name, prediction, target, reduction=reduction)
        check(function, name, prediction, target + off_the_grid(shape), reduction=reduction)
        check(function, name, prediction + off_the_grid(shape), target, reduction=reduction)
    check_arguments(function, sandbox, name, *some_integers(shapes[0], rng), reduction=reduction)


def without_ties(prediction, target):
    """Where the two are equal, l1_loss has no slope."""
    return torch.where(prediction == target, target + 2, prediction), target


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_gradient(submission, sandbox, rng, name, reduction):
    function = getattr(submission, name)
    for shape, dtype in zip(some_shapes(rng)[:3], (torch.float32, torch.float64, torch.float32), strict=True):
        pair = some_numbers(shape, rng, dtype)
        pair = without_ties(*pair) if name == "l1_loss" else pair
        check_gradient(function, sandbox, name, *pair, reduction=reduction)
    shape = rng.randint(2, 5), rng.randint(2, 5)
    prediction, target = some_integers(shape, rng)
    prediction = prediction + off_the_grid(shape)
    check_gradient(function, sandbox, name, prediction, target, reduction=reduction)
    if name == "l1_loss":
        check_ties(function, sandbox, *some_numbers((4, 6), rng), reduction)


def check_ties(function, sandbox, prediction, target, reduction):
    """Where prediction and target are equal, every slope between both sides' is right; NaN and infinity are not."""
    theirs = sandbox.put(prediction.clone().requires_grad_())
    loss = function(theirs, target, reduction=reduction)
    sandbox.define(backward)(loss, torch.ones(()))
    steepest = 1 / prediction.numel() if reduction == "mean" else 1.0
    expected = steepest * (prediction - target).sign()
    found = plain(theirs.grad)
    if not is_handle(found) and isinstance(found, torch.Tensor) and found.shape == expected.shape:
        tie = (prediction == target) & (found.abs() <= steepest * 1.001)
        found = torch.where(tie, expected.to(found.dtype), found)
    assert_close(found, expected, **CLOSE, name="prediction.grad")


# --- cross_entropy --------------------------------------------------------------------------------------------


def some_sizes(rng):
    """Numbers of samples and classes, with a sample for each class; the last is what a classifier gives."""
    for _size in range(3):
        classes = rng.randint(2, 7)
        yield classes + rng.randint(0, 7), classes
    yield 64, 10


def test_cross_entropy(submission, sandbox, rng):
    function = submission.cross_entropy
    for size in some_sizes(rng):
        check(function, "cross_entropy", *some_logits(*size))
        check(function, "cross_entropy", *some_logits(*size, torch.float64))
    check_arguments(function, sandbox, "cross_entropy", *some_logits(rng.randint(2, 6), 3))


def test_cross_entropy_sizes(submission, rng):
    """A single sample, a single class, more classes than samples, and classes that do not occur."""
    some = rng.randint(2, 6)
    for n, classes in ((1, some), (1, 2), (some, 1), (1, 1), (some, some + 3), (32, 100)):
        logits, target = some_logits(n, classes)
        check(submission.cross_entropy, "cross_entropy", logits, (target + rng.randrange(classes)) % classes)
    n, classes = rng.randint(4, 12), rng.randint(3, 8)
    for absent in (0, classes - 1):
        logits, _target = some_logits(n, classes)
        present = [c for c in range(classes) if c != absent]
        target = torch.tensor(rng.choices(present, k=n))
        check(submission.cross_entropy, "cross_entropy", logits, target)


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
def test_cross_entropy_large_logits(submission, sandbox, rng, kind):
    for dtype in (torch.float32, torch.float64):
        # So few are shown in full when it fails.
        n, classes = (rng.randint(4, 12), rng.randint(3, 10)) if kind == "mixed" else (2, 3)
        logits, target = large_logits(kind, n, classes)
        check_gradient(submission.cross_entropy, sandbox, "cross_entropy", logits.to(dtype), target, AT_1000)


def test_cross_entropy_gradient(submission, sandbox, rng):
    for size, dtype in zip(some_sizes(rng), (torch.float32, torch.float64) * 2, strict=True):
        check_gradient(submission.cross_entropy, sandbox, "cross_entropy", *some_logits(*size, dtype))


# --- By hand --------------------------------------------------------------------------------------------------


def calling(function, *args, **options):
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
        result = function(*args, **options)
    return sorted(called), result


def some_calls(name, rng):
    """Arguments of every kind: whoever calls torch's loss for some of them only is noticed, too."""
    if name == "cross_entropy":
        n, classes = rng.randint(2, 6), rng.randint(2, 6)
        sizes = (*some_sizes(rng), (1, classes), (n, 1), (n, n + 3), (32, 100))
        yield from (some_logits(*size, rng.choice((torch.float32, torch.float64))) for size in sizes)
        yield from (large_logits("mixed", n, classes + 1) for n in (4 + n, 1))
        return
    for reduction in REDUCTIONS:
        for shape in rng.sample((*some_shapes(rng), LARGE[0]), 3):
            pair = some_numbers(shape, rng, rng.choice((torch.float32, torch.float64)))
            yield *without_ties(*pair), reduction
        shape = rng.randint(2, 5), rng.randint(2, 5)
        prediction, target = some_integers(shape, rng)
        fraction = off_the_grid(shape)
        yield prediction, target, reduction
        yield prediction, target + fraction, reduction
        yield prediction + fraction, target, reduction


def check_call(function, sandbox, name, rng, inputs, target, *reduction):
    """The value, and in one of two calls the gradient, where there is one."""
    options = {"reduction": reduction[0]} if reduction else {}
    options["close"] = AT_1000 if inputs.abs().max() > 500 else CLOSE
    if inputs.is_floating_point() and rng.random() < 0.5:
        check_gradient(function, sandbox, name, inputs, target, **options)
    else:
        check(function, name, inputs, target, **options)


class LossCalled(Mismatch):
    """The submission called a loss of torch's."""


def spied_on(sandbox, function, name):
    """`function`, which fails the check where it calls a loss of torch's."""
    spy = sandbox.define(calling)

    def spied(*args, **options):
        called, result = spy(function, *args, **options)
        if plain(called) != []:
            raise LossCalled(
                _("{name} called {losses}").format(name=name, losses=describe(called)),
                _("tensor operations, and no loss class or loss function of torch"),
            )
        return result

    return spied


@pytest.mark.parametrize("name", [*NAMES, "all"])
def test_by_hand(submission, sandbox, rng, request, name):
    """Each is spied on first. Then all are asked where no loss of torch's is of any use, however it is called."""
    if name == "all":
        bans.restart_without(bans.losses, submission, sandbox)
        remark = _(
            "here torch's own losses give wrong values, and so does whoever calls one, in whatever way"
        )
    else:
        remark = _("who does nothing calls nothing: this check wants a right value first")
    for loss in NAMES if name == "all" else [name]:
        function = getattr(submission, loss)
        function = function if name == "all" else spied_on(sandbox, function, loss)
        for number, call in enumerate(some_calls(loss, rng)):
            try:
                check_call(function, sandbox, loss, rng, *call)
            except LossCalled:
                raise
            except (Mismatch, RemoteError) as error:
                if number and request.session.testsfailed:
                    continue  # a check of its own has said so
                if isinstance(error, RemoteError):
                    raise
                raise Mismatch(error.came_back, error.expected, remark) from None
