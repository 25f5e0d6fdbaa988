"""Hidden grader of core/09: the judge writes checkpoints and pictures as files, and computes the answers itself."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torchvision import transforms

from learn_torch.language import _
from learn_torch.testing import (
    Mismatch,
    RemoteError,
    assert_close,
    assert_value,
    describe,
    is_handle,
    origin_of,
    plain,
    type_name,
)

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-5}


def shown(device):
    """A device as text, `cuda` being `cuda:0`."""
    return "cuda:0" if str(device) == "cuda" else str(device)


# --- load_model -----------------------------------------------------------------------------------------------


def net():
    """Has parameters, buffers, and layers inside layers for which the mode matters: (N, 5) to (N, 3)."""
    from torch import nn

    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Sequential(nn.Dropout(0.5), nn.Linear(8, 3)))


def there(sandbox, build, *sizes):
    """A model in the worker, on its CPU whatever the submission has made the default."""
    model = sandbox.define(build)(*sizes)
    model.to(CPU)
    return model


def used(model):
    """The judge's model with random statistics, as if it had been trained, in evaluation mode."""
    for module in model:
        if hasattr(module, "running_mean"):
            module.running_mean = torch.randn_like(module.running_mean)
            module.running_var = 0.2 + 2 * torch.rand_like(module.running_var)
            module.num_batches_tracked += 7
    return model.eval()


def save(checkpoint, path, place="cpu"):
    """Write a file that says of its tensors that they were on `place`, which needs no such device."""
    ask_the_storage = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _storage: place
    try:
        torch.save(checkpoint, path)
    finally:
        torch.serialization.location_tag = ask_the_storage
    return path


def assert_given(returned, given, rng):
    """What came back is the model that was given: a mark that one gets afterwards shows on the other."""
    given.learn_mark = mark = rng.randrange(10**9)
    try:
        same = is_handle(returned) and type_name(returned) == type_name(given) and plain(returned.learn_mark)
    except RemoteError:
        same = None
    if same != mark or isinstance(same, bool):
        raise Mismatch(describe(returned), _("the model that was given"))


def assert_weights(theirs, ours, device=CPU):
    """The worker's model has the judge's parameters and buffers, on `device`."""
    values = plain(theirs.state_dict())
    for name, expected in ours.state_dict().items():
        assert_close(values[name], expected, **CLOSE, name=name)
        found = shown(origin_of(values[name]).device)
        if found != shown(device):
            raise Mismatch(f"{name}: {found}", f"{name}: {shown(device)}")


@pytest.mark.parametrize("kind", ["str", "Path"])
def test_load_weights(submission, sandbox, given_files, rng, kind):
    for name in ("model.pth", "epoch 3.v2.pt", "权重.pth"):
        ours, theirs = used(net()), there(sandbox, net)
        path = save(ours.state_dict(), given_files / name)
        returned = submission.load_model(str(path) if kind == "str" else path, theirs)
        assert_given(returned, theirs, rng)
        assert_weights(theirs, ours)


def in_training(model):
    """The names of the modules in training mode."""
    return [f"model.{name}".rstrip(".") for name, module in model.named_modules() if module.training]


def test_load_evaluation_mode(submission, sandbox, given_files):
    for training in (True, False):
        ours, theirs = used(net()), there(sandbox, net)
        theirs.train(training)
        submission.load_model(save(ours.state_dict(), given_files / f"{training}.pth"), theirs)
        if found := sandbox.define(in_training)(theirs):
            text = _("in training mode: {names}").format(names=describe(found))
            raise Mismatch(text, _("the model in evaluation mode, with all its layers"))
        x = torch.randn(6, 5)
        assert_close(theirs(x), ours(x).detach(), **CLOSE, name="model(x)")


def load_without_cuda(_load_model, checkpoint, model):
    """What load_model does in a second copy of the submission, imported where there is no CUDA."""
    import linecache
    import sys
    import types

    import torch

    def refuse(storage, location):
        if str(location).startswith("cuda"):
            raise RuntimeError(
                "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. "
                "If you are running on a CPU-only machine, please use torch.load with "
                "map_location=torch.device('cpu') to map your storages to the CPU."
            )
        return restore(storage, location)

    restore = torch.serialization.default_restore_location
    answers = {"is_available": False, "device_count": 0, "current_accelerator": None}
    hidden = [
        (owner, name, getattr(owner, name))
        for owner in (torch.cuda, torch.accelerator)
        for name in answers
        if hasattr(owner, name)
    ]
    for owner, name, _function in hidden:
        setattr(owner, name, lambda *_args, _answer=answers[name], **_kwargs: _answer)
    torch.serialization.default_restore_location = refuse
    try:
        file = sys.modules["submission"].__file__
        copy = types.ModuleType("submission")
        copy.__file__ = file
        exec(compile("".join(linecache.getlines(file)), file, "exec"), vars(copy))
        return copy.load_model(checkpoint, model)
    finally:
        torch.serialization.default_restore_location = restore
        for owner, name, function in hidden:
            setattr(owner, name, function)


