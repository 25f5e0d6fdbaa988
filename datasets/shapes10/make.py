"""Draws the data set `shapes10`: small pictures of ten shapes in the batch layout of CIFAR-10, always the same ones.

`python make.py FOLDER` writes `FOLDER/data_batch_1` … `data_batch_5`, `test_batch` and `batches.meta`: 10,000 pictures
for training and 2,000 for testing, 32×32, RGB, in a few seconds and without a network. Place, size, turn, stretch and
colours are drawn by lot, and behind each shape lie a shaded ground, a stray stroke and noise: no pixel by itself says
which shape it is.
"""

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

SIDE = 32
FINER = 3
"""Every pixel is the mean of 3×3 points, so that edges are soft."""
BATCHES = {**{f"data_batch_{n}": 2000 for n in range(1, 6)}, "test_batch": 2000}
SEED = 10
AT_ONCE = 50
"""How many pictures of a class are drawn at a time: few enough for the processor's cache."""


FIFTHS = (
    (0.0, 1.0),
    (0.9510565, 0.3090170),
    (0.5877853, -0.8090170),
    (-0.5877853, -0.8090170),
    (-0.9510565, 0.3090170),
)
"""Cosine and sine of the directions that a star's edges face."""

# --- the shapes: whether the points (u, v) lie inside; a shape reaches about 1 from its middle, v points down ---------


def arrow(u, v):
    """A shaft with a head, pointing right."""
    shaft = (np.abs(v) < 0.22) & (u > -0.95) & (u < 0.2)
    head = (u > 0.0) & (np.abs(v) < 0.72 * (0.95 - u))
    return shaft | head


def circle(u, v):
    """A disc."""
    return u * u + v * v < 0.72


def cross(u, v):
    """Two equal bars."""
    u, v = np.abs(u), np.abs(v)
    return (np.minimum(u, v) < 0.27) & (np.maximum(u, v) < 0.95)


def heart(u, v):
    """The curve (x² + y² - 1)³ = x² y³."""
    u, v = 1.2 * u, 0.15 - 1.2 * v
    bulge = u * u + v * v - 1
    return bulge * bulge * bulge < u * u * v * v * v


def hourglass(u, v):
    """Two triangles, tip to tip."""
    v = np.abs(v)
    return (v < 0.88) & (np.abs(u) < 0.06 + 0.8 * v)


def moon(u, v):
    """A disc without another one."""
    return (u * u + v * v < 0.85) & ((u - 0.42) * (u - 0.42) + v * v > 0.55)


def ring(u, v):
    """A disc with a hole."""
    far = u * u + v * v
    return (far < 0.85) & (far > 0.3)


def square(u, v):
    """Four equal sides."""
    return np.maximum(np.abs(u), np.abs(v)) < 0.74


def star(u, v):
    """Five points: a point of it lies in at least four of the half-planes that its five long edges bound."""
    inside = np.zeros(u.shape, np.int8)
    for cos, sin in FIFTHS:
        inside += (cos * u + sin * v) < 0.36
    return inside >= 4


def triangle(u, v):
    """Three equal sides."""
    return (v < 0.5) & (1.7320508 * np.abs(u) - v < 0.95)


SHAPES = (arrow, circle, cross, heart, hourglass, moon, ring, square, star, triangle)
STEPS = sum(BATCHES.values()) // AT_ONCE
"""How often `make` calls `step`."""


def make(folder: Path, step: Callable[[], None] = lambda: None) -> None:
    """Write the data set into `folder`, which exists and is empty; `step` is called `STEPS` times on the way."""
    for number, (name, count) in enumerate(BATCHES.items()):
        # RandomState, since NumPy promises that its numbers stay the same from version to version.
        chance = np.random.RandomState(SEED + number)
        rows, labels = [], []
        for label, shape in enumerate(SHAPES):
            for _few in range(count // len(SHAPES) // AT_ONCE):
                rows.append(draw(shape, AT_ONCE, chance))
                labels += [label] * AT_ONCE
                step()
        order = chance.permutation(count)
        batch = {
            "batch_label": name,
            "labels": [labels[place] for place in order],
            "data": np.concatenate(rows)[order],
            "filenames": [f"{SHAPES[labels[place]].__name__}_{place:04}.png" for place in order],
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=4))
    meta = {
        "label_names": [shape.__name__ for shape in SHAPES],
        "num_cases_per_batch": max(BATCHES.values()),
        "num_vis": 3 * SIDE * SIDE,
    }
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=4))


