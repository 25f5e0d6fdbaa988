"""Hidden grader of core/09: the judge writes checkpoints and pictures as files, and computes the answers itself."""

import copy
import io
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from drawn_models import as_on, build, nested, some_layers
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
    random_names,
    type_name,
)

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-5}


def shown(device):
    """A device as text, `cuda` being `cuda:0`."""
    return "cuda:0" if str(device) == "cuda" else str(device)


def shuffled(rng, items):
    return rng.sample(list(items), len(items))


# --- load_model -----------------------------------------------------------------------------------------------


def there(sandbox, layers):
    """A model in the worker, on its CPU whatever the submission has made the default."""
    model = sandbox.define(build)(sandbox.torch, layers)
    model.to(CPU)
    return model


def used(model):
    """The judge's model with random statistics, as if it had been trained, in evaluation mode."""
    for module in model.modules():
        if hasattr(module, "running_mean"):
            module.running_mean = torch.randn_like(module.running_mean)
            module.running_var = 0.2 + 2 * torch.rand_like(module.running_var)
            module.num_batches_tracked += 7
    return model.eval()


@dataclass
class Pair:
    """A model of the judge's, whose weights are to be loaded, and the worker's."""

    features: int
    ours: Any
    theirs: Any


def a_pair(sandbox, rng, place=CPU):
    """Models with parameters, buffers, and layers inside layers for which the mode matters.

    Args:
        place: where the worker's model will compute.
    """
    features, outputs = rng.randint(3, 40), rng.randint(2, 12)
    layers = nested(rng, some_layers(rng, (features,), outputs, norm=True, dropout=0.5, where=True))
    return Pair(features, used(build(torch, as_on(place, layers))), there(sandbox, layers))


def a_file(rng, folder):
    """A path at which there is nothing yet."""
    return folder / random_names(rng, 1, rng.choice((".pth", ".pt", ".ckpt", "")))[0]


def save(checkpoint, path, place="cpu", zipped=True):
    """Write a file that says of its tensors that they were on `place`, which needs no such device."""
    ask_the_storage = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _storage: place
    try:
        torch.save(checkpoint, path, _use_new_zipfile_serialization=zipped)
    finally:
        torch.serialization.location_tag = ask_the_storage
    return path


def assert_given(returned, given, rng):
    """What came back is the model that was given: a mark that one gets afterwards shows on the other."""
    name, mark = "".join(rng.choices("abcdefghijklmnop", k=6)), rng.randrange(10**9)
    setattr(given, name, mark)
    try:
        same = (
            is_handle(returned) and type_name(returned) == type_name(given) and plain(getattr(returned, name))
        )
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


def answer(model, x, place):
    """In both: what the model computes from this, brought to `place`."""
    return model(x.to(place)).detach()


def assert_computes(sandbox, theirs, pair, device=CPU):
    """The worker's model computes on `device` what the judge's does, in evaluation mode."""
    x = torch.randn(6, pair.features)
    assert_close(
        sandbox.define(answer)(theirs, x, device), answer(pair.ours, x, CPU), **CLOSE, name="model(x)"
    )


def renew(model):
    """Give the judge's model other weights."""
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.rand_like(value) + 0.2)


def assert_loaded(sandbox, returned, pair, rng, device=CPU):
    """What came back is the model that was given, with the weights of the file, and it computes on `device`."""
    assert_given(returned, pair.theirs, rng)
    assert_weights(pair.theirs, pair.ours, device)
    assert_computes(sandbox, returned, pair, device)
    # It is one model: whichever gets other weights, both compute with them.
    for changed, other in shuffled(rng, [(returned, pair.theirs), (pair.theirs, returned)]):
        renew(pair.ours)
        changed.load_state_dict(dict(pair.ours.state_dict()))
        try:
            assert_computes(sandbox, other, pair, device)
        except Mismatch:
            raise Mismatch(describe(returned), _("the model that was given")) from None


