"""Names that say nothing."""

from __future__ import annotations

import random

from learn_torch.testing import random_names


def test_names_differ_also_on_a_disk_that_ignores_case() -> None:
    names = random_names(random.Random(1), 300, ".jpg")
    assert len({name.casefold() for name in names}) == 300
    assert all(name.endswith(".jpg") for name in names)


def test_names_are_those_of_the_seed() -> None:
    assert random_names(random.Random(5), 9) == random_names(random.Random(5), 9)
    assert not set(random_names(random.Random(5), 9)) & set(random_names(random.Random(6), 9))


def test_names_are_fit_for_files() -> None:
    for name in random_names(random.Random(2), 500):
        assert name.strip(" .") == name
        assert not set(name) & set('/\\:*?"<>|\0')
        assert name[0] not in "-_"