def draw(shape, count: int, chance: np.random.RandomState) -> np.ndarray:
    """`count` pictures of one shape: uint8 (count, 3072), red, green and blue one after the other."""
    shape_colour, ground_colour = colours(count, chance)
    ground = shaded(ground_colour, count, chance)  # (count, 3, 32, 32)
    ground = over(ground, strokes(count, chance), stray_colour(ground_colour, chance))
    picture = over(ground, covered(shape, count, chance), shape_colour)
    picture += chance.standard_normal(picture.shape) * uniform(chance, 3, 10, (count, 1, 1, 1))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8).reshape(count, -1)


def uniform(chance: np.random.RandomState, low: float, high: float, shape) -> np.ndarray:
    """Numbers from `low` to `high`."""
    return low + (high - low) * chance.random_sample(shape)


def points() -> tuple[np.ndarray, np.ndarray]:
    """x and y of every point of a picture, in pixels from its middle: each (96, 96)."""
    line = (np.arange(SIDE * FINER) + 0.5) / FINER - SIDE / 2
    return np.meshgrid(line, line)


def pixels(inside: np.ndarray) -> np.ndarray:
    """The share of each pixel that is covered: bool (count, 96, 96) to (count, 1, 32, 32)."""
    parts = inside.reshape(len(inside), SIDE, FINER, SIDE, FINER)
    return parts.mean(axis=(2, 4))[:, None]


def covered(shape, count: int, chance: np.random.RandomState) -> np.ndarray:
    """How much of each pixel the shape covers."""
    each = (count, 1, 1)
    x, y = points()
    x = x - uniform(chance, -4, 4, each)
    y = y - uniform(chance, -4, 4, each)
    angle = uniform(chance, 0, 2 * np.pi, each)
    cos, sin = np.cos(angle), np.sin(angle)
    reach = uniform(chance, 8.5, 12, each)
    stretch = uniform(chance, 0.85, 1.15, each)
    return pixels(shape((cos * x + sin * y) / (reach * stretch), (cos * y - sin * x) / (reach / stretch)))


def strokes(count: int, chance: np.random.RandomState) -> np.ndarray:
    """How much of each pixel a thin straight stroke covers, one in every picture."""
    each = (count, 1, 1)
    x, y = points()
    angle = uniform(chance, 0, np.pi, each)
    cos, sin = np.cos(angle), np.sin(angle)
    across = cos * x + sin * y - uniform(chance, -14, 14, each)
    along = cos * y - sin * x - uniform(chance, -12, 12, each)
    return pixels(
        (np.abs(across) < uniform(chance, 0.5, 1.3, each)) & (np.abs(along) < uniform(chance, 3, 12, each))
    )


def colours(count: int, chance: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Colours of shape and ground that can be told apart: each (count, 3, 1, 1)."""
    shape, ground = uniform(chance, 0, 255, (2, count, 3))
    while True:
        alike = np.abs(shape - ground).sum(axis=1) < 190
        if not alike.any():
            return shape[:, :, None, None], ground[:, :, None, None]
        shape[alike], ground[alike] = uniform(chance, 0, 255, (2, int(alike.sum()), 3))


def stray_colour(ground: np.ndarray, chance: np.random.RandomState) -> np.ndarray:
    """A colour not too far from the ground's."""
    return np.clip(ground + uniform(chance, -110, 110, ground.shape), 0, 255)


def shaded(colour: np.ndarray, count: int, chance: np.random.RandomState) -> np.ndarray:
    """A ground that grows lighter to one side."""
    line = np.linspace(-1, 1, SIDE)
    slope_x, slope_y = uniform(chance, -35, 35, (2, count, 1, 1, 1))
    return colour + slope_x * line + slope_y * line[:, None]


def over(ground: np.ndarray, share: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The ground, covered with a colour where `share` says so."""
    return ground + share * (colour - ground)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python make.py FOLDER")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    make(Path(sys.argv[1]))