@pytest.mark.parametrize("kind", ["str", "Path"])
def test_load_weights(submission, sandbox, given_files, rng, kind):
    for _number in range(2):
        pair = a_pair(sandbox, rng)
        path = save(pair.ours.state_dict(), a_file(rng, given_files))
        returned = submission.load_model(str(path) if kind == "str" else path, pair.theirs)
        assert_loaded(sandbox, returned, pair, rng)


def set_modes(model, modes):
    """In the worker: the mode of each module."""
    for module, training in zip(model.modules(), modes, strict=True):
        module.training = training


def in_training(model):
    """The names of the modules in training mode."""
    return [f"model.{name}".rstrip(".") for name, module in model.named_modules() if module.training]


def test_load_evaluation_mode(submission, sandbox, given_files, rng):
    for training in shuffled(rng, [True, False, None]):
        pair = a_pair(sandbox, rng)
        modes = [rng.random() < 0.5 if training is None else training for _module in pair.ours.modules()]
        sandbox.define(set_modes)(pair.theirs, modes)
        submission.load_model(save(pair.ours.state_dict(), a_file(rng, given_files)), pair.theirs)
        if found := sandbox.define(in_training)(pair.theirs):
            text = _("in training mode: {names}").format(names=describe(found))
            raise Mismatch(text, _("the model in evaluation mode, with all its layers"))
        assert_computes(sandbox, pair.theirs, pair)


@pytest.mark.parametrize("place", ["another card", "mps", "no card"])
def test_load_saved_elsewhere(submission, sandbox, given_files, rng, place):
    if place == "no card":
        sandbox.restart(cuda=False)
    tag = {"another card": f"cuda:{rng.randint(8, 15)}", "mps": "mps", "no card": "cuda:0"}[place]
    pair = a_pair(sandbox, rng)
    path = save(pair.ours.state_dict(), a_file(rng, given_files), tag)
    assert_loaded(sandbox, submission.load_model(path, pair.theirs), pair, rng)


def test_load_on_device(submission, sandbox, given_files, rng, device):
    ways = [(CPU, device), (device, CPU), (device, device), (rng.choice((CPU, device)), None)]
    for home, target in shuffled(rng, ways):
        for place in shuffled(rng, ["cpu", rng.choice((str(device), f"cuda:{rng.randint(8, 15)}"))]):
            pair = a_pair(sandbox, rng, target or CPU)
            pair.theirs.to(home)
            path = save(pair.ours.state_dict(), a_file(rng, given_files), place)
            if target is None:
                returned = submission.load_model(path, pair.theirs)
            elif place == "cpu":
                returned = submission.load_model(path, pair.theirs, device=str(target))
            else:
                returned = submission.load_model(path, pair.theirs, target)
            assert_given(returned, pair.theirs, rng)
            assert_weights(pair.theirs, pair.ours, target or CPU)
            assert_computes(sandbox, returned, pair, target or CPU)


def assert_refused(submission, path, theirs, why):
    """load_model raises."""
    try:
        returned = submission.load_model(path, theirs)
    except RemoteError:
        return
    raise Mismatch(describe(returned), _("an exception"), why)


def test_load_keys(submission, sandbox, given_files, rng):
    pair = a_pair(sandbox, rng)
    for change in shuffled(rng, ["", "", "less", "less", "less", "more", "more"]):
        renew(pair.ours)
        weights = pair.ours.state_dict()
        if change == "less":
            name = rng.choice([key for key in weights if "num_batches" not in key])
            del weights[name]
            why = _("the file lacks {name}").format(name=name)
        elif change == "more":
            name = rng.choice((f"{len(pair.ours)}.weight", "0.running_mean", *random_names(rng, 1)))
            weights[name] = torch.randn(3)
            why = _("the model has no {name}, and the file has").format(name=name)
        path = save(weights, a_file(rng, given_files))
        if change:
            assert_refused(submission, path, pair.theirs, why)
        else:
            submission.load_model(path, pair.theirs)
            assert_weights(pair.theirs, pair.ours)


