"""Hidden grader of core/07: devices by the worker's labels, steps by the judge's own training on the CPU."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch

from learn_torch.testing import (
    Mismatch,
    RemoteError,
    assert_close,
    assert_value,
    is_handle,
    origin_of,
    plain,
)

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-5}


# --- pick_device ----------------------------------------------------------------------------------------------


def assert_device(actual, expected):
    """A torch.device, `cuda` being `cuda:0`."""
    found = plain(actual)
    if not is_handle(found) and isinstance(found, torch.device):
        found = with_index(found)
    assert_value(found, with_index(torch.device(expected)))


def with_index(device):
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


def test_pick_device_by_name(submission):
    for name in ("cpu", "cuda", "cuda:0", "cuda:1"):
        assert_device(submission.pick_device(name), name)
    assert_device(submission.pick_device(name="cpu"), "cpu")


def test_pick_device_available(submission, device):
    expected = "cuda" if device.type == "cuda" else "cpu"
    assert_device(submission.pick_device(), expected)
    assert_device(submission.pick_device(None), expected)


def on_a_machine_without_cuda():
    """What pick_device says in a second copy of the submission, imported where there is no CUDA."""
    import linecache
    import sys
    import types

    import torch

    answers = {"is_available": False, "device_count": 0, "current_accelerator": None}
    hidden = [
        (owner, name, getattr(owner, name))
        for owner in (torch.cuda, torch.accelerator)
        for name in answers
        if hasattr(owner, name)
    ]
    for owner, name, _function in hidden:
        setattr(owner, name, lambda *_args, _answer=answers[name], **_kwargs: _answer)
    try:
        file = sys.modules["submission"].__file__
        copy = types.ModuleType("submission")
        copy.__file__ = file
        exec(compile("".join(linecache.getlines(file)), file, "exec"), vars(copy))
        return copy.pick_device(), copy.pick_device(None), copy.pick_device("cuda")
    finally:
        for owner, name, function in hidden:
            setattr(owner, name, function)


def test_pick_device_without_cuda(submission, sandbox):
    assert is_handle(submission.pick_device)  # the submission is imported, and has one
    devices = sandbox.define(on_a_machine_without_cuda)()
    assert_device(devices[0], "cpu")
    assert_device(devices[1], "cpu")
    assert_device(devices[2], "cuda")  # asked for by name: whether it is there is not the question


# --- to_device ------------------------------------------------------------------------------------------------


def assert_batch(actual, expected, device, name="result"):
    """The structure and values of `expected`, every tensor on `device`."""
    actual = plain(actual)
    assert_value(actual, expected)
    for path, tensor in tensors(actual, name):
        assert_place(path, tensor, device)


def assert_place(name, tensor, device):
    """A tensor that came back was on `device`."""
    found, expected = (str(with_index(torch.device(place))) for place in (origin_of(tensor).device, device))
    if found != expected:
        raise Mismatch(f"{name}: {found}", f"{name}: {expected}")


def tensors(value, path):
    """Every tensor in a batch, and how it is reached."""
    if isinstance(value, torch.Tensor):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from tensors(item, f"{path}[{key!r}]")
    elif isinstance(value, tuple | list):
        for number, item in enumerate(value):
            yield from tensors(item, f"{path}[{number}]")


def some_tensors():
    return (
        torch.randn(2, 3),
        torch.randint(10, (4,)),
        torch.tensor([True, False, True]),
        torch.randn(3, dtype=torch.float64),
        torch.tensor(7),
    )


def nested_batch():
    a, b, c, d, e = some_tensors()
    return {
        "images": a,
        "targets": [{"boxes": b, "mask": c}, {"boxes": b + 1, "mask": ~c}],
        "sizes": (d, (e, [a + 1])),
        3: [(a - 1, b)],
        "crowd": [],
        "notes": ({}, []),
    }


def test_to_device_tensor(submission, sandbox, device):
    for tensor in some_tensors():
        assert_batch(submission.to_device(tensor, device), tensor, device)
        assert_batch(submission.to_device(tensor, str(device)), tensor, device)
        there = sandbox.hold(sandbox.put(tensor).to)(device)
        assert_batch(submission.to_device(there, CPU), tensor, CPU)
        assert_batch(submission.to_device(there, device), tensor, device)


@pytest.mark.parametrize("kind", ["tuple", "list", "dict", "nested"])
def test_to_device_nested(submission, device, kind):
    a, b, c, _d, e = some_tensors()
    batch = {"tuple": (a, b), "list": [a, b, e], "dict": {"image": a, "label": c}, "nested": nested_batch()}[
        kind
    ]
    assert_batch(submission.to_device(batch, device), batch, device)


def test_to_device_other_values(submission, device):
    image = torch.randn(2, 3)
    batch = {
        "image": image,
        "name": "ant.jpg",
        "class": 3,
        "weight": 0.5,
        "box": None,
        "flipped": True,
        (1, 2): b"x",
    }
    assert_batch(submission.to_device(batch, device), batch, device)
    batch = [[], (), {}, ["bee", image], (None, ("", 0)), {"empty": []}]
    assert_batch(submission.to_device(batch, device), batch, device)
    for value in (None, "ant", 3, 0.5):
        assert_value(submission.to_device(value, device), value)


def scribble(value):
    """Changes every list and dict in `value`."""
    if type(value) in (tuple, list):
        for item in value:
            scribble(item)
    if type(value) is list:
        value.append("changed")
    if type(value) is dict:
        for item in value.values():
            scribble(item)
        value["changed"] = True


def test_to_device_new_containers(submission, sandbox, device):
    batch = nested_batch()
    given = sandbox.put(batch)
    moved = sandbox.hold(submission.to_device)(given, device)
    assert_batch(moved, batch, device)
    assert_batch(given, batch, CPU, "given batch")
    sandbox.define(scribble)(moved)
    assert_batch(given, batch, CPU, "given batch")
    # Where nothing has to move, too.
    given = sandbox.put(batch)
    moved = sandbox.hold(submission.to_device)(given, CPU)
    assert_batch(moved, batch, CPU)
    sandbox.define(scribble)(moved)
    assert_batch(given, batch, CPU, "given batch")


# --- train_step_on --------------------------------------------------------------------------------------------


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


def sgd(torch, parameters):
    return torch.optim.SGD(parameters, lr=0.5)


def both(sandbox, model=linear, loss_fn=cross_entropy, optimizer=sgd):
    """The judge's side and the worker's, on the CPU and with the same weights."""
    ours, theirs = (
        Side(made := model(home), loss_fn(home), optimizer(home, made.parameters()))
        for home in (torch, sandbox.torch)
    )
    theirs.model.load_state_dict(ours.model.state_dict())
    return ours, theirs


def a_batch():
    """Inputs (6, 5) and classes (6,), every one of the three among them."""
    return torch.randn(6, 5), torch.tensor([0, 1, 2, *torch.randint(3, (3,)).tolist()])


def our_step(side, images, targets):
    side.optimizer.zero_grad()
    loss = side.loss_fn(side.model(images), targets)
    loss.backward()
    side.optimizer.step()
    return loss.item()


def their_step(submission, side, device, images, targets):
    try:
        return submission.train_step_on(device, side.model, images, targets, side.loss_fn, side.optimizer)
    except RemoteError:
        plain(side.model.state_dict())  # for diagnosis: what had been moved until then
        raise


def assert_model(theirs, ours, device):
    """The worker's model has the parameters of the judge's, and lies on `device` with all its buffers."""
    values = plain(theirs.state_dict())
    for name, expected in ours.state_dict().items():
        actual = values[name]
        if "running" in name or "tracked" in name:  # how often the model was called is not asked for
            assert_place(name, actual, device)
        else:
            assert_close(actual, expected, **CLOSE, device=device, name=name)


def test_step_loss(submission, sandbox, device):
    for _ in range(2):
        ours, theirs = both(sandbox)
        batch = a_batch()
        assert_close(their_step(submission, theirs, device, *batch), our_step(ours, *batch), rtol=1e-4)


def test_step_moves_the_model(submission, sandbox, device):
    for place, training in ((device, True), (CPU, True), (device, False)):
        ours, theirs = both(sandbox, net_with_batch_norm)
        for side in (ours, theirs):
            side.model.train(training)
        batch = a_batch()
        our_step(ours, *batch)
        their_step(submission, theirs, place, *batch)
        assert_model(theirs.model, ours.model, place)
        assert_value({"model.training": theirs.model.training}, {"model.training": training})


@pytest.mark.parametrize("kind", ["weighted classes", "weighted positives", "no weights"])
def test_step_class_weights(submission, sandbox, device, kind):
    weights = torch.rand(3) + torch.tensor([0.1, 1, 3])

    def loss_fn(torch):
        nn = torch.nn
        if kind == "weighted classes":
            return nn.CrossEntropyLoss(weight=weights)
        return nn.BCEWithLogitsLoss(pos_weight=weights) if kind == "weighted positives" else nn.MSELoss()

    ours, theirs = both(sandbox, loss_fn=loss_fn)
    for _ in range(2):
        images, targets = a_batch()
        if kind != "weighted classes":
            targets = torch.nn.functional.one_hot(targets, 3).float()
        our_step(ours, images, targets)
        their_step(submission, theirs, device, images, targets)
        assert_model(theirs.model, ours.model, device)
        for name, expected in ours.loss_fn.state_dict().items():
            found = getattr(theirs.loss_fn, name)
            assert_close(found, expected, **CLOSE, device=device, name=f"loss_fn.{name}")


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_steps_in_a_row(submission, sandbox, device, name):
    def momentum(torch, parameters):
        return torch.optim.SGD(parameters, lr=0.2, momentum=0.9)

    def adam(torch, parameters):
        return torch.optim.Adam(parameters, lr=0.05)

    ours, theirs = both(sandbox, optimizer={"momentum": momentum, "adam": adam}[name])
    for number in range(4):
        images, targets = a_batch()
        our_step(ours, images, targets)
        if number % 2:  # a batch that is on the device already
            images, targets = (sandbox.hold(sandbox.put(tensor).to)(device) for tensor in (images, targets))
        their_step(submission, theirs, device, images, targets)
        assert_model(theirs.model, ours.model, device)


def backward(model, images, targets):
    """Leaves gradients."""
    from torch.nn import functional

    functional.cross_entropy(model(images), targets).backward()


def test_left_over_gradients(submission, sandbox, device):
    ours, theirs = both(sandbox)
    sandbox.define(backward)(theirs.model, *a_batch())
    for _ in range(2):
        batch = a_batch()
        our_step(ours, *batch)
        their_step(submission, theirs, device, *batch)
        assert_model(theirs.model, ours.model, device)
