"""Hidden grader of core/06: losses and weights are those of the judge's own training, step by step."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch

from learn_torch.testing import assert_close, assert_value, plain

CLOSE = {"rtol": 1e-4, "atol": 1e-6}


@dataclass
class Side:
    """What a step is taken with: in the judge, or as handles in the worker."""

    model: Any
    loss_fn: Any
    optimizer: Any


def linear(torch):
    return torch.nn.Linear(5, 3)


def net_with_batch_norm(torch):
    return torch.nn.Sequential(torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 3))


def cross_entropy(torch):
    return torch.nn.CrossEntropyLoss()


def mean_squares(torch):
    return torch.nn.MSELoss()


def sgd(torch, parameters):
    return torch.optim.SGD(parameters, lr=0.5)


def both(sandbox, model=linear, loss_fn=cross_entropy, optimizer=sgd):
    """The judge's side and the worker's, with the same weights."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    ours, theirs = (
        Side(made := model(home), loss_fn(home), optimizer(home, made.parameters()))
        for home in (torch, sandbox.torch)
    )
    theirs.model.load_state_dict(ours.model.state_dict())
    return ours, theirs


def a_batch():
    """Inputs (12, 5) and classes (12,), every one of the three among them. Their gradients are small."""
    return 0.5 * torch.randn(12, 5), torch.tensor([0, 1, 2, *torch.randint(3, (9,)).tolist()])


def our_step(side, images, targets):
    side.optimizer.zero_grad()
    side.loss_fn(side.model(images), targets).backward()
    side.optimizer.step()


def backward(model, images, targets):
    """Adds the gradients of a batch: in the judge, or in the worker."""
    from torch.nn import functional

    functional.cross_entropy(model(images), targets).backward()


def check_step(submission, ours, theirs, batch, **tolerance):
    """One step on both sides, and the weights after it."""
    our_step(ours, *batch)
    submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
    assert_parameters(theirs.model, ours.model, **tolerance)


def assert_parameters(theirs, ours, **tolerance):
    """The worker's model has the values of the judge's."""
    values = plain(theirs.state_dict())
    for name, parameter in ours.named_parameters():
        assert_close(values[name], parameter.detach(), **(tolerance or CLOSE), name=name)


# --- train_step -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_loss_before_the_step(submission, sandbox, kind):
    ours, theirs = both(sandbox, loss_fn=cross_entropy if kind == "classes" else mean_squares)
    images, targets = a_batch()
    if kind == "numbers":
        targets = torch.randn(12, 3)
    with torch.no_grad():
        expected = ours.loss_fn(ours.model(images), targets).item()
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


def test_one_step(submission, sandbox):
    ours, theirs = both(sandbox)
    log = sandbox.hold(sandbox.define(watch))(theirs.model, theirs.optimizer)
    batch = a_batch()
    our_step(ours, *batch)
    submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
    plain(log)  # judged by its result alone; in which order it came about is for diagnosis
    assert_parameters(theirs.model, ours.model)


def test_left_over_gradients(submission, sandbox):
    ours, theirs = both(sandbox)
    sandbox.define(backward)(theirs.model, *a_batch())
    check_step(submission, ours, theirs, a_batch())
    # And what the step itself may have left.
    check_step(submission, ours, theirs, a_batch())


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_any_optimizer(submission, sandbox, name):
    def momentum(torch, parameters):
        return torch.optim.SGD(parameters, lr=0.2, momentum=0.9, weight_decay=0.05)

    def adam(torch, parameters):
        return torch.optim.Adam(parameters, lr=0.05)

    ours, theirs = both(sandbox, optimizer={"momentum": momentum, "adam": adam}[name])
    for _ in range(4):
        check_step(submission, ours, theirs, a_batch())


def test_no_clipping(submission, sandbox):
    ours, theirs = both(sandbox, loss_fn=mean_squares)
    batch = 30 * torch.randn(6, 5), 100 * torch.randn(6, 3)
    check_step(submission, ours, theirs, batch, rtol=1e-3, atol=1e-2)


def lopsided(output, target):
    """Too much costs four times as much as too little."""
    difference = output - target
    return (4 * difference.clamp(min=0) - difference.clamp(max=0)).pow(2).mean() / 20


def test_loss_function(submission, sandbox):
    def counts(torch):
        return torch.nn.PoissonNLLLoss()

    inputs = 0.3 * torch.randn(12, 5)
    ours, theirs = both(sandbox, loss_fn=counts)
    check_step(submission, ours, theirs, (inputs, torch.randint(4, (12, 3)).float()))
    ours.loss_fn, theirs.loss_fn = lopsided, sandbox.define(lopsided)
    check_step(submission, ours, theirs, (inputs, torch.randn(12, 3)))

    def one_output(torch):
        return torch.nn.Linear(5, 1)

    ours, theirs = both(sandbox, one_output, mean_squares)
    check_step(submission, ours, theirs, (inputs, torch.randn(12, 1)))