class Pickled:
    """An object in a file whose unpickling calls `function`; the judge itself never unpickles one."""

    def __init__(self, function, *arguments):
        self._call = function, arguments

    def __reduce__(self):
        return self._call


def something_hidden(rng, folder, name):
    """An object that leaves a trace of this name when it is unpickled, in the process or in the scratch folder."""
    mark = f"import sys; sys.{name} = 1"
    return rng.choice(
        (
            Pickled(exec, mark),
            Pickled(exec, f"{mark}; raise {rng.choice(('ValueError', 'RuntimeError', 'KeyError'))}"),
            Pickled(eval, f"setattr(__import__('sys'), {name!r}, 1)"),
            Pickled(os.mkdir, f"{folder}/{name}"),
            Pickled(os.makedirs, f"{folder}/{name}/1"),
        )
    )


def hide(rng, kind, ours, pickled, path):
    """Write a file with this object: alone, or beside the weights of a model."""
    weights = ours.state_dict()
    first, last = rng.sample(random_names(rng, 2), 2)
    if kind == "not torch's":
        path.write_bytes(
            pickle.dumps({first: pickled, last: 1} if rng.random() < 0.5 else pickled, protocol=2)
        )
        return
    if kind == "alone":
        weights = pickled
    elif kind == "first":
        weights = {first: pickled, **weights}
    elif kind == "last":
        weights[last] = pickled
    elif kind == "a weight":
        weights[rng.choice(list(weights))] = pickled
    elif kind == "around":
        weights = {first: weights, last: pickled}
    elif kind == "metadata":  # every key is right: only what stands beside them is not
        weights._metadata[last] = pickled
    elif kind == "model":
        weights = copy.deepcopy(torch.nn.Sequential(torch.nn.Linear(2, 2)))
        weights.about = pickled
    save(weights, path, zipped=rng.random() < 0.6)


def traces(folder, name):
    """In the worker: whether what was hidden in a file has run."""
    import os
    import sys

    return hasattr(sys, name) or os.path.exists(os.path.join(folder, name))


def test_load_pickled_object(submission, sandbox, given_files, rng):
    look = sandbox.define(traces)
    kinds = ("", "", "alone", "first", "last", "a weight", "around", "metadata", "model")
    pair = a_pair(sandbox, rng)
    for kind in (*shuffled(rng, kinds), "not torch's"):
        renew(pair.ours)
        path = a_file(rng, given_files)
        if not kind:
            submission.load_model(save(pair.ours.state_dict(), path), pair.theirs)
            assert_weights(pair.theirs, pair.ours)
            continue
        name = "".join(rng.choices("abcdefghijklmnop", k=10))
        hide(rng, kind, pair.ours, something_hidden(rng, sandbox.scratch, name), path)
        why = _("the file holds a pickled object beside tensors")
        try:
            assert_refused(submission, path, pair.theirs, why)
        finally:
            if look(sandbox.scratch, name) is not False:
                text = _("code that was hidden in the file has run")
                raise Mismatch(text, _("an exception, and nothing in the file executed")) from None


# --- preprocess -----------------------------------------------------------------------------------------------

ORIENTATION = 0x0112
"""The tag of EXIF that says how a picture should be turned."""


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


def a_picture_file(rng, folder, suffixes=(".png", ".jpg", ".jpeg", ".PNG", ".JPG")):
    return folder / random_names(rng, 1, rng.choice(suffixes))[0]


def write(picture, path, orientation=0):
    """Write the file, with an orientation unless it is 0; returns the judge's tensor for it."""
    data = io.BytesIO()
    exif = Image.Exif()
    if orientation:
        exif[ORIENTATION] = orientation
    options = {"exif": exif.tobytes()} if orientation else {}
    picture.save(data, "PNG" if path.suffix.lower() == ".png" else "JPEG", **options)
    path.write_bytes(data.getvalue())
    image = Image.open(data).convert("RGB")
    return transforms.ToTensor()(transforms.Resize((32, 32))(image)).unsqueeze(0)