@pytest.mark.parametrize("place", ["cuda:15", "mps", "cuda:0"])
def test_load_saved_elsewhere(submission, sandbox, given_files, rng, place):
    ours, theirs = used(net()), there(sandbox, net)
    path = save(ours.state_dict(), given_files / f"saved on {place.replace(':', ' ')}.pth", place)
    if place == "cuda:0":  # the one card that this machine may have: not while the file is loaded
        returned = sandbox.define(load_without_cuda)(submission.load_model, path, theirs)
    else:
        returned = submission.load_model(path, theirs)
    assert_given(returned, theirs, rng)
    assert_weights(theirs, ours)


def test_load_on_device(submission, sandbox, given_files, rng, device):
    for number, (home, target) in enumerate(((CPU, device), (device, CPU), (device, device), (CPU, None))):
        for place in ("cpu", str(device), "cuda:15"):
            ours, theirs = used(net()), there(sandbox, net)
            theirs.to(home)
            path = save(ours.state_dict(), given_files / f"{number} {place.replace(':', ' ')}.pth", place)
            if target is None:
                returned = submission.load_model(path, theirs)
            elif place == "cpu":
                returned = submission.load_model(path, theirs, device=str(target))
            else:
                returned = submission.load_model(path, theirs, target)
            assert_given(returned, theirs, rng)
            assert_weights(theirs, ours, target or CPU)


def assert_refused(submission, path, theirs, why):
    """load_model raises."""
    try:
        returned = submission.load_model(path, theirs)
    except RemoteError:
        return
    raise Mismatch(describe(returned), _("an exception"), why)


def test_load_keys(submission, sandbox, given_files):
    ours, theirs = used(net()), there(sandbox, net)
    submission.load_model(save(ours.state_dict(), given_files / "all.pth"), theirs)
    assert_weights(theirs, ours)
    for name in ("0.weight", "2.1.bias", "1.running_mean"):
        weights = ours.state_dict()
        del weights[name]
        path = save(weights, given_files / f"without {name}.pth")
        assert_refused(submission, path, there(sandbox, net), _("the file lacks {name}").format(name=name))
    for name in ("3.weight", "0.running_mean"):
        weights = ours.state_dict()
        weights[name] = torch.randn(3)
        path = save(weights, given_files / f"with {name}.pth")
        text = _("the model has no {name}, and the file has").format(name=name)
        assert_refused(submission, path, there(sandbox, net), text)


class Pickled:
    """An object in a file whose unpickling calls `function`; the judge itself never unpickles one."""

    def __init__(self, function, *arguments):
        self._call = function, arguments

    def __reduce__(self):
        return self._call


def traces(folder, name):
    """Whether what was hidden in a file has run."""
    import os
    import sys

    return hasattr(sys, name) or os.path.exists(os.path.join(folder, name))


def files_with_objects(ours, folder, rng):
    """What a file may hold besides tensors: what to save, and the name of the trace that it leaves when executed."""
    for kind in ("alone", "entry", "folder", "weights", "model"):
        name = f"trace{rng.randrange(10**9)}"
        pickled = Pickled(exec, f"import sys; sys.{name} = True")
        weights = ours.state_dict()
        if kind == "alone":
            yield pickled, name
        elif kind == "entry":
            weights["epoch"] = pickled
            yield weights, name
        elif kind == "folder":
            yield {**weights, "3.weight": Pickled(os.mkdir, f"{folder}/{name}")}, name
        elif kind == "weights":  # every key is right: only what stands beside them is not
            weights._metadata["about"] = pickled
            yield weights, name
        else:
            model = net()
            model.about = pickled
            yield model, name


