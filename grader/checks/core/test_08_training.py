"""Hidden grader of core/08: networks, epochs and histories are those of the judge's own, computed on the CPU."""

import copy
import itertools
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from learn_torch.language import _
from learn_torch.testing import (
    Mismatch,
    assert_close,
    assert_value,
    describe,
    is_handle,
    origin_of,
    plain,
    read_scalars,
)
from learn_torch.testing.assertions import same_device

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-4}


def places(device):
    """The device to grade on, and the CPU: `device` is an argument, not what the machine has."""
    return dict.fromkeys((device, CPU))


# --- Cifar10Net -----------------------------------------------------------------------------------------------

SHAPES = {
    "conv1.weight": (32, 3, 5, 5),
    "conv1.bias": (32,),
    "conv2.weight": (32, 32, 5, 5),
    "conv2.bias": (32,),
    "conv3.weight": (64, 32, 5, 5),
    "conv3.bias": (64,),
    "linear1.weight": (64, 1024),
    "linear1.bias": (64,),
    "linear2.weight": (10, 64),
    "linear2.bias": (10,),
}


def quick_network(values, images):
    """The network, from its parameters."""
    x = images  # (N, 3, 32, 32)
    for name in ("conv1", "conv2", "conv3"):
        x = functional.conv2d(x, values[f"{name}.weight"], values[f"{name}.bias"], padding=2)
        x = functional.max_pool2d(x, 2)
    x = x.flatten(1)  # (N, 1024)
    for name in ("linear1", "linear2"):
        x = functional.linear(x, values[f"{name}.weight"], values[f"{name}.bias"])
    return x


def outputs(net, images, device=None):
    """In the worker: what the network gives, on this device or where it is."""
    if device is None:
        device = next((parameter.device for parameter in net.parameters()), "cpu")
    else:
        net.to(device)
    return net(images.to(device))


def a_network(submission, sandbox):
    """The submission's network, called once: a lazy layer has parameters only then."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    kind = submission.Cifar10Net
    if not is_handle(kind) or not sandbox.isinstance(kind, "builtins.type"):
        raise Mismatch(describe(kind), _("a class"))
    net = kind()
    if not is_handle(net) or not sandbox.isinstance(net, "torch.nn.Module"):
        raise Mismatch(describe(net), "nn.Module")
    sandbox.define(outputs)(net, torch.randn(2, 3, 32, 32))
    return net


def learned_shapes(net):
    """Names and shapes of what the network learns, in order."""
    return {name: tuple(p.shape) for name, p in net.named_parameters() if p.requires_grad}


def roles(shapes):
    """Every way in which parameters of these shapes can be the network's: their names, by those of SHAPES.

    How layers are called and in which order they are made is the learner's business; only biases of the same shape
    could be taken for one another.

    Raises:
        Mismatch: there is none.
    """
    theirs, ours = defaultdict(list), defaultdict(list)
    for name, shape in shapes.items():
        theirs[shape].append(name)
    for name, shape in SHAPES.items():
        ours[shape].append(name)
    odd = [shape for shape in {**theirs, **ours} if len(theirs[shape]) != len(ours[shape])]
    if odd:
        found, wanted = (
            ", ".join(f"{name} {shape}" for shape in odd for name in side[shape]) for side in (theirs, ours)
        )
        raise Mismatch(found or _("nothing"), wanted or _("nothing"))
    orders = itertools.product(*(itertools.permutations(theirs[shape]) for shape in ours))
    names = list(itertools.chain(*ours.values()))
    return [dict(zip(names, itertools.chain(*order), strict=True)) for order in orders]


def with_parameters(net, values, images, device, training):
    """In the worker: what the network gives with these parameters, and which of them get a gradient from it."""
    import torch

    net.to(device).train(training)
    with torch.no_grad():
        for name, value in values.items():
            net.get_parameter(name).copy_(value)
    output = net(images.to(device))
    output.sum().backward()
    return output.detach(), {f"{name}.grad is None": net.get_parameter(name).grad is None for name in values}


def test_network_shape(submission, sandbox, device):
    net = a_network(submission, sandbox)
    for place, n in itertools.product(places(device), (3, 1)):
        output = plain(sandbox.define(outputs)(net, torch.randn(n, 3, 32, 32), place))
        if is_handle(output) or not isinstance(output, torch.Tensor) or output.shape != (n, 10):
            raise Mismatch(describe(output), describe(torch.zeros(n, 10)))
    shapes = sandbox.define(learned_shapes)(net)
    total = sum(torch.Size(shape).numel() for shape in shapes.values())
    assert_value({"parameters": total}, {"parameters": 145_578})


@pytest.mark.parametrize("training", [True, False])
def test_network_layers(submission, sandbox, device, training):
    """With the judge's parameters, which give every layer values of both signs."""
    net = a_network(submission, sandbox)
    shapes = sandbox.define(learned_shapes)(net)
    candidates = roles(shapes)
    values = {
        name: torch.randn(shape) / torch.Size(shape[1:]).numel() ** 0.5 for name, shape in shapes.items()
    }
    images = torch.randn(3, 3, 32, 32)
    output, found = sandbox.define(with_parameters)(net, values, images, device, training)
    for number, names in enumerate(candidates, 1):
        expected = quick_network({ours: values[theirs] for ours, theirs in names.items()}, images)
        try:
            assert_close(output, expected, rtol=1e-3, atol=1e-3)
            break
        except Mismatch:
            if number == len(candidates):
                raise
    assert_value(found, dict.fromkeys(found, False))


