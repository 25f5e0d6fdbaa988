"""Hidden grader of core/06: losses and weights are those of the judge's own training, step by step."""

from dataclasses import dataclass
from functools import partial

import pytest
import torch
from training_steps import Side, backward, cross_entropy, modes_of, our_step, set_modes

from learn_torch.language import _
from learn_torch.testing import Mismatch, assert_close, assert_value, bans, describe, plain

CLOSE = {"rtol": 1e-4, "atol": 1e-6}


# --- What a step is taken with --------------------------------------------------------------------------------


@dataclass
class Size:
    """Samples in a batch, features of each, outputs for each."""

    samples: int
    features: int
    outputs: int


def a_size(rng):
    return Size(rng.randint(8, 20), rng.randint(2, 9), rng.randint(3, 6))


def linear(torch, size):
    return torch.nn.Linear(size.features, size.outputs)


def mean_squares(torch):
    return torch.nn.MSELoss()


def sgd(torch, parameters):
    return torch.optim.SGD(parameters, lr=0.5)


def both(sandbox, size, model=linear, loss_fn=cross_entropy, optimizer=sgd):
    """The judge's side and the worker's, with the same weights."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    ours, theirs = (
        Side(made := model(home, size), loss_fn(home), optimizer(home, made.parameters()))
        for home in (torch, sandbox.torch)
    )
    align(ours, theirs)
    return ours, theirs


def align(ours, theirs):
    """The worker's model is where the judge's is, whatever was wrong before, and nothing is left over."""
    theirs.model.load_state_dict(ours.model.state_dict())
    theirs.model.zero_grad()


def a_batch(size):
    """Inputs and classes, every one of them among those. Their gradients are small."""
    rest = torch.randint(size.outputs, (size.samples - size.outputs,))
    return 0.5 * torch.randn(size.samples, size.features), torch.cat([torch.arange(size.outputs), rest])


def check_step(submission, ours, theirs, batch):
    """One step on both sides, and the weights after it."""
    our_step(ours, *batch)
    submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
    assert_parameters(theirs.model, ours.model)


def assert_parameters(theirs, ours):
    """The worker's model has the values of the judge's."""
    values = plain(theirs.state_dict())
    for name, parameter in ours.named_parameters():
        assert_close(values[name], parameter.detach(), **CLOSE, name=name)


# --- train_step -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_loss_before_the_step(submission, sandbox, rng, kind):
    """Of several steps, with batches of any size, the single sample and the ordinary 64 among them."""
    size = a_size(rng)
    ours, theirs = both(sandbox, size, loss_fn=cross_entropy if kind == "classes" else mean_squares)
    for samples in (size.samples, 1, 64, rng.randint(2, 40)):
        images, targets = 0.5 * torch.randn(samples, size.features), torch.randint(size.outputs, (samples,))
        if kind == "numbers":
            targets = rng.choice((0.1, 1, 20)) * torch.randn(samples, size.outputs)
        align(ours, theirs)
        expected = our_step(ours, images, targets)
        loss = submission.train_step(theirs.model, images, targets, theirs.loss_fn, theirs.optimizer)
        assert_close(loss, expected, **CLOSE)


def watch(model, optimizer):
    """The list in which the parts of a step note themselves."""
    log = []
    model.register_forward_hook(lambda *_: log.append("forward"))
    model.weight.register_post_accumulate_grad_hook(lambda _weight: log.append("backward"))
    optimizer.register_step_post_hook(lambda *_: log.append("step"))
    for cleared in (model, optimizer):
        original = cleared.zero_grad

        def zero_grad(*args, original=original, **kwargs):
            log.append("zero_grad")
            return original(*args, **kwargs)

        cleared.zero_grad = zero_grad
    return log


def net_for_pictures(torch, size):
    return torch.nn.Sequential(
        torch.nn.Conv2d(size.features, 4, 3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(48, size.outputs),
    )


def test_one_step(submission, sandbox, rng):
    size = a_size(rng)
    ours, theirs = both(sandbox, size)
    log = sandbox.hold(sandbox.define(watch))(theirs.model, theirs.optimizer)
    batch = a_batch(size)
    our_step(ours, *batch)
    submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
    plain(log)  # judged by its result alone; in which order it came about is for diagnosis
    assert_parameters(theirs.model, ours.model)

    ours, theirs = both(sandbox, size, net_for_pictures)
    pictures = torch.randn(size.samples, size.features, 5, 6)
    check_step(submission, ours, theirs, (pictures, torch.randint(size.outputs, (size.samples,))))


def test_left_over_gradients(submission, sandbox, rng):
    size = a_size(rng)
    ours, theirs = both(sandbox, size)
    sandbox.define(backward)(theirs.model, *a_batch(size))
    for _step in range(rng.randint(2, 4)):  # what the step itself may have left counts, too
        check_step(submission, ours, theirs, a_batch(size))


def by_the_sign():
    """A class of optimizers that no library has."""
    import torch

    class BySign(torch.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def step(self, closure=None):
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            with torch.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        p -= group["lr"] * p.grad.tanh()
            return loss

    return BySign


@pytest.mark.parametrize("name", ["momentum", "adam", "own"])
def test_any_optimizer(submission, sandbox, rng, name):
    rates = rng.uniform(0.1, 0.3), rng.uniform(0.02, 0.06)
    size = a_size(rng)

    def momentum(torch, parameters):
        groups = [{"params": [p], "lr": lr} for p, lr in zip(parameters, rates, strict=True)]
        return torch.optim.SGD(groups, lr=0.2, momentum=0.9, weight_decay=0.05)

    def adam(torch, parameters):
        return torch.optim.Adam(parameters, lr=rates[1])

    def own(home, parameters):
        kind = by_the_sign() if home is torch else sandbox.define(by_the_sign)()
        return kind(parameters, lr=rates[0])

    ours, theirs = both(sandbox, size, optimizer={"momentum": momentum, "adam": adam, "own": own}[name])
    for _step in range(rng.randint(3, 5)):
        check_step(submission, ours, theirs, a_batch(size))


def test_no_clipping(submission, sandbox, rng):
    """Gradients as large as any threshold, and such as are so small that somebody might want to enlarge them."""

    def linear_from_zero(torch, size):
        layer = linear(torch, size)
        for parameter in layer.parameters():
            torch.nn.init.zeros_(parameter)
        return layer

    size = a_size(rng)
    for low, high in ((2, 4), (6, 9), (10, 15), (-5, -3)):
        ours, theirs = both(sandbox, size, linear_from_zero, mean_squares)
        scale = 10 ** (rng.uniform(low, high) / 2)
        batch = (
            scale * torch.randn(size.samples, size.features),
            scale * torch.randn(size.samples, size.outputs),
        )
        our_step(ours, *batch)
        submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
        assert_moved(theirs.model, ours.model)


def assert_moved(theirs, ours):
    """The worker's model has the values of the judge's. They began at zero: how far they have come is what counts."""
    values = plain(theirs.state_dict())
    for name, parameter in ours.named_parameters():
        moved = parameter.detach().abs().max().item()
        assert_close(values[name], parameter.detach(), rtol=0, atol=1e-3 * moved, name=name)


def lopsided(output, target):
    """Too much costs four times as much as too little."""
    difference = output - target
    return (4 * difference.clamp(min=0) - difference.clamp(max=0)).pow(2).mean() / 20


def test_loss_function(submission, sandbox, rng):
    def counts(torch):
        return torch.nn.PoissonNLLLoss()

    size = a_size(rng)
    inputs = 0.3 * torch.randn(size.samples, size.features)
    shape = size.samples, size.outputs
    ours, theirs = both(sandbox, size, loss_fn=counts)
    check_step(submission, ours, theirs, (inputs, torch.randint(4, shape).float()))
    align(ours, theirs)
    ours.loss_fn, theirs.loss_fn = lopsided, sandbox.define(lopsided)
    check_step(submission, ours, theirs, (inputs, torch.randn(shape)))

    size = Size(size.samples, size.features, 1)
    ours, theirs = both(sandbox, size, loss_fn=mean_squares)
    check_step(submission, ours, theirs, (inputs, torch.randn(size.samples, 1)))


# --- Modes ----------------------------------------------------------------------------------------------------


def doubling():
    """A layer of nobody's library, with a mode."""
    import torch

    class Doubling(torch.nn.Module):
        def forward(self, x):
            return 2 * x if self.training else x

    return Doubling()


