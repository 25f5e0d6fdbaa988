"""`learn verify --show` prints the whole source of a mistake that is written as edits."""

from __future__ import annotations

from collections.abc import Callable

from command_line import Ran
from learn_torch.course import course_root

Learn = Callable[..., Ran]
REFERENCE = course_root() / "solutions" / "core" / "08_training" / "solution.py"


def test_the_source_is_printed_and_nothing_else(learn: Learn) -> None:
    done = learn("verify", "core/08", "--show", "eval_forgotten")
    assert (done.code, done.err) == (0, "")
    assert done.out == REFERENCE.read_text("utf-8").replace("    model.eval()\n", "")


def test_an_unknown_name_lists_those_that_there_are(learn: Learn) -> None:
    done = learn("verify", "core/03", "--show", "eval_forgotten")
    assert (done.code, done.out) == (2, "")
    assert "core/03 has no mistake 'eval_forgotten'" in done.err
    assert "dilation_ignored, dilation_times_kernel, even_kernel_accepted" in done.err


def test_it_is_for_one_exercise(learn: Learn) -> None:
    for names in ([], ["core/03", "core/08"]):
        done = learn("verify", *names, "--show", "eval_forgotten")
        assert (done.code, done.out) == (2, "")
        assert "--show takes one exercise" in done.err