def assert_picture(found, expected, about=""):
    """preprocess's tensor is the judge's."""
    try:
        assert_close(found, expected, rtol=0, atol=2 / 255 + 1e-5, dtype=torch.float32)
    except Mismatch as mismatch:
        raise Mismatch(mismatch.came_back, f"{mismatch.expected}{about}", mismatch.detail) from None


def check_picture(submission, rng, picture, path, orientation=0):
    """preprocess gives the judge's tensor for this picture, written to this path."""
    expected = write(picture, path, orientation)
    about = describe(picture)
    if orientation:
        about += ", " + _("EXIF orientation {n}").format(n=orientation)
    assert_picture(submission.preprocess(rng.choice((str, Path))(path)), expected, f" ({about})")


def test_preprocess(submission, given_files, rng):
    sizes = [(57, 83), (91, 40), (21, 45), (70, 17), (15, 24), (rng.randint(150, 300), rng.randint(100, 200))]
    sizes += [a_size(rng) for _number in range(4)]
    for size, orientation in zip(shuffled(rng, sizes), shuffled(rng, range(9)), strict=False):
        check_picture(
            submission, rng, noise(rng, "RGB", *size), a_picture_file(rng, given_files), orientation
        )


def test_preprocess_modes(submission, given_files, rng):
    modes = [("L", ".jpg"), ("L", ".png"), ("LA", ".png"), ("P", ".png"), ("RGBA", ".png")]
    for mode, suffix in shuffled(rng, modes):
        for size in ((rng.randrange(45, 90), 41), (23, rng.randrange(36, 60))):
            path = a_picture_file(rng, given_files, (suffix, suffix.upper()))
            check_picture(submission, rng, noise(rng, mode, *size), path, rng.choice((0, rng.randint(1, 8))))


# --- predict --------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """A picture, the names of the classes, and the same model in the judge and in the worker.

    Args:
        image: the judge's tensor for the picture.
    """

    path: Path
    image: torch.Tensor
    classes: list[str]
    ours: Any
    theirs: Any


def a_case(sandbox, folder, rng, place=CPU, number=None, shift=0.0, orientation=0):
    """For its picture the model is sure of one class, but not too sure.

    Args:
        place: where the model is to compute: elsewhere, its answer is another one.
        number: how many classes; by default a few.
        shift: is added to every logit, which changes no probability.
        orientation: of the picture, as EXIF has it.
    """
    path = a_picture_file(rng, folder)
    image = write(noise(rng, "RGB", *a_size(rng)), path, orientation)
    classes, best, worst = some_classes(rng, number)
    logits = some_logits(rng, len(classes), best, worst) + shift
    while True:
        layers = some_layers(rng, (3, 32, 32), len(classes), norm=True, dropout=0.5, where=True)
        layers = nested(rng, layers)
        ours = used(build(torch, as_on(place, layers)))
        elsewhere = build(torch, as_on(CPU if place.type == "cuda" else torch.device("cuda"), layers))
        with torch.no_grad():
            list(ours.modules())[-1].bias += logits - ours(image)[0]
            elsewhere.load_state_dict(ours.state_dict())
            there_, here = (model.eval()(image)[0].softmax(0) for model in (elsewhere, ours))
        if abs(there_.max() - here.max()) > 0.01 or there_.argmax() != here.argmax():
            break
    theirs = there(sandbox, layers)
    theirs.load_state_dict(dict(ours.state_dict()))
    theirs.eval()
    return Case(path, image, classes, ours, theirs)


def some_classes(rng, number=None):
    """Names, which is the likeliest and which the least likely: any other order gives another name.

    Of a given number of classes the last is the likeliest.
    """
    while True:
        classes = random_names(rng, number or rng.randint(4, 7))
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


def expected_of(submission, case):
    """What the judge's model says of preprocess's tensor, which is the judge's own as far as the statement asks."""
    image = plain(submission.preprocess(case.path))
    assert_picture(image, case.image)
    with torch.no_grad():
        probabilities = case.ours(image)[0].softmax(0)
    probability, index = probabilities.max(0)
    return case.classes[index], round(probability.item(), 6)