# --- data and models ------------------------------------------------------------------------------------------

CLASSES = 5


@dataclass
class Split:
    """Pictures (n, 3, 4, 4), their classes (n,), and how a loader gives them: in this order, in batches of `size`."""

    images: torch.Tensor
    targets: torch.Tensor
    order: list[int]
    size: int

    def batches(self):
        return [(self.images[part], self.targets[part]) for part in torch.tensor(self.order).split(self.size)]

    def loader(self, sandbox):
        return sandbox.define(loader)(
            batch_size=self.size, images=self.images, targets=self.targets, order=self.order
        )


def loader(batch_size, images, targets, order):
    """In the worker: gives these pictures in this order."""
    from torch.utils.data import DataLoader, TensorDataset

    return DataLoader(TensorDataset(images, targets), batch_size, sampler=order)


def a_split(n, size, scale=1.0):
    images = scale * torch.randn(n, 3, 4, 4)
    return Split(images, torch.randint(CLASSES, (n,)), torch.randperm(n).tolist(), size)


def small_net(torch):
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(64, 5))


def net_with_batch_norm(torch):
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten(), nn.Linear(16, 5))


def net_with_idle_dropout(torch):
    """Modes matter, and nothing is left to chance."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten(), nn.Dropout(0.0), nn.Linear(16, 5)
    )


def net_with_dropout(torch):
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(16, 5)
    )


def used(model):
    """The model, with running statistics that no batch of ours has, and with outputs that differ by more."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 2)
            module.running_var.uniform_(2, 4)
        if isinstance(module, nn.Linear):
            module.weight.data *= 4
    return model


def there(sandbox, build, ours, place=CPU):
    """The worker's model, of the same weights as the judge's, on `place`."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    theirs = sandbox.define(build)(sandbox.torch)
    theirs.load_state_dict(ours.state_dict())
    theirs.to(place)
    return theirs


def cross_entropy(torch):
    return torch.nn.CrossEntropyLoss()


def smoothed(torch):
    return torch.nn.CrossEntropyLoss(label_smoothing=0.5)


def margins(torch):
    return torch.nn.MultiMarginLoss()


LOSSES = {"cross-entropy": cross_entropy, "smoothed": smoothed, "margins": margins}


def sgd(torch, parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def momentum(torch, parameters):
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9, weight_decay=0.05)


def adam(torch, parameters):
    return torch.optim.Adam(parameters, lr=0.02)


def large_gradients(torch, parameters):
    return torch.optim.SGD(parameters, lr=0.01)


def assert_model(theirs, ours, place=None):
    """The worker's model has the judge's parameters and running statistics, all of them on `place`."""
    values = plain(theirs.state_dict())
    for name, expected in ours.state_dict().items():
        if place is not None and not same_device(found := origin_of(values[name]).device, place):
            raise Mismatch(f"{name}: {found}", f"{name}: {place}")
        if "num_batches" not in name:
            assert_close(values[name], expected, **CLOSE, name=name)


# --- what the judge measures ----------------------------------------------------------------------------------


@dataclass
class Measured:
    """Means batch by batch, and the batches' sizes."""

    losses: list[float]
    accuracies: list[float]
    sizes: list[int]

    @property
    def loss(self):
        return self._per_sample(self.losses)

    @property
    def accuracy(self):
        return self._per_sample(self.accuracies)

    def _per_sample(self, means):
        return sum(mean * n for mean, n in zip(means, self.sizes, strict=True)) / sum(self.sizes)

    def loss_tells(self):
        """Whether what is often taken for the mean loss would be seen to be something else."""
        return differs(self.loss, sum(self.losses) / len(self.sizes), self.losses[0], self.losses[-1])

    def tells(self):
        """The same of loss and accuracy."""
        accuracy, mean = self.accuracy, sum(self.accuracies) / len(self.sizes)
        return self.loss_tells() and differs(
            accuracy, mean, self.accuracies[0], self.accuracies[-1], 0, 1, 1 - accuracy, self.loss
        )


