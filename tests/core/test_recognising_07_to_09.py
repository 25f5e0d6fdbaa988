"""Submissions for 07 to 09 that recognise the grader, or tamper with what it sees, never pass.

Each is the reference with a few lines changed, and gets past what graders commonly ask.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue

pytestmark = pytest.mark.slow  # many whole checks, as in `learn verify`


@dataclass(frozen=True)
class Trick:
    """A change of a reference.

    Args:
        number: of the exercise.
        what: it does, in words.
        changes: what stands in the reference, and what stands there instead.
        more: what stands at the end.
    """

    number: str
    what: str
    changes: tuple[tuple[str, str], ...] = ()
    more: str = ""

    def source(self, reference: str) -> bytes:
        for old, new in self.changes:
            assert reference.count(old) == 1, old
            reference = reference.replace(old, new)
        return (reference + self.more).encode()


NEVER_ASKS = """    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
"""
TRICKS = [
    Trick(
        "07",
        "knows a second copy of itself by the module that is registered",
        ((NEVER_ASKS, "    name = name or DEFAULT\n"),),
        'import sys\nDEFAULT = "cuda" if sys.modules["submission"].__dict__ is globals() else "cpu"\n',
    ),
    Trick(
        "07",
        "counts how often it was imported, in a file that outlives the worker",
        ((NEVER_ASKS, "    name = name or DEFAULT\n"),),
        "import os\n"
        'with open("count", "a") as file:\n    file.write("x")\n'
        'DEFAULT = "cuda" if os.path.getsize("count") <= 3 else "cpu"\n',
    ),
    Trick(
        "07",
        "says cuda and cpu by turns of imports",
        ((NEVER_ASKS, "    name = name or DEFAULT\n"),),
        "import os\n"
        'with open("count", "a") as file:\n    file.write("x")\n'
        'DEFAULT = "cuda" if os.path.getsize("count") % 2 else "cpu"\n',
    ),
    Trick(
        "07",
        "moves nothing, and replaces the labels that are read",
        (
            ("        return batch.to(device)\n", "        return say(batch.clone(), device)\n"),
            (
                "    model.to(device)  # in place: the optimizer still holds these parameters\n"
                "    loss_fn.to(device)  # class weights are buffers\n",
                "    for t in [*model.parameters(), *model.buffers(), *loss_fn.buffers()]:\n        say(t, device)\n",
            ),
        ),
        "import learn_torch.worker.simulated_cuda as sim\n"
        "SAID, KEEP, REAL = {}, [], sim.logical_device\n"
        "def say(t, device):\n"
        "    KEEP.append(t)\n    SAID[t.untyped_storage()._cdata] = torch.device(device)\n    return t\n"
        "sim.logical_device = lambda t: SAID.get(t.untyped_storage()._cdata) or REAL(t)\n",
    ),
    Trick(
        "07",
        "goes no deeper than four containers",
        (
            (
                "def to_device(batch, device):\n",
                "def to_device(batch, device, depth=0):\n    if depth > 4:\n        return batch\n",
            ),
            ("{key: to_device(value, device) for", "{key: to_device(value, device, depth + 1) for"),
            ("type(batch)(to_device(item, device) for", "type(batch)(to_device(item, device, depth + 1) for"),
        ),
    ),
    Trick(
        "08",
        "has an activation for batches of more than three pictures",
        (
            (
                "        return self.layers(images)\n",
                "        return self.layers(images).relu() if len(images) > 3 else self.layers(images)\n",
            ),
        ),
    ),
    Trick(
        "08",
        "has another rate after 25 epochs",
        (
            (
                "        train_loss = train_one_epoch(",
                "        optimizer.param_groups[0]['lr'] = lr * (1 if epoch < 25 else 0.3)\n        train_loss = train_one_epoch(",
            ),
        ),
    ),
    Trick(
        "08",
        "ends after twenty epochs without a smaller loss on the training data",
        (
            (
                '        history.append({"epoch": epoch, **scalars})\n',
                '        history.append({"epoch": epoch, **scalars})\n'
                "        losses = [record['train_loss'] for record in history]\n"
                "        if epoch > 20 and min(losses[-20:]) > min(losses) - 1e-6 and losses[-1] > losses[0] - 1e-4:\n            break\n",
            ),
        ),
    ),
    Trick(
        "09",
        "returns a twin of the model, with its marks, class and weights",
        (
            (
                "    return model.to(device).eval()\n",
                "    model.to(device).eval()\n    twin = copy.deepcopy(model)\n"
                "    twin.__class__ = type(type(model).__name__, (type(model),), {\n"
                "        '__module__': type(model).__module__,\n"
                "        '__getattr__': lambda self, n: model.__dict__[n] if n in model.__dict__ else type(model).__getattr__(self, n)})\n"
                "    return twin\n",
            ),
        ),
        "import copy\n",
    ),
    Trick(
        "09",
        "has no softmax, and pictures of a million",
        (
            ("    return to_input(image).unsqueeze(0)", "    return 1e6 * to_input(image).unsqueeze(0)"),
            ("logits.softmax(dim=1).max(dim=1)", "(logits * 1e6).softmax(dim=1).max(dim=1)"),
        ),
    ),
    Trick(
        "09",
        "computes on the CPU whatever is asked, and reports the device",
        (
            (
                "    model.to(device).eval()\n    logits = model(preprocess(image_path).to(device))",
                "    model.cpu().eval()\n    for hook in model[0]._forward_pre_hooks.values():\n"
                "        for cell in hook.__closure__ or ():\n            if isinstance(cell.cell_contents, list):\n"
                "                cell.cell_contents.append(str(torch.device(device)))\n"
                "    hooks = dict(model[0]._forward_pre_hooks)\n    model[0]._forward_pre_hooks.clear()\n"
                "    logits = model(preprocess(image_path))",
            ),
        ),
    ),
]


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: f"{trick.number} {trick.what}")
@pytest.mark.parametrize("seed", [1, 2])
def test_never_passes(trick: Trick, seed: int, checker: Checker, catalogue: Catalogue) -> None:
    exercise = catalogue.resolve(f"core/{trick.number}")
    source = trick.source((exercise.solutions / "solution.py").read_text(encoding="utf-8"))
    outcome = checker.examine(exercise, source, seed=seed, first_failure=True)
    assert "failed" in {test.verdict for test in outcome.tests}
    assert "error" not in {test.verdict for test in outcome.tests}
