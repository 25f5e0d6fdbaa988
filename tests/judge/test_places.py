"""Temporary folders have readable names in messages, and their contents are shown where a call is about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from learn_torch.judge.places import Places


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of given files, as a grader makes one."""
    folder = tmp_path / "given" / "tmpab_12"
    for label, names in {
        "ants": ["b.PNG", "a b.jpg"],
        "bees": [f"{n}.jpg" for n in range(20)],
        "none": [],
    }.items():
        (folder / label).mkdir(parents=True)
        for name in names:
            (folder / label / name).touch()
    (folder / "ants" / "more.jpg").mkdir()
    (folder / "one.pth").touch()
    return folder


@pytest.fixture
def places(tmp_path: Path, root: Path) -> Places:
    return Places([str(tmp_path / "given")], str(tmp_path / "scratch"))


def test_paths_are_named_as_they_were_given(places: Places, root: Path, tmp_path: Path) -> None:
    assert places.named(f"f('{root}', 'ants')") == "f('/data', 'ants')"
    assert places.named(f"f('{root}/ants')") == "f('/data/ants')"
    assert places.named("f(Path('../given/tmpab_12/ants'))") == "f(Path('../data/ants'))"
    assert places.named(f"No such file: '{tmp_path}/scratch/x'") == "No such file: '/work/x'"
    assert places.named("f('/elsewhere/given/tmpab_12')") == "f('/elsewhere/given/tmpab_12')"


def test_a_path_that_was_cut_off_leaves_nothing_behind(places: Places, root: Path) -> None:
    assert places.named(f"['a', '{str(root)[:20]}…") == "['a', '…"
    assert places.named(f"{str(root)[:20]}… and {str(root)[:30]}…") == "… and …"
    assert places.named("a long text…") == "a long text…"
    assert places.named("…" * 100_000) == "…" * 100_000


def test_the_folder_that_a_call_names_is_listed(places: Places, root: Path) -> None:
    assert places.contents(f"f('{root}', 'ants')") == ["/data/ants: 'a b.jpg', 'b.PNG', 'more.jpg/'"]
    assert places.contents(f"f('{root}/ants')") == ["/data/ants: 'a b.jpg', 'b.PNG', 'more.jpg/'"]
    assert places.contents("f('../given/tmpab_12', Path('none'))") == ["/data/none: (empty)"]
    (line,) = places.contents(f"f('{root}', 'bees')[3]")
    assert line.startswith("/data/bees: '0.jpg', '1.jpg', '10.jpg'")
    assert line.endswith("… (20 in all)")
    assert places.contents(f"f('{root}', 'wasps')") == ["/data: 'ants/', 'bees/', 'none/', 'one.pth'"]


def test_nothing_is_listed_for_a_file_or_without_a_given_folder(places: Places, root: Path) -> None:
    assert places.contents(f"load('{root}/one.pth', model)") == []
    assert places.contents("f(3)") == []
    assert places.contents("f('/elsewhere/given/tmpnothing')") == []
    assert Places([], "").contents("f(3)") == []