def test_load_pickled_object(submission, sandbox, given_files, rng):
    ours, theirs = used(net()), there(sandbox, net)
    submission.load_model(save(ours.state_dict(), given_files / "tensors.pth"), theirs)
    assert_weights(theirs, ours)
    look = sandbox.define(traces)
    for number, (checkpoint, name) in enumerate(files_with_objects(ours, sandbox.scratch, rng)):
        path = save(checkpoint, given_files / f"objects {number}.pth")
        why = _("the file holds a pickled object beside tensors")
        try:
            assert_refused(submission, path, there(sandbox, net), why)
        finally:
            if look(sandbox.scratch, name) is not False:
                text = _("code that was hidden in the file has run")
                raise Mismatch(text, _("an exception, and nothing in the file executed")) from None


# --- preprocess -----------------------------------------------------------------------------------------------


def noise(rng, mode, width, height):
    """A picture of fine grain: every other way of resizing shows."""
    picture = Image.frombytes(mode, (width, height), rng.randbytes(width * height * len(mode)))
    if mode == "P":
        picture.putpalette(rng.randbytes(768))
    return picture


def a_size(rng):
    """Never square: both sides larger than 32, both smaller, or one of each."""
    large, larger, small = rng.randrange(41, 60, 2), rng.randrange(67, 90), rng.randrange(11, 27)
    return rng.choice(((large, larger), (larger, large), (small, large), (larger, small)))


def write(picture, path):
    """Write the file; returns the judge's tensor for it."""
    data = io.BytesIO()
    picture.save(data, "PNG" if path.suffix.lower() == ".png" else "JPEG")
    path.write_bytes(data.getvalue())
    image = Image.open(data).convert("RGB")
    return transforms.ToTensor()(transforms.Resize((32, 32))(image)).unsqueeze(0)


def check_picture(submission, picture, path, kind=Path):
    """preprocess gives the judge's tensor for this picture, written to this path."""
    expected = write(picture, path)
    found = submission.preprocess(kind(path))
    try:
        assert_close(found, expected, rtol=0, atol=2 / 255 + 1e-5, dtype=torch.float32)
    except Mismatch as mismatch:
        wanted = f"{mismatch.expected} ({describe(picture)}, {path.name})"
        raise Mismatch(mismatch.came_back, wanted, mismatch.detail) from None


def test_preprocess(submission, given_files, rng):
    sizes = ((57, 83), (91, 40), (21, 45), (70, 17), (15, 24), a_size(rng))
    names = ("a.png", "ant photo.JPG", "b.v2.PNG", "蚂蚁 1.jpeg", "bee.png", "_9.jpg")
    for number, (size, name) in enumerate(zip(sizes, names, strict=True)):
        picture = noise(rng, "RGB", *size)
        check_picture(submission, picture, given_files / name, (str, Path)[number % 2])


def test_preprocess_modes(submission, given_files, rng):
    modes = {"grey.jpg": "L", "grey.png": "L", "la.png": "LA", "palette.png": "P", "rgba.png": "RGBA"}
    for name, mode in modes.items():
        for size in ((rng.randrange(45, 90), 41), (23, rng.randrange(36, 60))):
            path = given_files / f"{size[0]} {name}"
            check_picture(submission, noise(rng, mode, *size), path)


# --- predict --------------------------------------------------------------------------------------------------

NAMES = (
    *("Bee", "ant", "Wasp", "蜜蜂", "Dragon fly", "moth", "Apis 2", "Beetle"),
    *("cricket", "Larva", "蚂蚁", "gnat", "Hornet", "louse", "Mite 7", "aphid"),
)