def assert_prediction(reply, expected):
    reply = plain(reply)
    if is_handle(reply) or not isinstance(reply, tuple) or len(reply) != 2:
        raise Mismatch(describe(reply), _("a tuple (class name, probability)"))
    try:
        assert_value(reply[0], expected[0])
        assert_close(reply[1], expected[1], rtol=1e-3)
    except Mismatch as mismatch:
        raise Mismatch(describe(reply), describe(expected), mismatch.detail) from None


def check_prediction(submission, case):
    expected = expected_of(submission, case)
    assert_prediction(submission.predict(case.theirs, case.path, case.classes), expected)


@pytest.mark.parametrize(("kind", "cuda"), [(list, True), (tuple, True), (list, False)])
def test_predict(submission, sandbox, given_files, rng, kind, cuda):
    if not cuda:
        sandbox.restart(cuda=False)
    ways = [{}, {"shift": rng.uniform(150, 250)}, {"number": rng.randint(11, 40)}]
    for how in shuffled(rng, ways if cuda and kind is list else ways[:1]):
        case = a_case(sandbox, given_files, rng, orientation=rng.randint(0, 8), **how)
        case.classes = kind(case.classes)
        case.path = rng.choice((str, Path))(case.path)
        check_prediction(submission, case)


def test_predict_evaluation_mode(submission, sandbox, given_files, rng):
    for everything in shuffled(rng, [True, True, False]):
        case = a_case(sandbox, given_files, rng)
        modes = [everything or rng.random() < 0.5 for _module in case.ours.modules()]
        modes[-2:] = [True] * 2
        sandbox.define(set_modes)(case.theirs, modes)
        check_prediction(submission, case)


def watch(model):
    """In the worker: a list to which every call of the model adds where its input is."""
    found = []
    model[0].register_forward_pre_hook(lambda _layer, inputs: found.append(str(inputs[0].device)))
    return found


def test_predict_on_device(submission, sandbox, given_files, rng, device):
    ways = [
        (CPU, (), {"device": device}),
        (CPU, (str(device),), {}),
        (device, (), {}),
        (device, (CPU,), {}),
        (device, (device,), {}),
    ]
    for home, arguments, named in shuffled(rng, ways):
        target = torch.device(named.get("device") or (arguments or (CPU,))[0])
        case = a_case(sandbox, given_files, rng, target)
        case.theirs.to(home)
        calls = sandbox.hold(sandbox.define(watch))(case.theirs)
        expected = expected_of(submission, case)
        reply = submission.predict(case.theirs, case.path, case.classes, *arguments, **named)
        found = plain(calls)
        places = {shown(place) for place in found[:10]} if isinstance(found, list) else set()
        if places != {shown(target)}:
            text = _("the model computed on {devices}").format(devices=", ".join(sorted(places)) or None)
            raise Mismatch(text, shown(target))
        assert_prediction(reply, expected)


def test_predict_gradients(submission, sandbox, given_files, rng):
    case = a_case(sandbox, given_files, rng)
    gradients = {name: torch.randn_like(p) for name, p in case.ours.named_parameters()}
    for name in rng.sample(list(gradients), 2):
        gradients[name] = None
    for name, gradient in gradients.items():
        case.theirs.get_parameter(name).grad = gradient
    for _number in range(2):
        check_prediction(submission, case)
        for name, gradient in gradients.items():
            found = case.theirs.get_parameter(name).grad
            if gradient is None:
                assert_value({f"{name}.grad": found}, {f"{name}.grad": None})
            else:
                assert_close(found, gradient, **CLOSE, name=f"{name}.grad")
