"""Asks the network that `learn run-solution training` has trained what it sees in pictures of yours, or the data's."""

import json
import tempfile
from pathlib import Path

import torch
from PIL import Image

from learn_torch.errors import DataError, LearnError, in_a_line
from learn_torch.language import _
from learn_torch.runs.drawing.answers import answer_sheet
from learn_torch.runs.images.folders import UNREADABLE, pictures_in, unreadable
from learn_torch.runs.loading import load
from learn_torch.runs.training.checkpoint import WEIGHTS

USES = {"device", "test_data", "image", "checkpoint", "out"}

SHOWN = 12
"""How many pictures of the data are looked at, where the user names none."""
TOP = 5
BAR = 30


def run(solution, context):
    """Print class, probability and the top five of each picture; write an annotated PNG of each."""
    weights = context.asked.checkpoint or context.out.parent / "training" / WEIGHTS
    trained = what_was_trained(weights)
    classes = trained["classes"]
    network = load(
        Path(__file__).parents[1] / "08_training" / "solution.py", "learn_torch_network"
    ).Cifar10Net()
    try:
        model = solution.load_model(weights, network, context.device)
    except Exception as error:  # whatever a file that is no state dict makes torch raise
        reason = in_a_line(error)
        raise LearnError(
            _("{path} does not fit the network: {reason}").format(path=weights, reason=reason)
        ) from error
    context.say(
        _("weights: {path}, trained on {data}").format(path=weights, data=trained["settings"]["data"])
    )
    names = [*classes, *["–"] * (10 - len(classes))]  # the network has room for ten
    answers = []
    if context.asked.image:
        for path in chosen(context.asked.image):
            answers.append(ask(solution, model, path, path.name, names, context))
    else:
        pictures = context.open_test_data(trained["settings"]["data"])
        with tempfile.TemporaryDirectory(prefix="learn-") as folder:
            for index in range(0, len(pictures), max(1, len(pictures) // SHOWN)):
                image, target = pictures[index]
                path = Path(folder) / f"{index:05}.png"
                image.save(path)
                title = f"{path.stem} ({classes[target]})"
                answers.append(ask(solution, model, path, title, names, context) | {"truth": classes[target]})
                if len(answers) == SHOWN:
                    break
        right = sum(answer["class"] == answer["truth"] for answer in answers)
        context.say(_("{n} of {m} are right").format(n=right, m=len(answers)))
    return {"weights": str(weights), "answers": answers}


def what_was_trained(weights):
    """The metrics beside the weights: they name the classes."""
    if not weights.is_file():
        raise LearnError(
            _("there are no trained weights in {path}").format(path=weights),
            _("train some first: learn run-solution training; or name them: --checkpoint FILE"),
        )
    metrics = weights.with_name("metrics.json")
    try:
        trained = json.loads(metrics.read_text("utf-8"))
        trained["classes"], trained["settings"]["data"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LearnError(
            _("{path} does not say which classes the weights know").format(path=metrics),
            _("it is written by learn run-solution training, beside the weights"),
        ) from error
    return trained


def chosen(paths):
    """The files, and the pictures in the folders."""
    for path in paths:
        if path.is_dir():
            yield from pictures_in(path)
        elif path.exists():
            yield path
        else:
            raise DataError(_("there is no picture {path}").format(path=path))


@torch.no_grad()
def ask(solution, model, path, title, names, context):
    """Print and draw what the network says of one picture; a dict for --json."""
    try:
        name, probability = solution.predict(model, path, names, context.device)
        batch = solution.preprocess(path).to(context.device)  # (1, 3, 32, 32)
        with Image.open(path) as file:
            image = file.convert("RGB")
    except UNREADABLE as error:
        raise unreadable(path, error) from error
    shares, order = model(batch).softmax(dim=1)[0].topk(TOP)
    top = [(names[index], share) for share, index in zip(shares.tolist(), order.tolist())]
    context.say(
        _("{title}: {name}, {probability:.1%}").format(title=title, name=name, probability=probability)
    )
    width = max(len(answer) for answer, _share in top)
    for answer, share in top:
        context.say(f"    {answer:{width}}  {'█' * round(BAR * share):{BAR}}  {share:6.1%}")
    sheet = answer_sheet(image, title, top)
    file = context.write(f"{path.stem}.png", sheet.save)
    return {"image": str(path), "class": name, "probability": probability, "top": top, "annotated": str(file)}
