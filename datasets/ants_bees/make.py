"""Draws the small data set `ants_bees`: ants and bees as simple pictures, the same ones at every run.

`python make.py FOLDER` writes `FOLDER/train/{ants,bees}` and `FOLDER/test/{ants,bees}`, 110 pictures, in about two
seconds and without a network. Like folders of real photographs they differ in size, file format and colour mode, and a
few files lie among them that are no pictures. `make_few` draws the six that come with a workspace.
"""

import math
import random
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

COUNTS = {"train": 40, "test": 15}
STEPS = 2 * sum(COUNTS.values())
"""How often `make` calls `step`."""
SEED = 20
Colour = tuple[int, ...]
Point = tuple[float, float]
FINER = 2
"""Everything is drawn this many times larger and scaled down: Pillow draws hard edges."""


def make(folder: Path, step: Callable[[], None] = lambda: None) -> None:
    """Write the data set into `folder`, which exists and is empty; `step` is called `STEPS` times on the way."""
    for half, count in COUNTS.items():
        for label, insect in (("ants", ant), ("bees", bee)):
            # A generator for each class: another picture more in one of them leaves the others as they are.
            chance = random.Random(f"{SEED} {half} {label}")
            target = folder / half / label
            target.mkdir(parents=True)
            for number in range(count):
                save(picture(insect, chance), target, number, label, chance)
                step()
            strays(target)


def make_few(folder: Path) -> None:
    """Write `folder/{ants,bees}` with six pictures, as the statements of the first exercises describe them."""
    ants, bees = folder / "ants", folder / "bees"
    for label in (ants, bees):
        label.mkdir(parents=True)
    chance = random.Random(f"{SEED} few")
    few_ants, few_bees = (
        [few_picture(one, chance) for _ in range(count)] for one, count in ((ant, 4), (bee, 2))
    )
    few_ants[0].save(ants / "9.jpg", quality=88)
    few_ants[1].convert("L").save(ants / "10.jpg", quality=88)
    few_ants[2].save(ants / "formica.jpeg", quality=88)
    few_ants[3].putalpha(vignette(few_ants[3].size))
    few_ants[3].save(ants / "Queen.PNG")
    few_bees[0].save(bees / "apis.jpg", quality=88)
    few_bees[1].quantize(64).save(bees / "drone.png")  # a palette
    (ants / "notes.txt").write_text("Drawn, not photographed.\n", encoding="utf-8")
    (ants / "Thumbs.db").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(24))
    (ants / "more.jpg").mkdir()


def few_picture(insect, chance: random.Random) -> Image.Image:
    """A small picture of one insect or two: RGB, 96 pixels wide and 72 high."""
    return picture(insect, chance).resize((96, 72), Image.Resampling.LANCZOS)