def flat(layer, torch, size):
    """A net around a layer for rows of numbers."""
    nn = torch.nn
    return nn.Sequential(
        nn.Linear(size.features, 8), nn.Sequential(layer(torch, 8), nn.Linear(8, size.outputs))
    )


def deep(layer, torch, size):
    """A net around a layer for pictures."""
    nn = torch.nn
    features = nn.Sequential(nn.Conv2d(size.features, 4, 3), layer(torch, 4))
    return nn.Sequential(features, nn.Flatten(), nn.Linear(48, size.outputs))


def a_tenth(output, targets):
    """A loss of small gradients: whoever clips them is told so elsewhere."""
    from torch.nn import functional

    return functional.cross_entropy(output, targets) / 10


@pytest.mark.parametrize("mode", ["training", "evaluation", "mixed"])
def test_mode(submission, sandbox, rng, mode):
    """One mode for all layers, or one for each; with layers that have modes of several kinds."""
    p = rng.uniform(0.3, 0.7)

    def own(home, _channels):
        return doubling() if home is torch else sandbox.define(doubling)()

    kinds = {
        "statistics": [
            (flat, lambda torch, n: torch.nn.BatchNorm1d(n)),
            (deep, lambda torch, n: torch.nn.BatchNorm2d(n)),
            (deep, lambda torch, n: torch.nn.InstanceNorm2d(n, track_running_stats=True)),
        ],
        "chance": [
            (flat, lambda torch, _n: torch.nn.Dropout(p)),
            (flat, lambda torch, _n: torch.nn.AlphaDropout(p)),
            (flat, lambda torch, _n: torch.nn.RReLU()),
            (deep, lambda torch, _n: torch.nn.Dropout2d(p)),
        ],
        "own": [(flat, own), (deep, own)],
    }
    for kind in rng.sample(list(kinds), len(kinds)):
        net, layer = rng.choice(kinds[kind])
        check_modes(submission, sandbox, rng, partial(net, layer), mode)


