"""What there is to run, and how it is shared out."""

from __future__ import annotations

from learn_torch.authoring.disguise import swaps
from learn_torch.authoring.plan import DEVICES, RECOGNITION, Plan, Seeds, shard
from learn_torch.course import Catalogue


def plans(catalogue: Catalogue, *, mutants: bool = False) -> list[Plan]:
    return [Plan.of(exercise, mutants=mutants) for exercise in catalogue]


def test_a_mistake_costs_a_run_for_each_seed_and_two_where_its_traces_are_made(catalogue: Catalogue) -> None:
    (plan, *_more) = plans(catalogue)
    assert plan.exercise.manifest.device == "cpu"
    mistakes = plan.solutions.mistakes
    first = [mistake for mistake in mistakes if mistake.way == 1]
    assert len(first) < len(mistakes)
    assert plan.runs(Seeds(mistakes=7)) - plan.runs(Seeds(mistakes=3)) == len(first) * 4
    assert plan.runs(Seeds(everything=True)) - plan.runs(Seeds()) == len(first)
    everything_else = (
        len(DEVICES)
        + 6
        + 3 * len(plan.solutions.alternatives)
        + len(plan.solutions.right)
        + RECOGNITION
        + len(plan.spoilt)
        + 1
        + len(swaps(plan.solutions.reference.read_text("utf-8")))
    )
    assert plan.runs(Seeds(anew=True)) == everything_else + len(first) + 2 * len(mistakes)
    stale = [mistake for mistake in mistakes if plan.stored(mistake) is None]
    assert plan.runs(Seeds()) == everything_else + len(first) + 2 * len(stale)


def test_the_same_seeds_for_everything(catalogue: Catalogue) -> None:
    (plan, *_more) = plans(catalogue)
    right = len(plan.solutions.right)
    first = [mistake for mistake in plan.solutions.mistakes if mistake.way == 1]
    more = plan.runs(Seeds.all(20)) - plan.runs(Seeds.all(19))
    assert more == right * len(DEVICES) + len(first)


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
