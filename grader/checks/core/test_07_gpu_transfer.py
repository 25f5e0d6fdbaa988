"""Hidden grader of core/07: devices by labels and by what is computed there, steps by the judge's own training."""

from dataclasses import dataclass

import pytest
import torch
from drawn_models import as_on, build, some_factors, some_layers
from training_steps import Side, backward, modes_of, our_step, set_modes

from learn_torch.testing import (
    Mismatch,
    RemoteError,
    assert_close,
    assert_value,
    is_handle,
    origin_of,
    plain,
    random_names,
)

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-4}


# --- pick_device ----------------------------------------------------------------------------------------------


def assert_device(actual, expected):
    """A torch.device, `cuda` being `cuda:0`."""
    found = plain(actual)
    if not is_handle(found) and isinstance(found, torch.device):
        found = with_index(found)
    assert_value(found, with_index(torch.device(expected)))


def with_index(device):
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


def shuffled(rng, items):
    return rng.sample(items, len(items))


def test_pick_device_by_name(submission, rng):
    others = rng.sample(("mps", "xpu", "meta"), 2)
    for name in shuffled(rng, ["cpu", "cuda", "cuda:0", f"cuda:{rng.randint(1, 12)}", *others]):
        assert_device(submission.pick_device(name), name)
    assert_device(submission.pick_device(name="cpu"), "cpu")


@pytest.fixture(scope="module")
def said_with_cuda():
    """What pick_device answered on machines with CUDA, in all checks."""
    return []


def ask_everywhere(submission, sandbox, rng, machines, said_with_cuda, judge):
    """Ask pick_device on machines with CUDA and without, each new, in an order that nobody can know.

    Args:
        machines: whether each has CUDA.
        judge: is given whether there is CUDA, and the answer.
    """
    for cuda in shuffled(rng, machines):
        sandbox.restart(cuda=cuda)
        for arguments, named in shuffled(rng, [((), {}), ((None,), {}), ((), {"name": None})])[:2]:
            device = plain(submission.pick_device(*arguments, **named))
            judge(cuda, device)
            if cuda:  # machines of one kind are not told apart
                said_with_cuda.append(device)
                assert_value(device, said_with_cuda[0])


def test_pick_device_available(submission, sandbox, rng, device, said_with_cuda):
    def judge(cuda, found):
        if cuda:
            assert_device(found, device.type)

    ask_everywhere(submission, sandbox, rng, [True, rng.random() < 0.5], said_with_cuda, judge)


def test_pick_device_without_cuda(submission, sandbox, rng, said_with_cuda):
    def judge(cuda, found):
        if not cuda:
            assert_device(found, "cpu")
            # Asked for by name: whether it is there is not the question.
            assert_device(submission.pick_device("cuda"), "cuda")

    ask_everywhere(submission, sandbox, rng, [True, False, rng.random() < 0.5], said_with_cuda, judge)


# --- to_device ------------------------------------------------------------------------------------------------

DTYPES = (torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.uint8, torch.bool)
OTHERS = (None, 3, -1.5, True, b"x", 2j, range(4), frozenset({1, 2}), 10**20, slice(1, 2))


def a_tensor(rng):
    shape = [rng.randint(1, 7) for _ in range(rng.randint(0, 4))]
    return (4 * torch.randn(shape)).abs().to(rng.choice(DTYPES))


def another_value(rng):
    """Neither a tensor nor a container."""
    return rng.choice([*OTHERS, *random_names(rng, len(OTHERS))])


def a_container(rng, kind, items):
    if kind is not dict:
        return kind(items)
    keys = [*random_names(rng, len(items)), *range(5, 5 + len(items)), *((1, n) for n in range(len(items)))]
    return dict(zip(rng.sample(keys, len(items)), items, strict=True))


def a_batch(rng, depth):
    """A container with tensors, other values and containers, `depth` of them inside one another."""
    items = [a_tensor(rng) if rng.random() < 0.6 else another_value(rng) for _ in range(rng.randint(0, 3))]
    items.append(a_batch(rng, depth - 1) if depth else a_tensor(rng))
    if rng.random() < 0.3:
        items.append(rng.choice(((), [], {})))
    return a_container(rng, rng.choice((tuple, list, dict)), shuffled(rng, items))


def tensors(value, path="result"):
    """Every tensor in a batch and how it is reached, in an order that does not depend on the order of keys."""
    if isinstance(value, torch.Tensor):
        yield path, value
    elif isinstance(value, dict):
        for key in sorted(value, key=repr):
            yield from tensors(value[key], f"{path}[{key!r}]")
    elif isinstance(value, tuple | list):
        for number, item in enumerate(value):
            yield from tensors(item, f"{path}[{number}]")


