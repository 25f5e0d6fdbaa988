"""Hidden grader of core/08: networks, epochs and histories are those of the judge's own, computed on the CPU."""

import copy
import itertools
import os
from collections import defaultdict
from dataclasses import dataclass

import pytest
import torch
from drawn_models import as_on, build, some_factors, some_layers
from torch import nn
from torch.nn import functional
from training_steps import Side, cross_entropy, our_step

from learn_torch.language import _
from learn_torch.testing import (
    Mismatch,
    assert_close,
    assert_value,
    describe,
    is_handle,
    origin_of,
    plain,
    random_names,
    read_scalars,
)
from learn_torch.testing.assertions import same_device

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-4}


def places(rng, device):
    """The device to grade on, and the CPU, in any order: `device` is an argument, not what the machine has."""
    found = list(dict.fromkeys((device, CPU)))
    return rng.sample(found, len(found))


def on_a_machine(sandbox, device, cuda):
    """Go on where there is CUDA, or where there is none; the device to grade on there."""
    if not cuda:
        sandbox.restart(cuda=False)
    return device if cuda else CPU


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


def with_parameters(net, values, batches, device, training):
    """In the worker: what the network gives with these parameters, and which of them get a gradient from it."""
    import torch

    net.to(device).train(training)
    with torch.no_grad():
        for name, value in values.items():
            net.get_parameter(name).copy_(value)
    found = [net(images.to(device)) for images in batches]
    found[0].sum().backward()
    return [output.detach() for output in found], {
        f"{name}.grad is None": net.get_parameter(name).grad is None for name in values
    }


def test_network_shape(submission, sandbox, rng, device):
    net = a_network(submission, sandbox)
    for place, n in zip(
        (*places(rng, device), device), (1, rng.randint(2, 9), rng.randint(10, 64)), strict=False
    ):
        output = plain(sandbox.define(outputs)(net, torch.randn(n, 3, 32, 32), place))
        if is_handle(output) or not isinstance(output, torch.Tensor) or output.shape != (n, 10):
            raise Mismatch(describe(output), describe(torch.zeros(n, 10)))
    shapes = sandbox.define(learned_shapes)(net)
    total = sum(torch.Size(shape).numel() for shape in shapes.values())
    assert_value({"parameters": total}, {"parameters": 145_578})


@pytest.mark.parametrize(("training", "cuda"), [(True, True), (False, True), (False, False)])
def test_network_layers(submission, sandbox, rng, device, training, cuda):
    """With the judge's parameters, which give every layer values of both signs."""
    place = on_a_machine(sandbox, device, cuda)
    net = a_network(submission, sandbox)
    shapes = sandbox.define(learned_shapes)(net)
    candidates = roles(shapes)
    values = {
        name: torch.randn(shape) / torch.Size(shape[1:]).numel() ** 0.5 for name, shape in shapes.items()
    }
    batches = [torch.randn(n, 3, 32, 32) for n in (rng.randint(1, 5), rng.randint(6, 64 if training else 12))]
    found, gradients = sandbox.define(with_parameters)(net, values, batches, place, training)
    for number, names in enumerate(candidates, 1):
        ours = {own: values[theirs] for own, theirs in names.items()}
        try:
            assert_close(found[0], quick_network(ours, batches[0]), rtol=1e-3, atol=1e-3)
            break
        except Mismatch:
            if number == len(candidates):
                raise
    assert_close(found[1], quick_network(ours, batches[1]), rtol=1e-3, atol=1e-3)
    assert_value(gradients, dict.fromkeys(gradients, False))


# --- data and models ------------------------------------------------------------------------------------------


@dataclass
class Kind:
    """Of pictures: the shape of each, and how many classes there are."""

    shape: tuple[int, int, int]
    classes: int

    def images(self, n):
        return torch.randn(n, *self.shape)

    def targets(self, n):
        return torch.randint(self.classes, (n,))