def classifier(classes):
    """(N, 3, 32, 32) to logits (N, classes); modes matter."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 4, 4, stride=4),
        nn.BatchNorm2d(4),
        nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(256, classes)),
    )


@dataclass
class Case:
    """A picture, the names of the classes, and the same model in the judge and in the worker."""

    path: Path
    classes: list[str]
    ours: Any
    theirs: Any


def a_case(sandbox, folder, rng, number=None, shift=0.0):
    """For its picture the model is sure of one class, but not too sure.

    Args:
        number: how many classes; by default a few.
        shift: is added to every logit, which changes no probability.
    """
    path = folder / f"{rng.randrange(10**6)} {rng.choice(('ant', '蚂蚁'))}{rng.choice(('.png', '.jpg'))}"
    image = write(noise(rng, "RGB", *a_size(rng)), path)
    classes, best, worst = some_classes(rng, number)
    ours = used(classifier(len(classes)))
    with torch.no_grad():
        ours[2][2].bias += some_logits(rng, len(classes), best, worst) + shift - ours(image)[0]
    theirs = there(sandbox, classifier, len(classes))
    theirs.load_state_dict(ours.state_dict())
    theirs.eval()
    return Case(path, classes, ours, theirs)


def some_classes(rng, number=None):
    """Names, which is the likeliest and which the least likely: any other order gives another name.

    Of a given number of classes the last is the likeliest.
    """
    while True:
        classes = rng.sample(NAMES, number or rng.randint(4, 6))
        best, worst = rng.sample(range(len(classes)), 2) if number is None else (number - 1, 1)
        orders = sorted(classes), sorted(classes, key=str.lower), sorted(classes, reverse=True), classes[::-1]
        if best > 0 and all(order[best] != classes[best] for order in orders):
            return classes, best, worst


def some_logits(rng, number, best, worst):
    """All of them negative, with a probability for the best one that no rounding to percent is near."""
    logits = torch.tensor([rng.uniform(-4, -3) for _ in range(number)])
    logits[worst] = -5
    logits[best] = -torch.inf
    probability = (rng.randrange(55, 80) + rng.uniform(0.4, 0.6)) / 100
    odds = torch.tensor(probability / (1 - probability))
    logits[best] = logits.logsumexp(0) + odds.log()
    return logits


def check_prediction(submission, sandbox, case, *device, **named):
    """What predict says of the picture is what the judge's model says of preprocess's tensor."""
    image = plain(submission.preprocess(case.path))
    assert_close(image, torch.zeros(1, 3, 32, 32), rtol=0, atol=torch.inf, dtype=torch.float32)
    with torch.no_grad():
        probabilities = case.ours(image)[0].softmax(0)
    probability, index = probabilities.max(0)
    expected = case.classes[index], round(probability.item(), 6)

    reply = plain(submission.predict(case.theirs, case.path, case.classes, *device, **named))
    if is_handle(reply) or not isinstance(reply, tuple) or len(reply) != 2:
        raise Mismatch(describe(reply), _("a tuple (class name, probability)"))
    try:
        assert_value(reply[0], expected[0])
        assert_close(reply[1], expected[1], rtol=1e-3)
    except Mismatch as mismatch:
        raise Mismatch(describe(reply), describe(expected), mismatch.detail) from None


@pytest.mark.parametrize("kind", ["list", "tuple"])
def test_predict(submission, sandbox, given_files, rng, kind):
    for number, how in enumerate(({}, {"shift": 200.0}, {"number": 12})):
        case = a_case(sandbox, given_files, rng, **how)
        if kind == "tuple":
            case.classes = tuple(case.classes)
        if number:
            case.path = str(case.path)
        check_prediction(submission, sandbox, case)


def test_predict_evaluation_mode(submission, sandbox, given_files, rng):
    for _number in range(3):
        case = a_case(sandbox, given_files, rng)
        case.theirs.train()
        check_prediction(submission, sandbox, case)


def watch(model):
    """A list to which every call of the model adds the device of its input."""
    devices = []
    model[0].register_forward_pre_hook(lambda _layer, inputs: devices.append(str(inputs[0].device)))
    return devices


def test_predict_on_device(submission, sandbox, given_files, rng, device):
    for home, arguments, named in (
        (CPU, (), {"device": device}),
        (CPU, (str(device),), {}),
        (device, (), {}),
        (device, (CPU,), {}),
        (device, (device,), {}),
    ):
        case = a_case(sandbox, given_files, rng)
        case.theirs.to(home)
        devices = sandbox.hold(sandbox.define(watch))(case.theirs)
        check_prediction(submission, sandbox, case, *arguments, **named)
        expected = shown(named.get("device") or (arguments or (CPU,))[0])
        found = {shown(place) for place in plain(devices)}
        if found != {expected}:
            text = _("the model computed on {devices}").format(devices=", ".join(sorted(found)) or None)
            raise Mismatch(text, expected)


def test_predict_gradients(submission, sandbox, given_files, rng):
    case = a_case(sandbox, given_files, rng)
    gradients = {name: torch.randn_like(p) for name, p in case.ours.named_parameters()}
    gradients["0.weight"] = gradients["2.2.bias"] = None
    for name, gradient in gradients.items():
        case.theirs.get_parameter(name).grad = gradient
    for _number in range(2):
        check_prediction(submission, sandbox, case)
        for name, gradient in gradients.items():
            found = case.theirs.get_parameter(name).grad
            if gradient is None:
                assert_value({f"{name}.grad": found}, {f"{name}.grad": None})
            else:
                assert_close(found, gradient, **CLOSE, name=f"{name}.grad")