def laid_out(batch, places):
    """In the worker: the batch with its tensors on these devices, by turns."""
    import torch

    turns = iter(places * 1000)

    def lay(value):
        if isinstance(value, torch.Tensor):
            return value.to(next(turns))
        if isinstance(value, dict):
            moved = {key: lay(value[key]) for key in sorted(value, key=repr)}
            return {key: moved[key] for key in value}
        return type(value)(map(lay, value)) if type(value) in (tuple, list) else value

    return lay(batch)


def weigh(batch, place, factors):
    """In the worker: a number for each tensor of a batch, to which its values and its place contribute."""
    import torch

    ones = torch.ones(1, dtype=torch.float64, device=place)
    found = []

    def visit(value):
        if isinstance(value, torch.Tensor):
            try:
                weight = (value.double().abs().sum().reshape(1) + 1) * ones  # no product across devices
                found.append(weight.item() * factors[value.is_cuda])
            except RuntimeError:
                found.append(None)
        elif isinstance(value, dict):
            for key in sorted(value, key=repr):
                visit(value[key])
        elif isinstance(value, tuple | list):
            for item in value:
                visit(item)

    visit(batch)
    return found


def assert_place(name, tensor, device):
    """A tensor that came back was on `device`."""
    found, expected = (str(with_index(torch.device(place))) for place in (origin_of(tensor).device, device))
    if found != expected:
        raise Mismatch(f"{name}: {found}", f"{name}: {expected}")


def assert_batch(sandbox, rng, held, expected, places, name="result"):
    """The structure and values of `expected`, its tensors on these devices by turns.

    Args:
        held: a handle.
    """
    actual = plain(held)
    assert_value(actual, expected)
    found = list(tensors(actual, name))
    for number, (path, tensor) in enumerate(found):
        assert_place(path, tensor, places[number % len(places)])
    if len(places) == 1:
        factors = some_factors(rng)
        weights = plain(sandbox.define(weigh)(held, places[0], factors))
        ours = weigh(expected, "cpu", [factors[places[0].type == "cuda"]] * 2)
        assert_value({"tensors": len(weights)}, {"tensors": len(ours)})
        for (path, _tensor), weight, expected_weight in zip(found, weights, ours, strict=True):
            assert_close(weight, expected_weight, name=path)


def check_moved(submission, sandbox, rng, batch, places, target):
    """to_device moves this batch to `target`; returns the batch that was given, and what came back."""
    given = sandbox.hold(sandbox.define(laid_out))(batch, places) if places != [CPU] else sandbox.put(batch)
    name = rng.choice([target, str(target), target.type])
    moved = sandbox.hold(submission.to_device)(given, name)
    assert_batch(sandbox, rng, moved, batch, [target])
    return given, moved


def ways(rng, device):
    """Where a batch lies, and where it goes."""
    mixed = [device, CPU]
    return shuffled(
        rng, [([CPU], device), ([device], CPU), ([device], device), ([CPU], CPU), (mixed, rng.choice(mixed))]
    )


def test_to_device_tensor(submission, sandbox, rng, device):
    for places, target in ways(rng, device):
        for _ in range(rng.randint(1, 2)):
            check_moved(submission, sandbox, rng, a_tensor(rng), places, target)
    check_moved(submission, sandbox, rng, torch.rand(rng.randint(32, 64), 3, 32, 32), [CPU], device)


@pytest.mark.parametrize("kind", ["tuple", "list", "dict"])
def test_to_device_nested(submission, sandbox, rng, device, kind):
    kinds = {"tuple": tuple, "list": list, "dict": dict}
    flat = a_container(rng, kinds[kind], [a_tensor(rng) for _ in range(rng.randint(2, 7))])
    check_moved(submission, sandbox, rng, flat, [CPU], device)
    deep = a_container(rng, kinds[kind], [a_batch(rng, rng.randint(1, 9)) for _ in range(rng.randint(1, 2))])
    for places, target in ways(rng, device)[:2]:
        check_moved(submission, sandbox, rng, deep, places, target)
    if kind == "dict":
        sandbox.restart(cuda=False)
        check_moved(submission, sandbox, rng, deep, [CPU], CPU)


def test_to_device_other_values(submission, sandbox, rng, device):
    for kind in shuffled(rng, [tuple, list, dict]):
        items = [*OTHERS, *random_names(rng, 2), a_tensor(rng), (), [], {}]
        batch = a_container(rng, kind, rng.sample(items, rng.randint(8, len(items))))
        check_moved(submission, sandbox, rng, batch, [CPU], device)
    for value in (*rng.sample(OTHERS, 4), None, *random_names(rng, 1), (), [], {}):
        assert_value(submission.to_device(value, device), value)


