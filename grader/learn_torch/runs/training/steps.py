"""Training on images, step by step, with the loss shown. The runs of several exercises share this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from learn_torch.errors import DataError
from learn_torch.language import _
from learn_torch.runs.context import RunContext
from learn_torch.runs.drawing.lettering import either
from learn_torch.runs.drawing.loss_curve import loss_curve, write_csv
from learn_torch.runs.images.sets import Part
from learn_torch.runs.quick_network import BATCH_SIZE
from learn_torch.runs.training.batches import read_into_memory

if TYPE_CHECKING:
    from pathlib import Path

STEPS = 300
USES = frozenset({"device", "data", "seed", "out", "batch_size", "lr"})
"""The USES of a run that calls `train`."""
MOST_PICTURES = 10_000
"""At most this many images are read. With more, the steps would see each of them twice at most."""
STRETCH = 20
"""The first and the last loss are averaged over this many steps: the loss of a single batch says little."""


def read_pictures(context: RunContext) -> tuple[torch.Tensor, torch.Tensor]:
    """The run's images, 32×32, in memory.

    Images that cannot be read are named in warnings and left out. If there are more than `MOST_PICTURES`, that many are
    drawn with the run's seed.

    Returns:
        float32 `(n, 3, 32, 32)` in 0..1 and int64 `(n,)`, both on the CPU.

    Raises:
        DataError: fewer than two classes are left.
    """
    pictures = context.data
    if len(pictures) > MOST_PICTURES:
        order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(context.seed))
        pictures = Part(pictures, sorted(order[:MOST_PICTURES].tolist()))
        context.say(_("reading {n:,} of them").format(n=MOST_PICTURES))
    read = read_into_memory(pictures, 0, context.warn, context.progress)
    found = sorted(set(read.targets.tolist()))
    if len(found) < 2:
        raise DataError(
            _("training needs images of at least two classes, but found: {names}").format(
                names=", ".join(context.data.classes[target] for target in found) or _("none")
            )
        )
    return read[list(range(len(read)))]


def train(
    context: RunContext,
    images: torch.Tensor,
    targets: torch.Tensor,
    step: Callable[[torch.Tensor, torch.Tensor], float],
    steps: int = STEPS,
) -> list[float]:
    """Take `steps` steps on batches drawn from the images, show the loss, and write its curve.

    Args:
        context: the run's context. Its seed decides the batches, the user's options their size.
        images: `(n, 3, H, W)`.
        targets: int64 `(n,)`, on the same device.
        step: takes one step on one batch and returns its loss.
        steps: the number of steps.

    Returns:
        The loss of each step.
    """
    chance = torch.Generator().manual_seed(context.seed)
    size = context.asked.batch_size or BATCH_SIZE
    losses = []
    with context.progress(_("training"), steps) as shown:
        for _step in range(steps):
            batch = torch.randint(len(targets), (size,), generator=chance).to(targets.device)
            losses.append(step(images[batch], targets[batch]))
            shown.done(loss=losses[-1])
    _report(context, losses)
    return losses


def _report(context: RunContext, losses: list[float]) -> None:
    stretch = min(STRETCH, len(losses))
    first, last = sum(losses[:stretch]) / stretch, sum(losses[-stretch:]) / stretch
    context.say(_("loss over the first {n} steps: {loss:.4f}").format(n=stretch, loss=first))
    context.say(_("loss over the last {n} steps:  {loss:.4f}").format(n=stretch, loss=last))
    if not last < first:
        context.warn(_("the loss has not decreased: try another --seed, or look at the images"))

    def draw(path: Path) -> None:
        title = either(_("cross-entropy of each batch"), "cross-entropy of each batch")
        loss_curve(losses, title, stretch).save(path)

    context.write("loss.csv", lambda path: write_csv(losses, path))
    context.write("loss.png", draw)