def picture(insect, chance: random.Random) -> Image.Image:
    """One insect, at times two, somewhere on a ground: RGB, 120 to 300 pixels wide."""
    width = chance.randint(120, 300)
    height = int(width * chance.choice((0.66, 0.75, 0.75, 1.0, 1.25)))
    image = ground(width * FINER, height * FINER, insect, chance)
    many = chance.choice((1, 1, 1, 2))
    for number in range(many):
        length = int(min(image.size) * chance.uniform(0.6, 0.9) * (1.0, 0.6)[many - 1])
        drawn = insect(length, chance).rotate(chance.uniform(0, 360), Image.Resampling.BILINEAR, expand=True)
        # Two stand in a half each: side by side, or one above the other.
        half = (number + 0.5) / many + chance.uniform(-0.06, 0.06)
        aside = chance.uniform(0.4, 0.6)
        middle = (half, aside) if image.width >= image.height else (aside, half)
        place = tuple(
            int(max(0, min(side * part - inner / 2, side - inner)))
            for side, part, inner in zip(image.size, middle, drawn.size, strict=True)
        )
        shadow = Image.new("RGBA", drawn.size, (20, 15, 10, 0))
        shadow.putalpha(drawn.getchannel("A").point(lambda value: value // 3))
        shift = max(2, length // 40)
        image.paste(shadow, (place[0] + shift, place[1] + shift), shadow)
        image.paste(drawn, place, drawn)
    return image.resize((width, height), Image.Resampling.BOX)


def ground(width: int, height: int, insect, chance: random.Random) -> Image.Image:
    """What the insect sits on. Both kinds are found everywhere, so that the ground alone does not tell them apart."""
    usual = (soil, stone, leaf) if insect is ant else (flower, leaf, flower)
    return chance.choice((*usual, soil, leaf, flower))(width, height, chance)


def soil(width: int, height: int, chance: random.Random) -> Image.Image:
    """Earth or sand with grains."""
    earth = chance.choice(((150, 115, 80), (190, 160, 115), (120, 90, 65)))
    colour = shade(earth, chance.uniform(0.85, 1.15))
    image = mottled(width, height, colour, 26, chance)
    draw = ImageDraw.Draw(image)
    for _grain in range(60):
        x, y, r = chance.randrange(width), chance.randrange(height), chance.uniform(0.004, 0.018) * width
        draw.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), shade(colour, chance.uniform(0.7, 1.3)))
    return image.filter(ImageFilter.GaussianBlur(FINER))


def stone(width: int, height: int, chance: random.Random) -> Image.Image:
    """A paving stone with a joint."""
    colour = shade((165, 165, 160), chance.uniform(0.75, 1.15))
    image = mottled(width, height, colour, 18, chance)
    x = chance.randrange(width)
    lean = chance.randint(-width // 5, width // 5)
    ImageDraw.Draw(image).line((x, 0, x + lean, height), shade(colour, 0.6), max(3, width // 45))
    return image.filter(ImageFilter.GaussianBlur(FINER))


def leaf(width: int, height: int, chance: random.Random) -> Image.Image:
    """A green leaf with veins."""
    colour = shade(chance.choice(((95, 150, 60), (120, 165, 85), (70, 125, 65))), chance.uniform(0.85, 1.15))
    image = mottled(width, height, colour, 12, chance)
    draw = ImageDraw.Draw(image)
    lighter, thick = shade(colour, 1.25), max(2, width // 70)
    middle = chance.uniform(0.3, 0.7) * height
    draw.line((0, middle, width, middle), lighter, thick * 2)
    for x in range(-height, width, max(20, width // 7)):
        draw.line((x, middle, x + height * 0.5, 0), lighter, thick)
        draw.line((x, middle, x + height * 0.5, height), lighter, thick)
    return image.filter(ImageFilter.GaussianBlur(FINER))


def flower(width: int, height: int, chance: random.Random) -> Image.Image:
    """A blossom in front of a blurred meadow."""
    image = mottled(width, height, shade((95, 140, 75), chance.uniform(0.8, 1.2)), 30, chance)
    image = image.filter(ImageFilter.GaussianBlur(width // 40))
    draw = ImageDraw.Draw(image)
    petal = chance.choice(((245, 240, 235), (235, 150, 185), (175, 130, 215), (250, 205, 70), (235, 110, 90)))
    x, y = width * chance.uniform(0.35, 0.65), height * chance.uniform(0.35, 0.65)
    reach, petals = min(width, height) * chance.uniform(0.4, 0.6), chance.randint(7, 12)
    turn = chance.uniform(0, math.tau)
    for number in range(petals):
        angle = turn + math.tau * number / petals
        middle = x + reach * 0.6 * math.cos(angle), y + reach * 0.6 * math.sin(angle)
        draw.polygon(oval(middle, reach * 0.5, reach * 0.2, angle), shade(petal, chance.uniform(0.88, 1.06)))
    draw.polygon(oval((x, y), reach * 0.3, reach * 0.3, 0), (215, 165, 50))
    return image.filter(ImageFilter.GaussianBlur(FINER))


def ant(length: int, chance: random.Random) -> Image.Image:
    """An ant seen from above, head up: RGBA, `length` high. Three dark parts, six jointed legs, bent feelers."""
    side = length
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    kind = chance.choice(((45, 32, 28), (30, 28, 30), (120, 50, 30), (85, 45, 28)))
    colour = shade(kind, chance.uniform(0.85, 1.2))
    thin = max(2, side // 55)

    def at(x: float, y: float) -> Point:
        return side * (0.5 + x), side * y

    for mirror in (-1, 1):
        for hip, knee, foot in ((0.36, 0.30, 0.14), (0.41, 0.42, 0.48), (0.46, 0.56, 0.80)):
            wobble = chance.uniform(-0.03, 0.03)
            leg = at(mirror * 0.04, hip), at(mirror * 0.22, knee + wobble), at(mirror * 0.36, foot + wobble)
            draw.line(leg, shade(colour, 0.8), thin, joint="curve")
        bend = chance.uniform(-0.02, 0.02)
        feeler = at(mirror * 0.04, 0.20), at(mirror * 0.13, 0.12 + bend), at(mirror * 0.10, 0.02 + bend)
        draw.line(feeler, shade(colour, 0.8), thin, joint="curve")
        draw.line((at(mirror * 0.03, 0.17), at(mirror * 0.01, 0.12)), colour, thin)  # jaws
    thickness = chance.uniform(0.9, 1.1)
    parts = ((0.23, 0.085, 0.08), (0.40, 0.060, 0.115), (0.54, 0.025, 0.03), (0.72, 0.120 * thickness, 0.175))
    for y, half_width, half_height in parts:
        blob(draw, at(0, y), side * half_width, side * half_height, colour)
    return image


def bee(length: int, chance: random.Random) -> Image.Image:
    """A bee seen from above, head up: RGBA, `length` high. Furry thorax, striped abdomen, clear wings."""
    side = length
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    dark = shade((50, 35, 25), chance.uniform(0.7, 1.2))
    yellow = shade(chance.choice(((240, 180, 40), (225, 150, 40), (250, 200, 75))), chance.uniform(0.9, 1.05))
    thin = max(2, side // 60)

    def at(x: float, y: float) -> Point:
        return side * (0.5 + x), side * y

    for mirror in (-1, 1):
        for hip, knee, foot in ((0.36, 0.28, 0.22), (0.42, 0.44, 0.50), (0.48, 0.62, 0.72)):
            leg = at(mirror * 0.05, hip), at(mirror * 0.17, knee), at(mirror * 0.21, foot)
            draw.line(leg, dark, thin, joint="curve")
        feeler = at(mirror * 0.03, 0.18), at(mirror * 0.09, 0.10), at(mirror * 0.12, 0.05)
        draw.line(feeler, dark, thin, joint="curve")
    striped(draw, at(0, 0.67), side * 0.125, side * 0.215, yellow, dark)
    fur(draw, at(0, 0.39), side * 0.115, shade(yellow, 0.85), chance)
    blob(draw, at(0, 0.22), side * 0.085, side * 0.065, dark)
    for mirror in (-1, 1):
        draw.ellipse((*at(mirror * 0.07 - 0.025, 0.18), *at(mirror * 0.07 + 0.025, 0.25)), shade(dark, 0.6))
    wings = Image.new("RGBA", image.size, (225, 235, 245, 0))
    over = ImageDraw.Draw(wings)
    spread = chance.uniform(0.35, 0.75)
    for mirror in (-1, 1):
        for angle, reach, breadth in ((spread, 0.23, 0.075), (spread + 0.5, 0.16, 0.055)):
            angle = math.pi / 2 - mirror * angle
            x, y = at(mirror * 0.07, 0.38)
            run, rise = side * reach * math.cos(angle), side * reach * math.sin(angle)
            wing = oval((x + run, y + rise), side * reach, side * breadth, angle)
            over.polygon(wing, (225, 235, 245, 150), (120, 115, 110, 220))
            over.line(
                (x, y, x + run * 1.7, y + rise * 1.7), (120, 115, 110, 160), max(1, thin // 2)
            )  # a vein
    return Image.alpha_composite(image, wings)


def blob(draw, centre: Point, rx: float, ry: float, colour: Colour) -> None:
    """A glossy oval: lighter towards the upper left."""
    x, y = centre
    for step in range(6):
        shrink, lift = 1 - step * 0.15, step * 0.05
        lighter = shade(colour, 1 + step * 0.16)
        left, top = x - rx * lift, y - ry * lift
        draw.ellipse((left - rx * shrink, top - ry * shrink, left + rx * shrink, top + ry * shrink), lighter)


def striped(draw, centre: Point, rx: float, ry: float, light: Colour, dark: Colour) -> None:
    """An oval in bands across, pointed at its lower end."""
    x, y = centre
    rows = max(2, int(ry * 2))
    for row in range(rows):
        along = row / rows
        half = rx * math.sqrt(max(0.0, 1 - (2 * along - 1) ** 2)) * (1.12 - 0.3 * along)
        band = dark if along * 5.5 % 1 > 0.55 or along > 0.93 else light
        # Darker at both sides, so that it looks round.
        draw.line((x - half, y - ry + row, x + half, y - ry + row), shade(band, 0.8))
        draw.line((x - half * 0.7, y - ry + row, x + half * 0.55, y - ry + row), band)


def fur(draw, centre: Point, radius: float, colour: Colour, chance: random.Random) -> None:
    """A ball of short hairs."""
    x, y = centre
    length = radius * 0.22
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), shade(colour, 0.8))
    for _hair in range(220):
        angle, far = chance.uniform(0, math.tau), radius * math.sqrt(chance.random())
        across, down = math.cos(angle), math.sin(angle)
        hair = (x + far * across, y + far * down, x + (far + length) * across, y + (far + length) * down)
        draw.line(hair, shade(colour, chance.uniform(0.65, 1.3)), FINER)


def oval(centre: Point, along: float, across: float, angle: float) -> list[Point]:
    """The outline of an ellipse around `centre`, turned by `angle` in radians."""
    (x, y), cos, sin = centre, math.cos(angle), math.sin(angle)
    outline = []
    for number in range(28):
        turn = math.tau * number / 28
        u, v = along * math.cos(turn), across * math.sin(turn)
        outline.append((x + u * cos - v * sin, y + u * sin + v * cos))
    return outline


def mottled(width: int, height: int, colour: Colour, strength: int, chance: random.Random) -> Image.Image:
    """A plane of uneven colour: RGB, coarse patches with finer ones in them."""
    image = Image.new("RGB", (width, height), colour)
    for cells in (6, 40):
        patches = bytes(chance.randrange(256) for _cell in range(cells * cells))
        mask = Image.frombytes("L", (cells, cells), patches).resize(image.size, Image.Resampling.BICUBIC)
        mask = mask.point(lambda value: value * strength // 100)
        image.paste(shade(colour, 0.4), (0, 0), mask)
    return image


def shade(colour: Colour, by: float) -> Colour:
    """The colour, darker below 1 and lighter above."""
    return tuple(min(255, int(part * by)) for part in colour)


def save(image: Image.Image, folder: Path, number: int, label: str, chance: random.Random) -> None:
    """Write one picture, in the formats and modes that real folders mix."""
    name = f"{chance.randrange(10**8, 10**10)}_{chance.getrandbits(40):010x}"
    kind = number % 10
    if kind == 3:
        image.save(folder / f"{name}.png")
    elif kind == 5:
        image.quantize(64).save(folder / f"{name}.png")  # a palette
    elif kind == 6:
        image.convert("L").save(folder / f"{name}.jpg", quality=88)
    elif kind == 8:
        cut_out = image.copy()
        cut_out.putalpha(vignette(image.size))
        cut_out.save(folder / f"{name}.PNG")
    elif kind == 9:
        image.save(folder / f"{label} {number}.jpeg", quality=88)
    else:
        image.save(folder / f"{name}.jpg", quality=88)


def vignette(size: tuple[int, int]) -> Image.Image:
    """An alpha channel that fades out towards the corners."""
    small = Image.new("L", (64, 64), 0)
    ImageDraw.Draw(small).ellipse((-4, -4, 68, 68), 255)
    return small.filter(ImageFilter.GaussianBlur(4)).resize(size, Image.Resampling.BILINEAR)


def strays(folder: Path) -> None:
    """What lies around in folders of pictures and is none."""
    (folder / "notes.txt").write_text("Drawn, not photographed.\n", encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1" + bytes(24))  # what Finder and Explorer leave behind
    (folder / "Thumbs.db").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(24))
    Image.new("P", (64, 48), 7).save(folder / "imageNotFound.gif")
    (folder / "more.jpg").mkdir()  # a folder, whatever its name says


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python make.py FOLDER")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    make(Path(sys.argv[1]))