def check_modes(submission, sandbox, rng, model, mode):
    size = a_size(rng)
    shape = (size.samples, size.features, 5, 6) if model.func is deep else (size.samples, size.features)
    ours, theirs = both(sandbox, size, model)
    ours.model(2 + 3 * torch.randn(shape))  # running statistics that are not those of the batch
    align(ours, theirs)
    ours.loss_fn, theirs.loss_fn = a_tenth, sandbox.define(a_tenth)
    count = len(list(ours.model.modules()))
    modes = [mode == "training" if mode != "mixed" else rng.random() < 0.5 for _module in range(count)]
    set_modes(ours.model, modes)
    sandbox.define(set_modes)(theirs.model, modes)

    batch = 0.5 * torch.randn(shape), torch.randint(size.outputs, (size.samples,))
    seed = rng.getrandbits(40)
    for home in (torch, sandbox.torch):  # what is dropped out is drawn
        home.default_generator.manual_seed(seed)
    our_step(ours, *batch)
    submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
    assert_value(sandbox.define(modes_of)(theirs.model), modes_of(ours.model))
    assert_parameters(theirs.model, ours.model)
    # The running statistics tell how often the model was called.
    values = plain(theirs.model.state_dict())
    for name, buffer in ours.model.named_buffers():
        assert_close(values[name], buffer, **CLOSE, name=name)


# --- sgd_update -----------------------------------------------------------------------------------------------


def a_rate(rng):
    return round(rng.uniform(0.2, 0.9), 2)