def scribble(value):
    """In the worker: changes every list and dict in `value`."""
    if type(value) in (tuple, list):
        for item in value:
            scribble(item)
    if type(value) is list:
        value.append(None)
    if type(value) is dict:
        for item in value.values():
            scribble(item)
        value[None] = 0


def test_to_device_new_containers(submission, sandbox, rng, device):
    for places, target in ways(rng, device):
        batch = a_container(
            rng, rng.choice((list, dict)), [a_batch(rng, rng.randint(1, 4)) for _ in range(2)]
        )
        given, moved = check_moved(submission, sandbox, rng, batch, places, target)
        assert_batch(sandbox, rng, given, batch, places, "given batch")
        sandbox.define(scribble)(moved)
        assert_batch(sandbox, rng, given, batch, places, "given batch")


# --- train_step_on --------------------------------------------------------------------------------------------


def criterion(torch, kind, weight, name, factors):
    """A loss function: one of torch.nn with a weight of this name, or one of our own, which tells where it computes."""

    class Loss(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.CrossEntropyLoss(weight=weight.clone())
            self.register_buffer(name, weight.clone())

        def forward(self, output, target):
            factor = factors[output.is_cuda and target.is_cuda]
            return factor * self.inner(output + self.get_buffer(name), target)

    if not kind:
        return Loss()
    return getattr(torch.nn, kind)(**{name: weight.clone()} if name else {})


@dataclass
class Case:
    """The same model, loss function and optimizer in the judge and in the worker, there on the CPU.

    Args:
        shape: of one sample.
        classes: how many numbers the model gives.
        kind: of loss function, as `criterion` has it.
        place: where steps are to be taken.
    """

    shape: tuple[int, ...]
    classes: int
    kind: str
    place: torch.device
    ours: Side
    theirs: Side

    def batch(self, rng):
        n = rng.randint(4, 64)
        images = torch.randn(n, *self.shape)
        if self.kind == "MSELoss":
            return images, torch.randn(n, self.classes)
        if self.kind == "BCEWithLogitsLoss":
            return images, torch.randint(2, (n, self.classes)).float()
        return images, torch.tensor([0, 1, *torch.randint(self.classes, (n - 2,)).tolist()])


def a_case(sandbox, rng, place, *, kind="CrossEntropyLoss", weighted="", optimizer=("SGD", {}), norm=False):
    """Everything drawn that is not given.

    Args:
        weighted: the name of the loss function's weight, if it has one.
    """
    classes = rng.randint(2, 12)
    shape = rng.choice(((rng.randint(2, 40),), (rng.randint(1, 4), rng.randint(4, 9), rng.randint(4, 9))))
    layers = some_layers(rng, shape, classes, norm=norm, where=True)
    weight, factors = torch.rand(classes) + torch.tensor([0.2, 2, *[0.5] * (classes - 2)]), some_factors(rng)
    name, options = optimizer
    options = {"lr": round(rng.uniform(0.05, 0.3), 3), **options}

    def side(torch, build, criterion, layers, factors):
        model = build(torch, layers)
        loss_fn = criterion(torch, kind, weight, weighted, factors)
        return Side(model, loss_fn, getattr(torch.optim, name)(model.parameters(), **options))

    ours = side(torch, build, criterion, as_on(place, layers), [factors[place.type == "cuda"]] * 2)
    theirs = side(sandbox.torch, sandbox.define(build), sandbox.define(criterion), layers, factors)
    theirs.model.load_state_dict(dict(ours.model.state_dict()))
    return Case(shape, classes, kind, place, ours, theirs)


def their_step(submission, case, images, targets):
    side = case.theirs
    try:
        return submission.train_step_on(case.place, side.model, images, targets, side.loss_fn, side.optimizer)
    except RemoteError:
        plain(side.model.state_dict())  # for diagnosis: what had been moved until then
        raise


def assert_model(case):
    """The worker's model has the parameters of the judge's, and lies where it should with all its buffers."""
    values = plain(case.theirs.model.state_dict())
    for name, expected in case.ours.model.state_dict().items():
        actual = values[name]
        if "running" in name or "tracked" in name:  # how often the model was called is not asked for
            assert_place(name, actual, case.place)
        else:
            assert_close(actual, expected, **CLOSE, device=case.place, name=name)


def answer(model, images, place):
    """In the worker: what the model computes there, in the mode of evaluation; the modes stay."""
    modes = [module.training for module in model.modules()]
    output = model.eval()(images.to(place)).detach()
    for module, training in zip(model.modules(), modes, strict=True):
        module.training = training
    return output


def assert_stays(sandbox, case, rng):
    """Model and loss function compute on the device."""
    images, targets = case.batch(rng)
    if not any("running" in name for name in case.ours.model.state_dict()):
        found = sandbox.define(answer)(case.theirs.model, images, case.place)
        assert_close(found, answer(case.ours.model, images, CPU), **CLOSE, name="model(images)")
    outputs = torch.randn(len(targets), case.classes)
    loss = sandbox.define(loss_of)(case.theirs.loss_fn, outputs, targets, case.place)
    assert_close(loss, case.ours.loss_fn(outputs, targets).item(), name="loss_fn(output, target)")


def loss_of(loss_fn, outputs, targets, place):
    """In the worker: a loss that is computed there."""
    return loss_fn(outputs.to(place), targets.to(place)).item()


def test_step_loss(submission, sandbox, rng, device):
    for norm in shuffled(rng, [True, False]):
        case = a_case(sandbox, rng, device, norm=norm)
        batch = case.batch(rng)
        loss = their_step(submission, case, *batch)
        assert_close(loss, our_step(case.ours, *batch), rtol=1e-3)


@pytest.mark.parametrize("cuda", [True, False])
def test_step_moves_the_model(submission, sandbox, rng, device, cuda):
    if not cuda:
        sandbox.restart(cuda=False)
    ways = [(device, True), (device, False), (CPU, True), (device, None)] if cuda else [(CPU, True)]
    for place, training in shuffled(rng, ways):
        case = a_case(sandbox, rng, place, norm=True)
        modes = [rng.random() < 0.5 if training is None else training for _ in case.ours.model.modules()]
        set_modes(case.ours.model, modes)
        sandbox.define(set_modes)(case.theirs.model, modes)
        batch = case.batch(rng)
        expected = our_step(case.ours, *batch)
        loss = their_step(submission, case, *batch)
        assert_model(case)
        if not cuda:
            assert_close(loss, expected, rtol=1e-3)
        assert_value(sandbox.define(modes_of)(case.theirs.model), modes_of(case.ours.model))
        assert_stays(sandbox, case, rng)


@pytest.mark.parametrize("kind", ["weighted classes", "weighted positives", "no weights", "of our own"])
def test_step_class_weights(submission, sandbox, rng, device, kind):
    kinds = {
        "weighted classes": ("CrossEntropyLoss", "weight"),
        "weighted positives": ("BCEWithLogitsLoss", "pos_weight"),
        "no weights": ("MSELoss", ""),
        "of our own": ("", f"{rng.choice('abcdefgh')}{rng.randint(0, 99)}"),
    }
    case = a_case(sandbox, rng, device, kind=kinds[kind][0], weighted=kinds[kind][1])
    batch = case.batch(rng)
    our_step(case.ours, *batch)
    their_step(submission, case, *batch)
    assert_model(case)
    values = plain(case.theirs.loss_fn.state_dict())
    for name, expected in case.ours.loss_fn.state_dict().items():
        assert_close(values[name], expected, **CLOSE, device=device, name=f"loss_fn.{name}")
    assert_stays(sandbox, case, rng)


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_steps_in_a_row(submission, sandbox, rng, device, name):
    if name == "momentum":
        options = {"momentum": round(rng.uniform(0.7, 0.95), 2), "nesterov": rng.random() < 0.5}
        optimizer = "SGD", {**options, "weight_decay": rng.choice((0, 0.1))}
    else:
        optimizer = rng.choice(("Adam", "AdamW")), {"lr": round(rng.uniform(0.01, 0.04), 3)}
    case = a_case(sandbox, rng, device, optimizer=optimizer)
    for _ in range(rng.randint(3, 5)):
        batch = case.batch(rng)
        our_step(case.ours, *batch)
        # Some batches are on the device already, in part or as a whole.
        there = [sandbox.hold(sandbox.put(one).to)(device) if rng.random() < 0.4 else one for one in batch]
        their_step(submission, case, *there)
        assert_model(case)


def test_left_over_gradients(submission, sandbox, rng, device):
    case = a_case(sandbox, rng, device)
    for _ in range(rng.randint(1, 2)):
        sandbox.define(backward)(case.theirs.model, *case.batch(rng))
    for _ in range(rng.randint(1, 3)):
        batch = case.batch(rng)
        our_step(case.ours, *batch)
        their_step(submission, case, *batch)
        assert_model(case)