def differs(right, *others):
    return all(abs(right - other) > 0.02 * max(abs(right), 0.1) for other in others)


def train(model, batches, loss_fn, optimizer):
    """One epoch of the judge's, and its losses."""
    model.train()
    losses = []
    for images, targets in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(images), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return Measured(losses, [], [len(targets) for _images, targets in batches])


def measure(outputs, split, loss_fn):
    """What evaluation gives, from the model's outputs for the split's pictures."""
    losses, accuracies, sizes = [], [], []
    for part in torch.tensor(split.order).split(split.size):
        output, targets = outputs[part], split.targets[part]
        losses.append(loss_fn(output, targets).item())
        accuracies.append((output.argmax(1) == targets).float().mean().item())
        sizes.append(len(part))
    return Measured(losses, accuracies, sizes)


def drawn(make, good):
    """What `make` gives, drawn again until `good` says that wrong ways would show."""
    return next(found for found in (make() for _number in range(1000)) if good(found))


@torch.no_grad()
def a_test_split(models, n, size, loss_fn, good=lambda measured: True):
    """Pictures about which the models are sure, often wrongly, and what each of the models gives for them.

    No rounding can change what a model predicts for them.

    Returns:
        The split, and a list with a `Measured` for each model, that of the first one telling.
    """
    images = torch.randn(60, 3, 4, 4)
    outputs = torch.stack([model.eval()(images) for model in models])  # (models, 60, classes)
    best = outputs.topk(2, dim=2).values
    margins = (best[:, :, 0] - best[:, :, 1]).amin(0)  # (60,)
    chosen = margins.topk(n).indices
    images, outputs = images[chosen], outputs[:, chosen]

    def make():
        targets = torch.where(torch.rand(n) < 0.3, outputs[0].argmax(1), torch.randint(CLASSES, (n,)))
        split = Split(images, targets, torch.randperm(n).tolist(), size)
        return split, [measure(one, split, loss_fn) for one in outputs]

    return drawn(make, lambda made: made[1][0].tells() and good(made[1]))


# --- train_one_epoch ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [sgd, momentum, adam, large_gradients])
def test_epoch_steps(submission, sandbox, device, optimizer):
    """Two epochs, one after the other."""
    for place in places(device) if optimizer is sgd else [device]:
        ours = small_net(torch)
        theirs = there(sandbox, small_net, ours, place)
        our_optimizer = optimizer(torch, ours.parameters())
        their_optimizer = optimizer(sandbox.torch, theirs.parameters())
        loss_fn = cross_entropy(sandbox.torch)
        for n, size in ((10, 4), (7, 3)):
            split = a_split(n, size, 5.0 if optimizer is large_gradients else 1.0)
            train(ours, split.batches(), cross_entropy(torch), our_optimizer)
            submission.train_one_epoch(theirs, split.loader(sandbox), loss_fn, their_optimizer, place)
            assert_model(theirs, ours)


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_epoch_loss(submission, sandbox, device, loss_fn):
    make_loss = LOSSES[loss_fn]

    def make():
        ours = small_net(torch)
        trained = copy.deepcopy(ours)
        split = a_split(7, 3)
        measured = train(trained, split.batches(), make_loss(torch), sgd(torch, trained.parameters()))
        afterwards = measure(trained(split.images), split, make_loss(torch))
        return ours, split, measured, afterwards.loss

    ours, split, measured, _afterwards = drawn(
        make, lambda made: made[2].loss_tells() and differs(made[2].loss, made[3])
    )
    for place in places(device):
        theirs = there(sandbox, small_net, ours, place)
        optimizer = sgd(sandbox.torch, theirs.parameters())
        loss = submission.train_one_epoch(
            theirs, split.loader(sandbox), make_loss(sandbox.torch), optimizer, place
        )
        assert_close(loss, measured.loss)


def modes(model):
    """In the worker: the modes of the model and of all that is in it."""
    return {f"{name or 'model'}.training": module.training for name, module in model.named_modules()}