def with_gradients(sandbox, size):
    """The judge's model and the worker's, after the backward pass of one batch."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    ours = linear(torch, size)
    theirs = linear(sandbox.torch, size)
    theirs.load_state_dict(ours.state_dict())
    both_backward(sandbox, size, ours, theirs)
    return ours, theirs


def both_backward(sandbox, size, ours, theirs):
    batch = a_batch(size)
    backward(ours, *batch)
    sandbox.define(backward)(theirs, *batch)


def a_list_of_parameters(values, gradients):
    """A module of parameters: those of the second list have gradients; None has none, False wants none."""
    import torch

    found = torch.nn.ParameterList()
    for value, gradient in zip(values, gradients, strict=True):
        found.append(torch.nn.Parameter(value.clone(), requires_grad=gradient is not False))
        if isinstance(gradient, torch.Tensor):
            found[-1].grad = gradient.clone()
    return found


def some_parameters(sandbox, rng, *, scale=1.0, missing=False):
    """The judge's and the worker's: of different sizes, with gradients of about `scale`, some of them missing."""
    sandbox.torch.set_grad_enabled(True)
    shapes = [(), (rng.randint(1, 9),), (rng.randint(2, 9), rng.randint(2, 9)), (4, 3, 3, 3), (64, 50)]
    shapes = rng.sample(shapes, len(shapes)) + rng.choices(shapes[:3], k=rng.randint(0, 12))
    values = [scale * torch.randn(shape) for shape in shapes]
    gradients = [scale * (0.5 + torch.rand(shape)) for shape in shapes]
    for nothing in (None, None, False) if missing else ():
        gradients.insert(place := rng.randint(0, len(gradients)), nothing)
        values.insert(place, scale * torch.randn(rng.randint(1, 5)))
    ours = a_list_of_parameters(values, gradients)
    return ours, sandbox.define(a_list_of_parameters)(values, gradients)


def our_update(model, lr):
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= lr * parameter.grad


def given_as(kind, model):
    return model.parameters() if kind == "generator" else list(model.parameters())


def check_update(update, rng, ours, theirs, kind="generator"):
    lr = a_rate(rng)
    our_update(ours, lr)
    update(given_as(kind, theirs), lr)
    assert_parameters(theirs, ours)


def assert_scaled(theirs, ours, scale):
    values = plain(theirs.state_dict())
    for name, parameter in ours.named_parameters():
        assert_close(values[name], parameter.detach(), rtol=1e-4, atol=1e-4 * scale, name=name)


@pytest.mark.parametrize("kind", ["list", "generator"])
def test_sgd_update(submission, sandbox, rng, kind):
    size = a_size(rng)
    check_update(submission.sgd_update, rng, *with_gradients(sandbox, size), kind)
    for exponent in (0, rng.uniform(2, 4), rng.uniform(6, 15), rng.uniform(-6, -3)):
        scale = 10.0**exponent
        ours, theirs = some_parameters(sandbox, rng, scale=scale)
        lr = a_rate(rng)
        our_update(ours, lr)
        submission.sgd_update(given_as(kind, theirs), lr)
        assert_scaled(theirs, ours, scale)


def test_sgd_update_without_gradient(submission, sandbox, rng):
    ours, theirs = some_parameters(sandbox, rng, missing=True)
    check_update(submission.sgd_update, rng, ours, theirs)
    names = [name for name, parameter in ours.named_parameters() if parameter.grad is None]
    found = {f"[{name}].grad": theirs.get_parameter(name).grad for name in names}
    assert_value(found, dict.fromkeys(found))
    found = {f"[{name}].requires_grad": theirs.get_parameter(name).requires_grad for name in names}
    expected = (ours.get_parameter(name).requires_grad for name in names)
    assert_value(found, dict(zip(found, expected, strict=True)))


def test_sgd_update_keeps_gradients(submission, sandbox, rng):
    for ours, theirs in (with_gradients(sandbox, a_size(rng)), some_parameters(sandbox, rng)):
        check_update(submission.sgd_update, rng, ours, theirs)
        for name, parameter in ours.named_parameters():
            assert_close(theirs.get_parameter(name).grad, parameter.grad, **CLOSE, name=f"{name}.grad")


def test_sgd_update_not_recorded(submission, sandbox, rng):
    """A few rounds; the gradients are cleared by the grader."""
    size = a_size(rng)
    ours, theirs = with_gradients(sandbox, size)
    lr = a_rate(rng)
    for _round in range(rng.randint(2, 4)):
        our_update(ours, lr)
        submission.sgd_update(theirs.parameters(), lr)
        found = {"torch.is_grad_enabled()": sandbox.torch.is_grad_enabled()}
        for name, _parameter in ours.named_parameters():
            parameter = theirs.get_parameter(name)
            found |= {f"{name}.requires_grad": parameter.requires_grad, f"{name}.is_leaf": parameter.is_leaf}
        assert_value(found, dict.fromkeys(found, True))
        ours.zero_grad()
        theirs.zero_grad()
        both_backward(sandbox, size, ours, theirs)
    assert_parameters(theirs, ours)


# --- By hand --------------------------------------------------------------------------------------------------


def calling(function, parameters, lr):
    """The modules of torch.optim whose code runs while `function` does, in this thread or in one that it starts."""
    import sys
    import threading

    seen = set()

    def note(frame, event, _arg):
        if event == "call":
            seen.add(str(frame.f_globals.get("__name__")))

    for profiler in (threading, sys):
        profiler.setprofile(note)
    try:
        function(parameters, lr)
    finally:
        for profiler in (threading, sys):
            profiler.setprofile(None)
    return sorted(name for name in seen if name.startswith("torch.optim"))


def test_sgd_update_by_hand(submission, sandbox, rng, request):
    """It is spied on first. Then it is asked where torch.optim moves nothing, however it is called."""

    def spied(parameters, lr):
        used = sandbox.define(calling)(submission.sgd_update, parameters, lr)
        if plain(used) != []:
            raise Mismatch(
                _("sgd_update ran code of {modules}").format(modules=describe(used)),
                _("an update by hand, without torch.optim"),
            )

    check_update(spied, rng, *with_gradients(sandbox, a_size(rng)))
    bans.restart_without(bans.optimizers, submission, sandbox)
    missing = not request.session.testsfailed  # or else a check of its own has said so
    try:
        for kind in ("generator", "list"):
            check_update(submission.sgd_update, rng, *with_gradients(sandbox, a_size(rng)), kind)
            check_update(submission.sgd_update, rng, *some_parameters(sandbox, rng, missing=missing), kind)
    except Mismatch as mismatch:
        remark = _("here torch.optim moves nothing, whoever calls it, in whatever way")
        raise Mismatch(mismatch.came_back, mismatch.expected, remark) from None
