"""What there is to run, and how it is shared out."""

from __future__ import annotations

from learn_torch.authoring.plan import DEVICES, RECOGNITION, Plan, Seeds, shard
from learn_torch.course import Catalogue


def plans(catalogue: Catalogue, *, mutants: bool = False) -> list[Plan]:
    return [Plan.of(exercise, mutants=mutants) for exercise in catalogue]


def test_a_mistake_costs_a_run_for_each_seed_and_one_for_its_diagnosis(catalogue: Catalogue) -> None:
    (plan, *_more) = plans(catalogue)
    assert plan.exercise.manifest.device == "cpu"
    mistakes = len(plan.solutions.mistakes)
    more = plan.runs(Seeds(mistakes=7)) - plan.runs(Seeds(mistakes=3))
    assert more == mistakes * 4
    elsewhere = plan.runs(Seeds(everything=True)) - plan.runs(Seeds())
    assert elsewhere == mistakes
    everything_else = (
        len(DEVICES)
        + 6
        + 3 * len(plan.solutions.alternatives)
        + len(plan.solutions.right)
        + RECOGNITION
        + len(plan.spoilt)
    )
    assert plan.runs(Seeds()) == everything_else + mistakes * 3


def test_the_same_seeds_for_everything(catalogue: Catalogue) -> None:
    (plan, *_more) = plans(catalogue)
    right, mistakes = len(plan.solutions.right), len(plan.solutions.mistakes)
    more = plan.runs(Seeds.all(20)) - plan.runs(Seeds.all(19))
    assert more == right * len(DEVICES) + mistakes


def test_a_card_is_one_device_more(catalogue: Catalogue) -> None:
    (plan, *_more) = plans(catalogue)
    assert plan.runs(Seeds(), card=True) - plan.runs(Seeds()) == len(plan.solutions.right)


def test_every_exercise_is_in_one_shard(catalogue: Catalogue) -> None:
    all_of_them: list[Plan | None] = [*plans(catalogue), None]
    for of in (1, 2, 4, 20):
        shards = [shard(all_of_them, Seeds(), which, of) for which in range(1, of + 1)]
        assert sorted(number for one in shards for number in one) == list(range(len(all_of_them)))
        assert shards == [shard(all_of_them, Seeds(), which, of) for which in range(1, of + 1)]


def test_shards_have_about_the_same_to_do(catalogue: Catalogue) -> None:
    all_of_them = plans(catalogue)
    loads = [
        sum(all_of_them[number].runs(Seeds()) for number in shard(all_of_them, Seeds(), which, 3))
        for which in (1, 2, 3)
    ]
    assert max(loads) - min(loads) <= max(plan.runs(Seeds()) for plan in all_of_them)