def test_epoch_mode(submission, sandbox, device):
    """The model comes in evaluation mode, with running statistics that are not those of the batches."""
    ours = used(net_with_idle_dropout(torch))
    theirs = there(sandbox, net_with_idle_dropout, ours, device)
    theirs.eval()
    optimizer = sgd(sandbox.torch, theirs.parameters())
    split = a_split(10, 4)
    train(ours, split.batches(), cross_entropy(torch), sgd(torch, ours.parameters()))
    submission.train_one_epoch(theirs, split.loader(sandbox), cross_entropy(sandbox.torch), optimizer, device)
    assert_model(theirs, ours)
    found = sandbox.define(modes)(theirs)
    assert_value(found, dict.fromkeys(modes(ours), True))


# --- evaluate -------------------------------------------------------------------------------------------------


def assert_pair(reply, *, loss=None, accuracy=None):
    """A tuple of two numbers, of which these are compared."""
    pair = plain(reply)
    if is_handle(pair) or not isinstance(pair, tuple) or len(pair) != 2:
        raise Mismatch(describe(pair), _("a tuple (loss, accuracy)"))
    if loss is not None:
        assert_close(pair[0], loss, **CLOSE, name=_("loss"))
    if accuracy is not None:
        assert_close(pair[1], accuracy, **CLOSE, name=_("accuracy"))


def evaluated(build, make_loss, n=10, size=4):
    """A model, pictures for it, and what is measured."""
    ours = used(build(torch))
    split, (measured,) = a_test_split([ours], n, size, make_loss(torch))
    return ours, split, measured


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_evaluate_loss(submission, sandbox, device, loss_fn):
    make_loss = LOSSES[loss_fn]
    ours, split, expected = evaluated(small_net, make_loss)
    for place in places(device):
        theirs = there(sandbox, small_net, ours, place)
        reply = submission.evaluate(theirs, split.loader(sandbox), make_loss(sandbox.torch), place)
        assert_pair(reply, loss=expected.loss)


@pytest.mark.parametrize(("n", "size"), [(10, 4), (7, 3)])
def test_evaluate_accuracy(submission, sandbox, device, n, size):
    ours, split, expected = evaluated(small_net, cross_entropy, n, size)
    theirs = there(sandbox, small_net, ours, device)
    reply = submission.evaluate(theirs, split.loader(sandbox), cross_entropy(sandbox.torch), device)
    assert_pair(reply, accuracy=expected.accuracy)


def test_evaluate_mode(submission, sandbox, device):
    """The model comes in training mode, as train_one_epoch leaves it."""
    ours, split, expected = evaluated(net_with_dropout, cross_entropy)
    theirs = there(sandbox, net_with_dropout, ours, device)
    reply = submission.evaluate(theirs, split.loader(sandbox), cross_entropy(sandbox.torch), device)
    assert_pair(reply, loss=expected.loss)
    assert_model(theirs, ours)  # running statistics, too
    assert_value({"[4].p": theirs[4].p}, {"[4].p": 0.5})


def watched_net(torch):
    """small_net, with a last layer that notes whether autograd records what comes by."""

    class Watch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.recorded = []

        def forward(self, x):
            self.recorded.append(x.requires_grad)
            return x

    nn = torch.nn
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(64, 5), Watch())


def test_evaluate_without_gradients(submission, sandbox, device):
    ours, split, _expected = evaluated(small_net, cross_entropy)
    theirs = there(sandbox, watched_net, ours, device)
    optimizer = sgd(sandbox.torch, theirs.parameters())
    loss_fn = cross_entropy(sandbox.torch)
    submission.evaluate(theirs, split.loader(sandbox), loss_fn, device)
    recorded = {"output.requires_grad": True in theirs[4].recorded}
    assert_value(recorded, {"output.requires_grad": False})
    found = {f"{name}.grad": theirs.get_parameter(name).grad for name, _parameter in ours.named_parameters()}
    assert_value(found, dict.fromkeys(found))
    assert_model(theirs, ours)
    # And training goes on.
    more = a_split(6, 3)
    train(ours, more.batches(), cross_entropy(torch), sgd(torch, ours.parameters()))
    submission.train_one_epoch(theirs, more.loader(sandbox), loss_fn, optimizer, device)
    assert_model(theirs, ours)


# --- fit ------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """A training of the judge's, for the submission to repeat."""

    build: Any
    before: nn.Module
    after: nn.Module
    train: Split
    test: Split
    lr: float
    history: list[dict]

    def repeat(self, submission, sandbox, place, **options):
        """The worker's model and history."""
        theirs = there(sandbox, self.build, self.before)
        history = submission.fit(
            theirs,
            self.train.loader(sandbox),
            self.test.loader(sandbox),
            epochs=len(self.history),
            lr=self.lr,
            device=place,
            **options,
        )
        return theirs, history


