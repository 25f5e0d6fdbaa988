"""Random names for a grader's files, folders, classes and labels."""

from __future__ import annotations

import random

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CHINESE = "蚂蚁蜜蜂图片花草山水云木火土日月"


def random_names(rng: random.Random, count: int, suffix: str = "") -> list[str]:
    """Different names, new for every check, so that a submission cannot know what they mean.

    They consist of letters and digits, sometimes with a capital, a space, a dot, a hyphen, an underscore or Chinese
    characters. They differ even where case is ignored, as on some disks.

    Args:
        rng: the random numbers of the check.
        count: how many names.
        suffix: the end of each name, such as `.jpg`.
    """
    found: dict[str, str] = {}
    while len(found) < count:
        name = _a_name(rng)
        found.setdefault(name.casefold(), name + suffix)
    return list(found.values())


def _a_name(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.12:
        return "".join(rng.sample(_CHINESE, rng.randint(2, 3))) + rng.choice(("", f" {rng.randint(1, 99)}"))
    name = _a_word(rng)
    if kind < 0.45:
        name += rng.choice((" ", ".", "-", "_")) + rng.choice((_a_word(rng), str(rng.randint(1, 999))))
    elif kind < 0.65:
        name += str(rng.randint(0, 9999))
    return name.capitalize() if rng.random() < 0.25 else name


def _a_word(rng: random.Random) -> str:
    # Not shorter: Windows forbids files called `con` or `nul`, and a name like `jpg` has a meaning.
    return "".join(rng.choices(_LETTERS, k=rng.randint(5, 8)))