def a_kind(rng):
    sides = (32, 32) if rng.random() < 0.15 else (rng.randint(4, 9), rng.randint(4, 9))
    return Kind((rng.randint(2, 4), *sides), rng.randint(4, 9))


def some_sizes(rng):
    """How many pictures, and how many in a batch: the last one is smaller."""
    size, full = (rng.randint(9, 64), 1) if rng.random() < 0.25 else (rng.randint(3, 8), rng.randint(2, 3))
    return full * size + rng.randint(1, (size + 1) // 2), size


@dataclass
class Split:
    """Pictures (n, channels, height, width), their classes (n,), and in which order and batches a loader gives them."""

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


def a_split(kind, n, size, scale=1.0):
    return Split(scale * kind.images(n), kind.targets(n), torch.randperm(n).tolist(), size)


def used(model):
    """The model, with running statistics that no batch of ours has, and with outputs that differ by more."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 2)
            module.running_var.uniform_(2, 4)
        if isinstance(module, nn.Linear):
            module.weight.data *= 4
    return model


def there(sandbox, layers, ours, place=CPU):
    """The worker's model, of the same weights as the judge's, on `place`."""
    sandbox.torch.set_grad_enabled(True)  # whatever a check before has left behind
    theirs = sandbox.define(build)(sandbox.torch, layers)
    theirs.load_state_dict(dict(ours.state_dict()))
    theirs.to(place)
    return theirs


def smoothed(torch):
    return torch.nn.CrossEntropyLoss(label_smoothing=0.5)


def margins(torch):
    return torch.nn.MultiMarginLoss()


LOSSES = {"cross-entropy": cross_entropy, "smoothed": smoothed, "margins": margins}


def a_rate(rng, layers):
    """A learning rate at which training is no game of chance."""
    features = next(layer[1] for layer in layers if layer[0] == "Linear")
    return round(min(rng.uniform(5, 8) / features, 0.3), 4)


def an_optimizer(rng, name, layers):
    """The name of a class, and its options."""
    rate = a_rate(rng, layers)
    return {
        "sgd": ("SGD", {"lr": rate}),
        "momentum": ("SGD", {"lr": rate / 3, "momentum": rng.uniform(0.7, 0.95), "weight_decay": 0.05}),
        "adam": ("Adam", {"lr": rng.uniform(0.005, 0.02)}),
        "large gradients": ("SGD", {"lr": 0.01}),
    }[name]


def made(torch, optimizer, model):
    name, options = optimizer
    return getattr(torch.optim, name)(model.parameters(), **options)


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
    side = Side(model, loss_fn, optimizer)
    losses = [our_step(side, images, targets) for images, targets in batches]
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
def a_test_split(kind, models, n, size, loss_fn, good=lambda measured: True):
    """Pictures about which the models are sure, often wrongly, and what each of the models gives for them.

    No rounding can change what a model predicts for them.

    Returns:
        The split, and a list with a `Measured` for each model, that of the first one telling; None if there is none.
    """
    images = kind.images(2 * n + 40)
    outputs = torch.stack([model.eval()(images) for model in models])  # (models, pictures, classes)
    best = outputs.topk(2, dim=2).values
    margins = (best[:, :, 0] - best[:, :, 1]).amin(0)  # (pictures,)
    chosen = margins.topk(n).indices
    images, outputs = images[chosen], outputs[:, chosen]
    logs = outputs.log_softmax(2)
    unlearned = (logs[-1] - logs[0]).argmin(1) if len(models) > 1 else kind.targets(n)

    for _number in range(50):
        wrong = torch.where(torch.rand(n) < 0.5, unlearned, kind.targets(n))
        targets = torch.where(torch.rand(n) < 0.3, outputs[0].argmax(1), wrong)
        split = Split(images, targets, torch.randperm(n).tolist(), size)
        measured = [measure(one, split, loss_fn) for one in outputs]
        if measured[0].tells() and good(measured):
            return split, measured
    return None


# --- train_one_epoch ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cuda"),
    [("sgd", True), ("momentum", True), ("adam", True), ("large gradients", True), ("sgd", False)],
)
def test_epoch_steps(submission, sandbox, rng, device, name, cuda):
    """Two epochs, one after the other."""
    device = on_a_machine(sandbox, device, cuda)
    for place in places(rng, device) if name == "sgd" else [device]:
        kind = a_kind(rng)
        layers = some_layers(rng, kind.shape, kind.classes)
        ours = build(torch, layers)
        theirs = there(sandbox, layers, ours, place)
        optimizer = an_optimizer(rng, name, layers)
        our_optimizer, their_optimizer = made(torch, optimizer, ours), made(sandbox.torch, optimizer, theirs)
        loss_fn = cross_entropy(sandbox.torch)
        for _epoch in range(2):
            split = a_split(kind, *some_sizes(rng), 5.0 if name == "large gradients" else 1.0)
            measured = train(ours, split.batches(), cross_entropy(torch), our_optimizer)
            loss = submission.train_one_epoch(theirs, split.loader(sandbox), loss_fn, their_optimizer, place)
            assert_model(theirs, ours)
            if not cuda:
                assert_close(loss, measured.loss)


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_epoch_loss(submission, sandbox, rng, device, loss_fn):
    make_loss = LOSSES[loss_fn]
    kind = a_kind(rng)

    def make():
        layers = some_layers(rng, kind.shape, kind.classes)
        ours = used(build(torch, layers))
        trained = copy.deepcopy(ours)
        split = a_split(kind, *some_sizes(rng))
        optimizer = "SGD", {"lr": a_rate(rng, layers) / 4}
        measured = train(trained, split.batches(), make_loss(torch), made(torch, optimizer, trained))
        afterwards = measure(trained(split.images), split, make_loss(torch))
        return layers, ours, split, optimizer, measured, afterwards.loss

    layers, ours, split, optimizer, measured, _afterwards = drawn(
        make, lambda made: made[4].loss_tells() and differs(made[4].loss, made[5])
    )
    for place in places(rng, device) if loss_fn == "cross-entropy" else [device]:
        theirs = there(sandbox, layers, ours, place)
        loss = submission.train_one_epoch(
            theirs,
            split.loader(sandbox),
            make_loss(sandbox.torch),
            made(sandbox.torch, optimizer, theirs),
            place,
        )
        assert_close(loss, measured.loss)


def modes(model):
    """In the worker: the modes of the model and of all that is in it."""
    return {f"{name or 'model'}.training": module.training for name, module in model.named_modules()}


def test_epoch_mode(submission, sandbox, rng, device):
    """The model comes in evaluation mode, with running statistics that are not those of the batches."""
    kind = a_kind(rng)
    # Modes matter, and nothing is left to chance.
    layers = some_layers(rng, kind.shape, kind.classes, norm=True, dropout=0.0)
    ours = used(build(torch, layers))
    theirs = there(sandbox, layers, ours, device)
    theirs.eval()
    optimizer = "SGD", {"lr": a_rate(rng, layers) / 4}
    split = a_split(kind, *some_sizes(rng))
    train(ours, split.batches(), cross_entropy(torch), made(torch, optimizer, ours))
    their_optimizer = made(sandbox.torch, optimizer, theirs)
    submission.train_one_epoch(
        theirs, split.loader(sandbox), cross_entropy(sandbox.torch), their_optimizer, device
    )
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


@dataclass
class Evaluation:
    """A model, pictures for it, and what is measured."""

    kind: Kind
    layers: list
    ours: nn.Module
    split: Split
    expected: Measured


def an_evaluation(rng, make_loss, *more, **options):
    """Args:
    more: layers to be added to the judge's model.
    options: of `some_layers`.
    """
    kind = a_kind(rng)
    loss_fn = make_loss(torch)

    def make():
        layers = some_layers(rng, kind.shape, kind.classes, **options)
        ours = used(build(torch, layers))
        for layer in more:
            ours.append(layer)
        return layers, ours, a_test_split(kind, [ours], *some_sizes(rng), loss_fn)

    layers, ours, (split, (measured,)) = drawn(make, lambda made: made[2])
    return Evaluation(kind, layers, ours, split, measured)


@pytest.mark.parametrize("loss_fn", LOSSES)
def test_evaluate_loss(submission, sandbox, rng, device, loss_fn):
    make_loss = LOSSES[loss_fn]
    case = an_evaluation(rng, make_loss)
    for place in places(rng, device) if loss_fn == "cross-entropy" else [device]:
        theirs = there(sandbox, case.layers, case.ours, place)
        reply = submission.evaluate(theirs, case.split.loader(sandbox), make_loss(sandbox.torch), place)
        assert_pair(reply, loss=case.expected.loss)


@pytest.mark.parametrize("cuda", [True, False])
def test_evaluate_accuracy(submission, sandbox, rng, device, cuda):
    device = on_a_machine(sandbox, device, cuda)
    for _case in range(2 if cuda else 1):
        case = an_evaluation(rng, cross_entropy)
        theirs = there(sandbox, case.layers, case.ours, device)
        loss_fn = cross_entropy(sandbox.torch)
        reply = submission.evaluate(theirs, case.split.loader(sandbox), loss_fn, device)
        assert_pair(reply, accuracy=case.expected.accuracy, loss=None if cuda else case.expected.loss)


def dropouts(model):
    """In both: how much each dropout drops."""
    return {f"[{number}].p": layer.p for number, layer in enumerate(model) if hasattr(layer, "p")}


def test_evaluate_mode(submission, sandbox, rng, device):
    """The model comes in training mode, as train_one_epoch leaves it."""
    case = an_evaluation(rng, cross_entropy, norm=True, dropout=round(rng.uniform(0.3, 0.7), 2))
    theirs = there(sandbox, case.layers, case.ours, device)
    reply = submission.evaluate(theirs, case.split.loader(sandbox), cross_entropy(sandbox.torch), device)
    assert_pair(reply, loss=case.expected.loss)
    assert_model(theirs, case.ours)  # running statistics, too
    assert_value(sandbox.define(dropouts)(theirs), dropouts(case.ours))


def last_layer(torch, factors):
    """In both: what it multiplies by depends on whether autograd records what comes by, of which it keeps a list."""

    class Layer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.items = []

        def forward(self, x):
            self.items.append(x.requires_grad)
            return x * factors[x.requires_grad]

    return Layer()


def test_evaluate_without_gradients(submission, sandbox, rng, device):
    factors = some_factors(rng)
    case = an_evaluation(rng, cross_entropy, last_layer(torch, factors))
    ours = case.ours
    theirs = there(sandbox, case.layers, ours, device)
    theirs.append(sandbox.define(last_layer)(sandbox.torch, factors))
    optimizer = "SGD", {"lr": a_rate(rng, case.layers) / 4}
    their_optimizer = made(sandbox.torch, optimizer, theirs)
    loss_fn = cross_entropy(sandbox.torch)
    reply = submission.evaluate(theirs, case.split.loader(sandbox), loss_fn, device)
    recorded = {"output.requires_grad": True in plain(theirs[len(case.layers)].items)}
    assert_value(recorded, {"output.requires_grad": False})
    assert_pair(reply, loss=case.expected.loss)
    found = {f"{name}.grad": theirs.get_parameter(name).grad for name, _parameter in ours.named_parameters()}
    assert_value(found, dict.fromkeys(found))
    assert_model(theirs, ours)
    # And training goes on.
    more = a_split(case.kind, *some_sizes(rng))
    train(ours, more.batches(), cross_entropy(torch), made(torch, optimizer, ours))
    submission.train_one_epoch(theirs, more.loader(sandbox), loss_fn, their_optimizer, device)
    assert_model(theirs, ours)


# --- fit ------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """A training of the judge's, for the submission to repeat."""

    layers: list
    before: nn.Module
    after: nn.Module
    train: Split
    test: Split
    lr: float
    history: list[dict]

    def repeat(self, submission, sandbox, place, **options):
        """The worker's model and history."""
        theirs = there(sandbox, self.layers, self.before)
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


def trained(before, split, lr, epochs):
    """What each epoch of the judge's measured, and the model after each."""
    model = copy.deepcopy(before)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    measured, models = [], []
    for _epoch in range(epochs):
        measured.append(train(model, split.batches(), cross_entropy(torch), optimizer))
        models.append(copy.deepcopy(model))
    return measured, models


def history_of(measured, tested):
    """What fit should return."""
    return [
        dict(zip(("epoch", *NUMBERS), (epoch, one.loss, other.loss, other.accuracy), strict=True))
        for epoch, (one, other) in enumerate(zip(measured, tested, strict=True), 1)
    ]


def a_run(rng, place, epochs, *, norm=False):
    """The first epoch's numbers tell, and by the test loss the last epoch is not the best."""
    kind = a_kind(rng)

    def last_is_not_best(found):
        return epochs == 1 or found[-1].loss > 1.02 * min(one.loss for one in found)

    def make():
        layers = some_layers(rng, kind.shape, kind.classes, norm=norm, where=True)
        before = build(torch, as_on(place, layers))
        lr = a_rate(rng, layers)
        split = a_split(kind, *some_sizes(rng), 2.0)
        split.images[:, -1] = 0
        if not trained(before, split, lr, 1)[0][0].loss_tells():
            return (None,)
        measured, models = trained(before, split, lr, epochs)
        tested = a_test_split(kind, models, *some_sizes(rng), cross_entropy(torch), last_is_not_best)
        return layers, before, lr, split, measured, models, tested

    layers, before, lr, split, measured, models, (test, tested) = drawn(make, lambda made: made[-1])
    return Run(layers, before, models[-1], split, test, lr, history_of(measured, tested))


@torch.no_grad()
def regressed(model, split, lr, epochs):
    """`trained` for a model of a single linear layer, without autograd, since it takes many epochs.

    Returns:
        What each epoch measured, and the weight (classes, features) and the bias (classes,) after each.
    """
    weight, bias = (parameter.double().clone() for parameter in model[1].parameters())
    measured, after = [], []
    classes = len(bias)
    batches = [
        (images.flatten(1).double(), functional.one_hot(targets, classes).double())
        for images, targets in split.batches()
    ]
    for _epoch in range(epochs):
        losses = []
        for x, wanted in batches:
            logs = functional.linear(x, weight, bias).log_softmax(1)
            losses.append(-(logs * wanted).sum().item() / len(x))
            slope = (logs.exp() - wanted) / len(x)
            weight, bias = weight - lr * slope.T @ x, bias - lr * slope.sum(0)
        measured.append(Measured(losses, [], [len(x) for x, _wanted in batches]))
        after.append((weight, bias))
    return measured, after


def with_values(model, values):
    """A copy of this model with other values of its parameters."""
    made = copy.deepcopy(model)
    for parameter, value in zip(made.parameters(), values, strict=True):
        parameter.data = value.float()
    return made


def a_long_run(rng, course):
    """Longer than anybody is patient: for all the time nothing gets better by the test data.

    Args:
        course: of the test loss: it "rises", while the train loss falls, or it "stays", and so does the train loss.
    """
    epochs = rng.randint(31, 35)
    shape, n, classes = (rng.randint(2, 3), rng.randint(3, 5), rng.randint(3, 5)), rng.randint(3, 5), 3
    layers = [("Flatten",), ("Linear", torch.Size(shape).numel(), classes)]

    def make():
        images, targets = torch.randn(n, *shape), torch.randint(classes, (n,))
        lengths = images.flatten(1).pow(2).sum(1).mean().item()
        before = build(torch, layers)
        if course == "rises":
            lr = round(rng.uniform(0.06, 0.12) * n / lengths, 4)
            split = Split(images, targets, torch.randperm(n).tolist(), (n + 1) // 2)
        else:  # each picture has every class by turns, so that there is nothing more to learn
            lr = round(rng.uniform(0.6, 1.0) * n / lengths, 4)
            turns = torch.cat([(targets + turn) % classes for turn in range(classes)])
            split = Split(images.repeat(classes, 1, 1, 1), turns, list(range(n * classes)), n)
            before = with_values(before, regressed(before, split, lr, 60)[1][-1])
        measured, after = regressed(before, split, lr, epochs)
        test = Split(images, (targets + 1) % classes, list(range(n)), n)
        outputs = [functional.linear(images.flatten(1).double(), *values) for values in after]
        tested = [measure(output, test, cross_entropy(torch)) for output in outputs]
        run = Run(
            layers, before, with_values(before, after[-1]), split, test, lr, history_of(measured, tested)
        )
        return run, outputs, (after[-1][0] - after[-2][0]).abs().max().item()

    def good(made):
        run, outputs, moved = made
        best = torch.stack(outputs).topk(2, dim=2).values
        sure = (best[:, :, 0] - best[:, :, 1]).min() > 1e-3
        series = [[record[name] for record in run.history] for name in ("train_loss", "test_loss")]
        if course == "rises":
            return sure and moved > 2e-3 and all(a + 1e-4 < b for a, b in itertools.pairwise(series[1]))
        return sure and all(max(losses) - min(losses) < 1e-5 for losses in series)

    return drawn(make, good)[0]


def assert_history(reply, run):
    """The dicts are the judge's."""
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


@pytest.mark.parametrize(
    ("course", "norm", "cuda"),
    [("", False, True), ("", True, True), ("rises", False, True), ("stays", False, False)],
)
def test_fit_weights(submission, sandbox, rng, device, course, norm, cuda):
    device = on_a_machine(sandbox, device, cuda)
    if course:
        run = a_long_run(rng, course)
        theirs, history = run.repeat(submission, sandbox, device)
        assert_history(history, run)
        assert_model(theirs, run.after, device)
        return
    for place in [device] if norm else places(rng, device):
        run = a_run(rng, place, rng.randint(2, 4), norm=norm)
        theirs, _history = run.repeat(submission, sandbox, place)
        assert_model(theirs, run.after, place)
        # What the dark channel's weights get is a gradient of 0: plain SGD leaves them as they are.
        idle, before = (
            state["0.weight"][:, -1] for state in (plain(theirs.state_dict()), run.before.state_dict())
        )
        assert_close(idle, before, rtol=1e-6, atol=1e-7, name="0.weight[:, -1]")


@pytest.mark.parametrize("norm", [False, True])
def test_fit_history(submission, sandbox, rng, device, norm):
    run = a_run(rng, device, rng.randint(2, 5), norm=norm)
    _theirs, reply = run.repeat(submission, sandbox, device, writer=None)
    assert_history(reply, run)


def event_files(folder):
    """In the worker: the names of what TensorBoard would read."""
    import os

    return sorted(name for name in os.listdir(folder) if "tfevents" in name)


def test_fit_scalars(submission, sandbox, device, rng):
    run = a_run(rng, device, rng.randint(1, 4))
    folder = os.path.join(sandbox.scratch, *random_names(rng, 1))
    another = "".join(rng.choices("abcdefghij", k=7))
    writer = sandbox.import_("torch.utils.tensorboard").SummaryWriter(folder)
    (file,) = sandbox.define(event_files)(folder)
    run.repeat(submission, sandbox, device, writer=writer)
    writer.add_scalar(another, 1.0, 1)  # a writer that was closed takes another file for it
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
    if another not in scalars:
        raise Mismatch(_("a writer that is closed"), _("a writer that is open"))


def steps_of(series):
    return _("steps {steps}").format(steps=describe(list(series))) if series else _("nothing")