@pytest.mark.parametrize("modes", [(True, True), (False, False), (True, False)])
def test_mode(submission, sandbox, modes):
    """Training, evaluation, and training with a layer that is kept in evaluation."""
    ours, theirs = both(sandbox, net_with_batch_norm)
    ours.model(2 + 3 * a_batch()[0])  # running statistics that are not those of the batch
    theirs.model.load_state_dict(ours.model.state_dict())
    for side in (ours, theirs):
        side.model.train(modes[0])
        side.model[0].train(modes[1])
    batch = a_batch()
    our_step(ours, *batch)
    submission.train_step(theirs.model, *batch, theirs.loss_fn, theirs.optimizer)
    found = {"model.training": theirs.model.training, "model[0].training": theirs.model[0].training}
    assert_value(found, dict(zip(found, modes, strict=True)))
    assert_parameters(theirs.model, ours.model)
    # The running statistics tell how often the model was called.
    values = plain(theirs.model.state_dict())
    for name, buffer in ours.model.named_buffers():
        assert_close(values[name], buffer, **CLOSE, name=name)


# --- sgd_update -----------------------------------------------------------------------------------------------


def with_gradients(sandbox, build=linear):
    """The judge's model and the worker's, after the backward pass of one batch."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    ours = build(torch)
    theirs = build(sandbox.torch)
    theirs.load_state_dict(ours.state_dict())
    both_backward(sandbox, ours, theirs)
    return ours, theirs


def both_backward(sandbox, ours, theirs):
    batch = a_batch()
    backward(ours, *batch)
    sandbox.define(backward)(theirs, *batch)


def a_rate(rng):
    return round(rng.uniform(0.2, 0.9), 2)


def our_update(model, lr):
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= lr * parameter.grad


@pytest.mark.parametrize("kind", ["list", "generator"])
def test_sgd_update(submission, sandbox, rng, kind):
    ours, theirs = with_gradients(sandbox)
    lr = a_rate(rng)
    our_update(ours, lr)
    submission.sgd_update(list(theirs.parameters()) if kind == "list" else theirs.parameters(), lr)
    assert_parameters(theirs, ours)


def test_sgd_update_without_gradient(submission, sandbox, rng):
    def two_layers(torch):
        return torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Linear(4, 3))

    ours, theirs = with_gradients(sandbox, two_layers)
    for model in (ours, theirs):
        model[0].weight.grad = None
        model[1].bias.grad = None
        model[1].bias.requires_grad_(False)
    lr = a_rate(rng)
    our_update(ours, lr)
    submission.sgd_update(theirs.parameters(), lr)
    assert_parameters(theirs, ours)
    found = {"[0].weight.grad": theirs[0].weight.grad, "[1].bias.grad": theirs[1].bias.grad}
    assert_value(found, dict.fromkeys(found))
    found = {"[0].weight.requires_grad": theirs[0].weight.requires_grad}
    found |= {"[1].bias.requires_grad": theirs[1].bias.requires_grad}
    assert_value(found, dict(zip(found, (True, False), strict=True)))


def test_sgd_update_keeps_gradients(submission, sandbox, rng):
    ours, theirs = with_gradients(sandbox)
    lr = a_rate(rng)
    our_update(ours, lr)
    submission.sgd_update(theirs.parameters(), lr)
    assert_parameters(theirs, ours)
    for name, parameter in ours.named_parameters():
        assert_close(theirs.get_parameter(name).grad, parameter.grad, **CLOSE, name=f"{name}.grad")


def test_sgd_update_not_recorded(submission, sandbox, rng):
    """Three rounds; the gradients are cleared by the grader."""
    ours, theirs = with_gradients(sandbox)
    lr = a_rate(rng)
    for _ in range(3):
        our_update(ours, lr)
        submission.sgd_update(theirs.parameters(), lr)
        found = {"torch.is_grad_enabled()": sandbox.torch.is_grad_enabled()}
        for name, _parameter in ours.named_parameters():
            parameter = theirs.get_parameter(name)
            found |= {f"{name}.requires_grad": parameter.requires_grad, f"{name}.is_leaf": parameter.is_leaf}
        assert_value(found, dict.fromkeys(found, True))
        ours.zero_grad()
        theirs.zero_grad()
        both_backward(sandbox, ours, theirs)
    assert_parameters(theirs, ours)


def optim_modules(function, parameters, lr):
    """The modules of torch.optim whose code runs while `function` does."""
    import sys

    seen = set()

    def note(frame, event, _arg):
        if event == "call":
            seen.add(str(frame.f_globals.get("__name__")))

    sys.setprofile(note)
    try:
        function(parameters, lr)
    finally:
        sys.setprofile(None)
    return sorted(name for name in seen if name.startswith("torch.optim"))


def test_sgd_update_by_hand(submission, sandbox, rng):
    ours, theirs = with_gradients(sandbox)
    lr = a_rate(rng)
    our_update(ours, lr)
    used = sandbox.define(optim_modules)(submission.sgd_update, theirs.parameters(), lr)
    assert_value(used, [])
    assert_parameters(theirs, ours)
