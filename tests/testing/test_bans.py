"""Libraries that give wrong values: for whoever calls them, in one worker, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import messages, verdicts
from learn_torch.report import Report

Grade = Callable[..., Report]

HEAD = "import pytest\nimport torch\nfrom learn_torch.testing import *\n"

LOSSES = HEAD + (
    "A, B = torch.tensor([1.0, 2.0]), torch.tensor([2.0, 4.0])\n"
    "def test_ordinary(submission):\n    assert_close(submission.answer(A, B), torch.tensor(1.5))\n"
    "def test_spoilt(submission, sandbox):\n"
    "    bans.restart_without(bans.losses, submission, sandbox)\n"
    "    assert_close(submission.answer(A, B), torch.tensor(1.5))\n"
    "def test_next(submission):\n    assert_close(submission.answer(A, B), torch.tensor(1.5))\n"
)


@pytest.mark.parametrize("device", ["cpu", "simulated-cuda"])
@pytest.mark.parametrize(
    "call",
    [
        "functional.l1_loss(a, b)",
        "torch.nn.L1Loss()(a, b)",
        "functional.l1_loss(a.requires_grad_(), b).detach()",
        "torch.ops.aten.l1_loss(a, b)",
        "torch.func.vmap(functional.l1_loss)(a[None], b[None])[0]",
    ],
)
def test_a_loss_is_wrong_in_that_worker_alone(grade: Grade, call: str, device: str) -> None:
    source = f"import torch\nfrom torch.nn import functional\ndef answer(a, b):\n    return {call}\n"
    report = grade(LOSSES, source, device=device)
    assert verdicts(report) == {"ordinary": "passed", "spoilt": "failed", "next": "passed"}, messages(report)


def test_an_inference_mode_changes_nothing(grade: Grade) -> None:
    source = "import torch\n@torch.inference_mode()\ndef answer(a, b):\n    return torch.nn.L1Loss()(a, b).clone()\n"
    assert verdicts(grade(LOSSES, source))["spoilt"] == "failed"


@pytest.mark.parametrize("device", ["cpu", "simulated-cuda"])
@pytest.mark.parametrize(
    "formula",
    [
        "(a - b).abs().mean()",
        "torch.nn.functional.pairwise_distance(a[None], b[None], p=1, eps=0).mean() / 2",
        "torch.dist(a, b, p=1) / 2",
        "torch.linalg.vector_norm(a - b, ord=1) / 2",
        "-torch.log_softmax(torch.zeros(1, 2), 1).gather(1, torch.tensor([[0]])).mean() * 0 + (b - a).mean()",
    ],
)
def test_tensor_operations_are_left_alone(grade: Grade, formula: str, device: str) -> None:
    report = grade(LOSSES, f"import torch\ndef answer(a, b):\n    return {formula}\n", device=device)
    assert set(verdicts(report).values()) == {"passed"}, messages(report)


COMPARES = "import torch\nfrom torch.nn import functional\ndef answer(a, b):\n    return {formula}\n" + (
    "one, other = torch.zeros(3), torch.ones(3)\nassert answer(one, other) == functional.l1_loss(one, other) == 1\n"
)


def test_a_file_that_compares_itself_when_imported_is_judged_like_any_other(grade: Grade) -> None:
    report = grade(LOSSES, COMPARES.format(formula="(a - b).abs().mean()"))
    assert set(verdicts(report).values()) == {"passed"}, messages(report)
    report = grade(LOSSES, COMPARES.format(formula="functional.l1_loss(a, b)"))
    assert verdicts(report) == {"ordinary": "passed", "spoilt": "failed", "next": "passed"}, messages(report)


OPTIMIZERS = HEAD + (
    "def test_it(submission, sandbox):\n"
    "    bans.restart_without(bans.optimizers, submission, sandbox)\n"
    "    assert_close(submission.answer(), torch.zeros(2))\n"
)
MOVE = (
    "import torch\ndef answer():\n"
    "    p = torch.nn.Parameter(torch.ones(2))\n    p.grad = torch.ones(2)\n    {step}\n    return p.detach()\n"
)


@pytest.mark.parametrize(
    "name", ["SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "Rprop", "Adadelta", "NAdam", "Adamax", "ASGD"]
)
def test_no_optimizer_moves_anything(grade: Grade, name: str) -> None:
    step = f"torch.optim.{name}([p], lr=1.0).step()"
    grader = OPTIMIZERS.replace("zeros", "ones")
    imports = '["torch", "torch.optim", "torch._dynamo"]'
    report = grade(grader, MOVE.format(step=step), imports=imports)
    assert verdicts(report) == {"it": "passed"}, messages(report)


@pytest.mark.parametrize("step", ["p.data -= p.grad", "torch._foreach_sub_([p.data], [p.grad])"])
def test_an_update_by_hand_is_left_alone(grade: Grade, step: str) -> None:
    report = grade(OPTIMIZERS, MOVE.format(step=step), imports='["torch", "torch.optim", "torch._dynamo"]')
    assert verdicts(report) == {"it": "passed"}, messages(report)