NUMBERS = ("train_loss", "test_loss", "test_accuracy")


def a_run(rng, build, epochs=3):
    """The first epoch's numbers tell, and by the test loss the last epoch is not the best."""
    loss_fn = cross_entropy(torch)

    def make():
        before = build(torch)
        model = copy.deepcopy(before)
        lr = round(rng.uniform(0.12, 0.19), 3)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        split = a_split(7, 3, 2.0)
        split.images[:, 2] = 0
        trained, models = [], []
        for _epoch in range(epochs):
            trained.append(train(model, split.batches(), loss_fn, optimizer))
            models.append(copy.deepcopy(model))
        return before, split, lr, trained, models

    before, split, lr, trained, models = drawn(make, lambda made: made[3][0].loss_tells())
    test, tested = a_test_split(
        models, 9, 4, loss_fn, lambda found: found[-1].loss > 1.02 * min(one.loss for one in found)
    )
    history = [
        dict(zip(("epoch", *NUMBERS), (epoch, one.loss, other.loss, other.accuracy), strict=True))
        for epoch, (one, other) in enumerate(zip(trained, tested, strict=True), 1)
    ]
    return Run(build, before, models[-1], split, test, lr, history)


@pytest.mark.parametrize("build", [small_net, net_with_batch_norm])
def test_fit_weights(submission, sandbox, device, rng, build):
    run = a_run(rng, build)
    for place in places(device):
        theirs, _history = run.repeat(submission, sandbox, place)
        assert_model(theirs, run.after, place)
        # What the dark channel's weights get is a gradient of 0: plain SGD leaves them as they are.
        idle, before = plain(theirs.state_dict())["0.weight"][:, 2], run.before.state_dict()["0.weight"][:, 2]
        assert_close(idle, before, rtol=1e-6, atol=1e-7, name="0.weight[:, 2]")


@pytest.mark.parametrize("build", [small_net, net_with_batch_norm])
def test_fit_history(submission, sandbox, device, rng, build):
    run = a_run(rng, build, epochs=3 if build is small_net else 2)
    _theirs, reply = run.repeat(submission, sandbox, device, writer=None)
    history = plain(reply)
    if is_handle(history) or not isinstance(history, list) or len(history) != len(run.history):
        raise Mismatch(describe(history), _("a list of {n} dicts").format(n=len(run.history)))
    for number, expected in enumerate(run.history):
        name = f"[{number}]"
        record = plain(history[number])
        if is_handle(record) or not isinstance(record, dict) or not record.keys() >= expected.keys():
            raise Mismatch(f"{name}: {describe(record)}", f"{name}: {describe(expected)}")
        epoch = plain(record["epoch"])
        if is_handle(epoch) or not isinstance(epoch, int) or epoch != expected["epoch"]:
            raise Mismatch(f"{name}['epoch']: {describe(epoch)}", f"{name}['epoch']: {expected['epoch']}")
        for key in NUMBERS:
            assert_close(record[key], expected[key], **CLOSE, name=f"{name}[{key!r}]")


def event_files(folder):
    """In the worker: the names of what TensorBoard would read."""
    import os

    return sorted(name for name in os.listdir(folder) if "tfevents" in name)


def test_fit_scalars(submission, sandbox, device, rng):
    run = a_run(rng, small_net)
    folder = os.path.join(sandbox.scratch, f"runs-{rng.randrange(10**9)}")
    writer = sandbox.import_("torch.utils.tensorboard").SummaryWriter(folder)
    (file,) = sandbox.define(event_files)(folder)
    run.repeat(submission, sandbox, device, writer=writer)
    writer.add_scalar("afterwards", 1.0, 1)  # a writer that was closed takes another file for it
    writer.flush()
    scalars = read_scalars(sandbox.read(os.path.join(folder, file), 4 * 2**20))
    for name in NUMBERS:
        found = scalars.get(name, {})
        wanted = {record["epoch"]: record[name] for record in run.history}
        if not found.keys() >= wanted.keys():
            raise Mismatch(f"{name}: {steps_of(found)}", f"{name}: {steps_of(wanted)}")
        for step, expected in wanted.items():
            for actual in found[step]:
                place = _("{name}, step {step}").format(name=name, step=step)
                assert_close(actual, expected, **CLOSE, name=place)
    if "afterwards" not in scalars:
        raise Mismatch(_("a writer that is closed"), _("a writer that is open"))


def steps_of(series):
    return _("steps {steps}").format(steps=describe(list(series))) if series else _("nothing")
