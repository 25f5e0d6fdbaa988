"""The results of a real card. Simulated CUDA must give the same results; a real card can be tested, too.

A row's code runs with the names of :func:`names`; the value of its last expression is the result. An expected
``"cuda:0"`` or ``"cpu"`` is compared with the device of a tensor, a dtype with its dtype.
"""

from __future__ import annotations

import ast
import copy
import io
import pickle
import threading
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Row:
    """One row: a name, code, and either the result or the error."""

    name: str
    code: str
    gives: Any = None
    raises: type[BaseException] | None = None
    text: str = ""


def names() -> dict[str, Any]:
    """Make the tensors and modules that rows use."""
    torch.manual_seed(0)
    return {
        "torch": torch,
        "nn": nn,
        "F": F,
        "np": np,
        "copy": copy,
        "io": io,
        "pickle": pickle,
        "threading": threading,
        "x_cpu": torch.ones(2, 3),
        "x_cuda": torch.ones(2, 3).to("cuda"),
        "ids_cpu": torch.tensor([0, 1]),
        "ids_cuda": torch.tensor([0, 1]).to("cuda"),
        "scalar_cpu": torch.tensor(2.0),
        "scalar_cuda": torch.tensor(2.0).to("cuda"),
        "image_cpu": torch.ones(2, 3, 8, 8),
        "image_cuda": torch.ones(2, 3, 8, 8).to("cuda"),
        "model": nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)),
    }


def run(code: str) -> Any:
    """Run a row's code and return the value of its last expression."""
    tree = ast.parse(dedent(code))
    last = tree.body.pop()
    space = names()
    exec(compile(tree, "<row>", "exec"), space)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<row>", "eval"), space)
    exec(compile(ast.Module([last], []), "<row>", "exec"), space)
    return None


def outcome(row: Row, result: Any) -> Any:
    """Return the part of a row's result that is compared."""
    if isinstance(result, torch.Tensor) and isinstance(row.gives, torch.dtype):
        return result.dtype
    if isinstance(result, torch.Tensor) and isinstance(row.gives, str):
        return str(result.device)
    return result


TWO = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
SAME = "Expected all tensors to be on the same device, but got "
NUMPY = (
    "can't convert cuda:0 device type tensor to numpy. "
    "Use Tensor.cpu() to copy the tensor to host memory first."
)


def gives(name: str, code: str, value: Any) -> Row:
    """A row that returns."""
    return Row(name, code, gives=value)


def fails(name: str, code: str, text: str, kind: type[BaseException] = RuntimeError) -> Row:
    """A row that raises."""
    return Row(name, code, raises=kind, text=text)


def other(argument: str, device: str, method: str) -> str:
    """The text of CUDA's common device check."""
    common = "cpu" if device == "cuda:0" else "cuda:0"
    return (
        f"{SAME}{argument} is on {device}, different from other tensors on {common} "
        f"(when checking argument in method {method})"
    )


MOVING = [
    gives("to string", "x_cpu.to('cuda')", "cuda:0"),
    gives("to indexed string", "x_cpu.to('cuda:0')", "cuda:0"),
    gives("to keyword", "x_cpu.to(device='cuda')", "cuda:0"),
    gives("to device", "x_cpu.to(torch.device('cuda'))", "cuda:0"),
    gives("to index", "x_cpu.to(0)", "cuda:0"),
    gives("to other", "x_cpu.to(x_cuda)", "cuda:0"),
    gives("to other keyword", "x_cpu.to(other=x_cuda)", "cuda:0"),
    gives(
        "to device and dtype",
        "y = x_cpu.to('cuda', torch.float64); (str(y.device), y.dtype)",
        ("cuda:0", torch.float64),
    ),
    gives("to dtype keeps device", "x_cuda.to(torch.float64)", "cuda:0"),
    gives("to non_blocking", "x_cpu.pin_memory().to('cuda', non_blocking=True)", "cuda:0"),
    gives("to positional non_blocking and copy", "x_cpu.to('cuda', torch.float32, True, True)", "cuda:0"),
    gives("to cpu", "x_cuda.to('cpu')", "cpu"),
    gives("to none", "x_cuda.to(device=None)", "cuda:0"),
    gives("to cpu of cpu is itself", "x_cpu.to('cpu') is x_cpu", True),
    gives("to cuda of cuda is itself", "x_cuda.to('cuda') is x_cuda", True),
    gives("to cuda:0 of cuda is itself", "x_cuda.to('cuda:0') is x_cuda", True),
    gives("cuda of cuda is itself", "x_cuda.cuda() is x_cuda", True),
    gives("to with copy is not itself", "x_cuda.to('cuda', copy=True) is x_cuda", False),
    gives("to does not change its source", "x_cpu.to('cuda'); x_cpu", "cpu"),
    gives("to shares no memory", "y = x_cpu.to('cuda'); y.zero_(); x_cpu.sum().item()", 6.0),
    gives("cuda", "x_cpu.cuda()", "cuda:0"),
    gives("cuda with index", "x_cpu.cuda(0)", "cuda:0"),
    gives("cuda with keyword", "x_cpu.cuda(device='cuda', non_blocking=True)", "cuda:0"),
    gives("cpu", "x_cuda.cpu()", "cpu"),
    gives("float keeps device", "x_cuda.double().float()", "cuda:0"),
    gives("type_as", "x_cpu.type_as(x_cuda)", "cuda:0"),
    gives("type name", "(x_cuda.type(), x_cpu.type())", ("torch.cuda.FloatTensor", "torch.FloatTensor")),
    gives("type by name", "x_cpu.type('torch.cuda.DoubleTensor')", "cuda:0"),
    fails("second card", "x_cpu.to('cuda:1')", "CUDA error: invalid device ordinal"),
    fails("factory on second card", "torch.zeros(2, device='cuda:1')", "CUDA error: invalid device ordinal"),
    fails("second card of cuda", "x_cpu.cuda(1)", "CUDA error: invalid device ordinal"),
    gives("copy_ to cuda", "x_cuda.copy_(x_cpu)", "cuda:0"),
    gives("copy_ to cpu", "x_cpu.copy_(x_cuda)", "cpu"),
    gives(
        "leaf gets a gradient on its own device",
        "w = x_cpu.requires_grad_(); w.cuda().sum().backward(); w.grad",
        "cpu",
    ),
    gives("moved tensor is no leaf", "w = x_cpu.requires_grad_(); w.cuda().is_leaf", False),
    gives(
        "gradient of the copy",
        "w = x_cpu.requires_grad_(); y = w.cuda(); y.retain_grad(); y.sum().backward(); y.grad",
        "cuda:0",
    ),
    gives(
        "gradient through both devices",
        "w = x_cpu.requires_grad_(); (w.cuda() * 2).cpu().sum().backward(); w.grad.sum().item()",
        12.0,
    ),
]

GETTERS = [
    gives("device", "x_cuda.device == torch.device('cuda:0')", True),
    gives("device type and index", "(x_cuda.device.type, x_cuda.device.index)", ("cuda", 0)),
    gives("device without index differs", "x_cuda.device == torch.device('cuda')", False),
    gives(
        "is_cuda", "(x_cuda.is_cuda, x_cpu.is_cuda, x_cuda.is_cpu, x_cpu.is_cpu)", (True, False, False, True)
    ),
    gives("get_device", "(x_cuda.get_device(), x_cpu.get_device())", (0, -1)),
    gives("repr", "repr(torch.tensor([1, 2], device='cuda'))", "tensor([1, 2], device='cuda:0')"),
    gives(
        "repr with dtype",
        "repr(torch.ones(1, device='cuda', dtype=torch.float64))",
        "tensor([1.], device='cuda:0', dtype=torch.float64)",
    ),
    gives(
        "repr with gradient",
        "repr(torch.ones(1, device='cuda', requires_grad=True))",
        "tensor([1.], device='cuda:0', requires_grad=True)",
    ),
    gives(
        "repr with function",
        "repr(torch.ones(1, device='cuda', requires_grad=True) * 2)",
        "tensor([2.], device='cuda:0', grad_fn=<MulBackward0>)",
    ),
    gives(
        "repr of a copy",
        "repr(torch.ones(1, requires_grad=True).cuda())",
        "tensor([1.], device='cuda:0', grad_fn=<ToCopyBackward0>)",
    ),
    gives("repr of a parameter", "'cuda:0' in repr(nn.Parameter(x_cuda))", True),
    gives("format of a scalar", "f'{scalar_cuda:.1f}'", "2.0"),
    gives("item", "scalar_cuda.item()", 2.0),
    gives("float", "float(scalar_cuda)", 2.0),
    gives("tolist", "ids_cuda.tolist()", [0, 1]),
    gives("bool", "bool(scalar_cuda > 1)", True),
    gives("iteration", "str(next(iter(x_cuda)).device)", "cuda:0"),
    gives("in", "1 in ids_cuda", True),
    fails("numpy", "x_cuda.numpy()", NUMPY, TypeError),
    fails("asarray", "np.asarray(x_cuda)", NUMPY, TypeError),
    fails("array", "np.array(x_cuda)", NUMPY, TypeError),
    gives("numpy of cpu", "x_cuda.cpu().numpy().sum()", 6.0),
    gives("numpy by force", "x_cuda.requires_grad_().numpy(force=True).sum()", 6.0),
]

FACTORIES = [
    gives("zeros", "torch.zeros(2, device='cuda')", "cuda:0"),
    gives("factories stay on cpu", "torch.zeros(2)", "cpu"),
    gives("tensor", "torch.tensor([1.0], device='cuda')", "cuda:0"),
    gives("tensor of a cuda scalar in a list", "torch.tensor([scalar_cuda])", "cpu"),
    gives("tensor of a cuda scalar", "torch.tensor(scalar_cuda.item())", "cpu"),
    gives("as_tensor", "torch.as_tensor(x_cpu, device='cuda')", "cuda:0"),
    gives("as_tensor leaves its source", "torch.as_tensor(x_cpu, device='cuda'); x_cpu", "cpu"),
    gives("as_tensor is itself", "torch.as_tensor(x_cuda) is x_cuda", True),
    gives("as_tensor of an array", "torch.as_tensor(np.ones(2), device='cuda')", "cuda:0"),
    gives(
        "as_tensor shares no memory with an array",
        "a = np.ones(2); t = torch.as_tensor(a, device='cuda'); a[0] = 5; t.tolist()",
        [1.0, 1.0],
    ),
    gives("asarray of a list", "torch.asarray([1.0], device='cuda')", "cuda:0"),
    gives("from_numpy", "torch.from_numpy(np.ones(2))", "cpu"),
    gives("arange", "torch.arange(3, device='cuda')", "cuda:0"),
    gives("randn", "torch.randn(2, device=torch.device('cuda', 0))", "cuda:0"),
    gives("randperm", "torch.randperm(4, device='cuda')", "cuda:0"),
    gives(
        "eye, full and linspace",
        """
        made = [torch.eye(2, device='cuda'), torch.full((2,), 1.0, device='cuda')]
        made.append(torch.linspace(0, 1, 3, device='cuda'))
        {str(t.device) for t in made}
        """,
        {"cuda:0"},
    ),
    gives("zeros_like", "torch.zeros_like(x_cuda)", "cuda:0"),
    gives("zeros_like elsewhere", "torch.zeros_like(x_cuda, device='cpu')", "cpu"),
    gives("randn_like", "torch.randn_like(x_cpu, device='cuda')", "cuda:0"),
    gives("new_zeros", "x_cuda.new_zeros(3)", "cuda:0"),
    gives("new_tensor", "x_cuda.new_tensor([1.0])", "cuda:0"),
    gives("new_ones elsewhere", "x_cuda.new_ones(3, device='cpu')", "cpu"),
    gives(
        "default device",
        "torch.set_default_device('cuda'); y = torch.zeros(2); torch.set_default_device(None); y",
        "cuda:0",
    ),
    gives(
        "default device for data and layers",
        """
        torch.set_default_device('cuda')
        try:
            places = [torch.tensor([1]).device, torch.as_tensor([1]).device, nn.Linear(2, 2).weight.device]
        finally:
            torch.set_default_device(None)
        {str(place) for place in places}
        """,
        {"cuda:0"},
    ),
    gives("device context", "with torch.device('cuda'):\n    y = torch.ones(2)\ny", "cuda:0"),
    gives(
        "device context with explicit device",
        "with torch.device('cuda'):\n    y = torch.ones(2, device='cpu')\ny",
        "cpu",
    ),
    gives("after a device context", "with torch.device('cuda'):\n    pass\ntorch.ones(2)", "cpu"),
    gives("one_hot", "F.one_hot(ids_cuda, 3)", "cuda:0"),
    gives("where with numbers", "torch.where(x_cuda > 0, 1.0, 0.0)", "cuda:0"),
    gives("nonzero", "x_cuda.nonzero()", "cuda:0"),
    gives("triu mask", "torch.ones(3, 3, device='cuda').triu(1).bool()", "cuda:0"),
    gives("parameter", "nn.Parameter(x_cuda)", "cuda:0"),
    gives("embedding from pretrained", "nn.Embedding.from_pretrained(x_cuda).weight", "cuda:0"),
]

POINTWISE = [
    gives("number", "x_cuda * 2 + 1", "cuda:0"),
    gives("cpu scalar tensor", "x_cuda * scalar_cpu", "cuda:0"),
    gives("cpu scalar tensor first", "scalar_cpu - x_cuda", "cuda:0"),
    gives("comparison", "(x_cuda == x_cuda)", "cuda:0"),
    fails("add", "x_cuda + x_cpu", TWO),
    fails("add the other way", "x_cpu + x_cuda", TWO),
    fails("cuda scalar into cpu", "x_cpu * scalar_cuda", TWO),
    fails("in-place", "x_cuda.add_(x_cpu)", TWO),
    fails("in-place on cpu", "x_cpu += scalar_cuda", TWO),
    gives("in-place with cpu scalar", "x_cuda.mul_(scalar_cpu)", "cuda:0"),
    fails("equality", "x_cuda == x_cpu", TWO),
    fails("comparison of labels", "(x_cuda.argmax(1) == ids_cpu).sum()", TWO),
    fails("maximum", "torch.maximum(x_cuda, x_cpu)", TWO),
    fails("where", "torch.where(x_cuda > 0, x_cuda, x_cpu)", TWO),
    fails("where with a cpu condition", "torch.where(x_cpu > 0, x_cuda, x_cuda)", TWO),
    gives("where with a cpu scalar", "torch.where(x_cuda > 0, x_cuda, scalar_cpu)", "cuda:0"),
    fails("mse_loss", "F.mse_loss(x_cuda, x_cpu)", TWO),
    fails("l1_loss", "F.l1_loss(x_cuda, x_cpu)", TWO),
    fails("bce with logits", "F.binary_cross_entropy_with_logits(x_cuda, x_cpu)", TWO),
    fails("allclose", "torch.allclose(x_cuda, x_cpu)", "same device"),
    fails("equal", "torch.equal(x_cuda, x_cpu)", "same device"),
    fails("boolean and", "(x_cuda > 0) & (x_cpu > 0)", TWO),
    fails("lerp", "torch.lerp(x_cuda, x_cpu, 0.5)", TWO),
]

OPERATORS = [
    fails("mm", "x_cuda.mm(x_cpu.t())", other("mat2", "cpu", "wrapper_CUDA_mm")),
    fails("matmul", "x_cpu @ x_cuda.t()", other("mat2", "cuda:0", "wrapper_CUDA_mm")),
    fails("bmm", "torch.bmm(image_cuda[0], image_cpu[0])", other("mat2", "cpu", "wrapper_CUDA_bmm")),
    fails("matrix and vector", "x_cuda @ torch.ones(3)", "same device"),
    fails("dot", "x_cuda[0].dot(x_cpu[0])", other("tensor", "cpu", "wrapper_CUDA__dot")),
    fails("einsum", "torch.einsum('ij,kj->ik', x_cuda, x_cpu)", "same device"),
    fails("linear", "model.cuda()(x_cpu)", other("mat1", "cpu", "wrapper_CUDA_addmm")),
    fails("linear with weights on cpu", "model(x_cuda)", other("mat1", "cuda:0", "wrapper_CUDA_addmm")),
    fails("cat", "torch.cat([x_cuda, x_cpu])", other("tensors", "cpu", "wrapper_CUDA_cat")),
    gives("cat on cuda", "torch.cat([x_cuda, x_cuda])", "cuda:0"),
    fails("stack", "torch.stack([x_cuda, x_cpu])", "same device"),
    gives("stack on cuda", "torch.stack([x_cuda, x_cuda])", "cuda:0"),
    fails(
        "index_select", "x_cuda.index_select(0, ids_cpu)", other("index", "cpu", "wrapper_CUDA__index_select")
    ),
    fails("gather", "x_cuda.gather(1, ids_cpu[:, None])", other("index", "cpu", "wrapper_CUDA_gather")),
    fails(
        "scatter",
        "x_cuda.scatter(1, ids_cpu[:, None], 1.0)",
        other("index", "cpu", "wrapper_CUDA_scatter_value"),
    ),
    fails(
        "scatter_add",
        "x_cuda.scatter_add(1, ids_cuda[:, None], x_cpu)",
        other("src", "cpu", "wrapper_CUDA_scatter_add"),
    ),
    fails("embedding", "F.embedding(ids_cpu, x_cuda)", other("index", "cpu", "wrapper_CUDA__index_select")),
    fails(
        "embedding with weights on cpu",
        "F.embedding(ids_cuda, x_cpu)",
        other("index", "cuda:0", "wrapper_CUDA__index_select"),
    ),
    fails(
        "cross_entropy",
        "F.cross_entropy(x_cuda, ids_cpu)",
        other("target", "cpu", "wrapper_CUDA_nll_loss_forward"),
    ),
    fails(
        "cross_entropy with output on cpu",
        "F.cross_entropy(x_cpu, ids_cuda)",
        other("target", "cuda:0", "wrapper_CUDA_nll_loss_forward"),
    ),
    fails(
        "loss with weights on cpu",
        "nn.CrossEntropyLoss(weight=torch.ones(3))(x_cuda, ids_cuda)",
        other("weight", "cpu", "wrapper_CUDA_nll_loss_forward"),
    ),
    gives(
        "loss with weights moved",
        "nn.CrossEntropyLoss(weight=torch.ones(3)).cuda()(x_cuda, ids_cuda)",
        "cuda:0",
    ),
    fails("batch_norm", "nn.BatchNorm2d(3)(image_cuda)", "same device"),
    fails("batch_norm with input on cpu", "nn.BatchNorm2d(3).cuda()(image_cpu)", "same device"),
    gives("batch_norm on cuda", "nn.BatchNorm2d(3).cuda()(image_cuda)", "cuda:0"),
    gives("batch_norm buffers move", "nn.BatchNorm2d(3).cuda().running_mean", "cuda:0"),
    fails("layer_norm", "nn.LayerNorm(3)(x_cuda)", other("weight", "cpu", "wrapper_CUDA__native_layer_norm")),
    fails(
        "conv with input on cpu",
        "nn.Conv2d(3, 4, 3).cuda()(torch.ones(16, 3, 8, 8))",
        "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same",
    ),
    fails(
        "conv with weights on cpu",
        "nn.Conv2d(3, 4, 3)(image_cuda)",
        "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same",
    ),
    fails(
        "conv with bias on cpu",
        "F.conv2d(image_cuda, torch.ones(4, 3, 3, 3, device='cuda'), torch.ones(4))",
        "Input type (torch.cuda.FloatTensor) and bias type (torch.FloatTensor) should be the same",
    ),
    gives("conv on cuda", "nn.Conv2d(3, 4, 3, device='cuda')(image_cuda)", "cuda:0"),
    fails(
        "lstm with input on cpu",
        "nn.LSTM(3, 4).cuda()(torch.ones(2, 1, 3))",
        "Input and parameter tensors are not at the same device, "
        "found input tensor at cpu and parameter tensor at cuda:0",
    ),
    fails(
        "lstm with hidden state on cpu",
        """
        state = torch.zeros(1, 1, 4), torch.zeros(1, 1, 4)
        nn.LSTM(3, 4).cuda()(torch.ones(2, 1, 3, device='cuda'), state)
        """,
        "Input and hidden tensors are not at the same device, "
        "found input tensor at cuda:0 and hidden tensor at cpu",
    ),
    fails(
        "gru with input on cpu",
        "nn.GRU(3, 4).cuda()(torch.ones(2, 1, 3))",
        "tensors are not at the same device",
    ),
    gives("lstm on cuda", "nn.LSTM(3, 4).cuda()(torch.ones(2, 1, 3, device='cuda'))[0]", "cuda:0"),
    fails(
        "attention with input on cpu",
        "nn.MultiheadAttention(4, 2).cuda()(*[torch.ones(2, 1, 4)] * 3)",
        "same device",
    ),
    gives(
        "attention on cuda",
        "nn.MultiheadAttention(4, 2).cuda()(*[torch.ones(2, 1, 4, device='cuda')] * 3)[0]",
        "cuda:0",
    ),
    fails(
        "scaled dot product attention",
        "F.scaled_dot_product_attention(image_cuda, image_cuda, image_cpu)",
        "Expected query, key, and value to have the same device type, but got query.device: cuda:0",
    ),
    gives(
        "transformer layer",
        """
        nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).cuda()(torch.ones(2, 3, 4, device='cuda'))
        """,
        "cuda:0",
    ),
    fails(
        "packed lengths on cuda",
        "nn.utils.rnn.pack_padded_sequence(image_cuda[0], torch.tensor([8, 8, 8]).cuda())",
        "'lengths' argument should be a 1D CPU int64 tensor",
    ),
    gives(
        "clip_grad_norm_",
        """
        m = model.cuda()
        m(x_cuda).sum().backward()
        nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        """,
        "cuda:0",
    ),
    gives("max and topk", "str({str(t.device) for t in (*x_cuda.max(1), *x_cuda.topk(1))})", "{'cuda:0'}"),
    gives("dropout", "F.dropout(x_cuda)", "cuda:0"),
    gives("pad", "F.pad(x_cuda, (1, 1))", "cuda:0"),
    gives("inference mode", "with torch.inference_mode():\n    y = model.cuda()(x_cuda)\ny", "cuda:0"),
]

INDEXING = [
    gives("view", "x_cuda.view(3, 2).t()[0]", "cuda:0"),
    gives("data and detach", "(str(x_cuda.data.device), str(x_cuda.detach().device))", ("cuda:0", "cuda:0")),
    gives("view shares memory", "x_cuda[0].zero_(); x_cuda.sum().item()", 3.0),
    gives("cpu index", "x_cuda[ids_cpu]", "cuda:0"),
    gives("cpu mask", "x_cuda[x_cpu > 0]", "cuda:0"),
    gives("list index", "x_cuda[[0, 1]]", "cuda:0"),
    fails(
        "cuda index of cpu",
        "x_cpu[ids_cuda]",
        "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
    ),
    fails(
        "cuda mask of cpu",
        "x_cpu[x_cuda > 0]",
        "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
    ),
    gives("assign a number", "x_cuda[0] = 3; x_cuda[:, 1] = 4.0; x_cuda", "cuda:0"),
    gives("assign a cpu row", "x_cuda[0] = x_cpu[1]; x_cuda", "cuda:0"),
    gives("assign by cpu mask", "x_cuda[x_cpu > 0] = 0; x_cuda.sum().item()", 0.0),
    fails(
        "masked_fill with a cpu mask",
        "x_cuda.masked_fill(x_cpu > 0, 0.0)",
        "expected self and mask to be on the same device, but got mask on cpu and self on cuda:0",
    ),
    gives("masked_fill with a cpu value", "x_cuda.masked_fill(x_cuda > 0, scalar_cpu)", "cuda:0"),
    fails(
        "masked_select with a cpu mask",
        "x_cuda.masked_select(x_cpu > 0)",
        other("mask", "cpu", "wrapper_CUDA__masked_select"),
    ),
]

MODULES = [
    gives("module to", "next(model.to('cuda').parameters())", "cuda:0"),
    gives("module to by keyword", "next(model.to(device='cuda').parameters())", "cuda:0"),
    gives("module to returns itself", "model.to('cuda') is model", True),
    gives(
        "module to keeps parameters",
        """
        before = [id(p) for p in model.parameters()]
        model.to('cuda')
        before == [id(p) for p in model.parameters()]
        """,
        True,
    ),
    gives("module to with dtype", "next(model.to('cuda', torch.float64).parameters())", torch.float64),
    gives("module cpu", "next(model.cuda().cpu().parameters())", "cpu"),
    gives("module output", "model.cuda()(x_cuda)", "cuda:0"),
    gives("layer with device", "nn.Linear(2, 2, device='cuda').bias", "cuda:0"),
    gives("plain attribute does not move", "model.scale = torch.ones(2); model.cuda().scale", "cpu"),
    gives("buffer moves", "model.register_buffer('scale', torch.ones(2)); model.cuda().scale", "cuda:0"),
    gives("gradient moves", "model(x_cpu).sum().backward(); model.cuda(); model[0].weight.grad", "cuda:0"),
    gives("to_empty", "nn.Linear(2, 2, device='meta').to_empty(device='cuda').weight", "cuda:0"),
    gives("deepcopy of a tensor", "copy.deepcopy(x_cuda)", "cuda:0"),
    gives("deepcopy shares no memory", "y = copy.deepcopy(x_cuda); y.zero_(); x_cuda.sum().item()", 6.0),
    gives("deepcopy of a module", "copy.deepcopy(model.cuda())[0].weight", "cuda:0"),
    gives(
        "copy and clone", "(str(copy.copy(x_cuda).device), str(x_cuda.clone().device))", ("cuda:0", "cuda:0")
    ),
    gives("state_dict", "model.cuda().state_dict()['0.weight']", "cuda:0"),
    gives(
        "load_state_dict across devices",
        """
        model.cuda().load_state_dict({k: v.cpu() for k, v in model.state_dict().items()})
        model[0].weight
        """,
        "cuda:0",
    ),
    gives(
        "load_state_dict into cpu",
        """
        state = copy.deepcopy(model).cuda().state_dict()
        model.load_state_dict(state)
        model[0].weight
        """,
        "cpu",
    ),
    gives("data assignment", "p = nn.Parameter(x_cpu); p.data = x_cuda; p", "cuda:0"),
    fails(
        "gradient assignment",
        "p = nn.Parameter(x_cuda); p.grad = x_cpu",
        "attempting to assign a gradient with device type 'cpu' to a tensor with device type 'cuda'",
    ),
    gives(
        "gradient assignment on cuda",
        "p = nn.Parameter(x_cuda); p.grad = torch.zeros_like(p); p.grad",
        "cuda:0",
    ),
]

STEP = """
model = model.to('cuda')
optimizer = {optimizer}
for _ in range(2):
    optimizer.zero_grad()
    F.cross_entropy(model(x_cuda), ids_cuda).backward()
    optimizer.step()
model[0].weight
"""

BEFORE = """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
model.to('cuda')
old = model[0].weight.detach().clone()
F.cross_entropy(model(x_cuda), ids_cuda).backward()
optimizer.step()
bool((model[0].weight != old).any())
"""

STALE = """
optimizer = torch.optim.{optimizer}
F.cross_entropy(model(x_cpu), ids_cpu).backward()
optimizer.step()
model.to('cuda')
optimizer.zero_grad()
F.cross_entropy(model(x_cuda), ids_cuda).backward()
optimizer.step()
"""

RESTORED = """
optimizer = torch.optim.Adam(model.parameters())
F.cross_entropy(model(x_cpu), ids_cpu).backward()
optimizer.step()
state = optimizer.state_dict()
model.to('cuda')
optimizer = torch.optim.Adam(model.parameters())
optimizer.load_state_dict(state)
optimizer.zero_grad()
F.cross_entropy(model(x_cuda), ids_cuda).backward()
optimizer.step()
optimizer.state[model[0].weight]['exp_avg']
"""

OPTIMIZERS = [
    *[
        gives(f"{name} step", STEP.format(optimizer=f"torch.optim.{name}"), "cuda:0")
        for name in (
            "SGD(model.parameters(), lr=0.1)",
            "SGD(model.parameters(), lr=0.1, momentum=0.9)",
            "SGD(model.parameters(), lr=0.1, foreach=False)",
            "Adam(model.parameters())",
            "Adam(model.parameters(), foreach=False)",
            "AdamW(model.parameters())",
            "RMSprop(model.parameters())",
            "Adagrad(model.parameters(), foreach=False)",
        )
    ],
    gives("optimizer made before the move", BEFORE, True),
    fails(
        "momentum left on cpu",
        STALE.format(optimizer="SGD(model.parameters(), lr=0.1, momentum=0.9)"),
        "same device",
    ),
    fails("moments left on cpu", STALE.format(optimizer="Adam(model.parameters())"), "same device"),
    fails(
        "moments left on cpu without foreach",
        STALE.format(optimizer="Adam(model.parameters(), foreach=False)"),
        TWO,
    ),
    gives("optimizer state restored", RESTORED, "cuda:0"),
    gives(
        "adam state",
        STEP.format(optimizer="torch.optim.Adam(model.parameters())")
        + "state = optimizer.state[model[0].weight]\n"
        + "(str(state['exp_avg'].device), str(state['step'].device))",
        ("cuda:0", "cpu"),
    ),
    gives(
        "scheduler",
        """
        o = torch.optim.SGD(model.cuda().parameters(), lr=0.1)
        s = torch.optim.lr_scheduler.StepLR(o, 1)
        o.step()
        s.step()
        round(s.get_last_lr()[0], 3)
        """,
        0.01,
    ),
]

SAVE = "file = io.BytesIO(); torch.save({what}, file); file.seek(0); "

FILES = [
    gives("load where it was", SAVE.format(what="x_cuda") + "torch.load(file)", "cuda:0"),
    gives("load to cpu", SAVE.format(what="x_cuda") + "torch.load(file, map_location='cpu')", "cpu"),
    gives(
        "load to device",
        SAVE.format(what="x_cuda") + "torch.load(file, map_location=torch.device('cpu'))",
        "cpu",
    ),
    gives("load to cuda", SAVE.format(what="x_cpu") + "torch.load(file, map_location='cuda')", "cuda:0"),
    gives(
        "load by dict", SAVE.format(what="x_cuda") + "torch.load(file, map_location={'cuda:0': 'cpu'})", "cpu"
    ),
    gives(
        "load by function",
        SAVE.format(what="x_cuda") + "torch.load(file, map_location=lambda storage, place: storage)",
        "cpu",
    ),
    gives(
        "location given to a function",
        SAVE.format(what="x_cuda")
        + "seen = []; torch.load(file, map_location=lambda storage, place: seen.append(place)); seen",
        ["cuda:0"],
    ),
    gives(
        "load with weights_only off",
        SAVE.format(what="x_cuda") + "torch.load(file, weights_only=False)",
        "cuda:0",
    ),
    fails(
        "load to second card",
        SAVE.format(what="x_cuda") + "torch.load(file, map_location='cuda:1')",
        "Attempting to deserialize object on CUDA device 1 but torch.cuda.device_count() is 1",
    ),
    gives(
        "state_dict in a file",
        SAVE.format(what="model.cuda().state_dict()") + "torch.load(file)['0.weight']",
        "cuda:0",
    ),
    gives("pickle", "pickle.loads(pickle.dumps(x_cuda))", "cuda:0"),
]

MACHINE = [
    gives("is_available", "torch.cuda.is_available()", True),
    gives("device_count is positive", "torch.cuda.device_count() > 0", True),
    gives("current_device", "torch.cuda.current_device()", 0),
    gives("device name", "isinstance(torch.cuda.get_device_name(0), str)", True),
    gives("properties", "torch.cuda.get_device_properties('cuda').total_memory > 0", True),
    gives("capability", "len(torch.cuda.get_device_capability())", 2),
    gives("memory", "torch.zeros(1000, device='cuda'); isinstance(torch.cuda.memory_allocated(), int)", True),
    gives(
        "memory counts",
        """
        import gc
        gc.collect()
        before = torch.cuda.memory_allocated()
        y = torch.zeros(1024, device='cuda')
        torch.cuda.memory_allocated() - before
        """,
        4096,
    ),
    gives(
        "peak memory",
        """
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.max_memory_allocated() >= torch.cuda.memory_allocated()
        """,
        True,
    ),
    gives("mem_get_info", "free, total = torch.cuda.mem_get_info(); 0 < free <= total", True),
    gives(
        "synchronize and empty_cache",
        "torch.cuda.synchronize(); torch.cuda.empty_cache(); torch.cuda.is_initialized()",
        True,
    ),
    gives("set_device", "torch.cuda.set_device(0); torch.ones(1, device='cuda')", "cuda:0"),
    gives("device guard", "with torch.cuda.device(0):\n    y = torch.ones(1, device='cuda')\ny", "cuda:0"),
    gives(
        "streams",
        """
        s = torch.cuda.Stream()
        with torch.cuda.stream(s):
            y = x_cuda + 1
        torch.cuda.current_stream().wait_stream(s)
        y
        """,
        "cuda:0",
    ),
    gives(
        "events",
        """
        a, b = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        a.record()
        b.record()
        torch.cuda.synchronize()
        a.elapsed_time(b) >= 0
        """,
        True,
    ),
    gives(
        "accelerator",
        "(torch.accelerator.is_available(), torch.accelerator.current_accelerator().type)",
        (True, "cuda"),
    ),
    gives("idiom", "device = 'cuda' if torch.cuda.is_available() else 'cpu'; x_cpu.to(device)", "cuda:0"),
    gives(
        "seeded numbers repeat",
        """
        torch.manual_seed(1)
        a = torch.rand(3, device='cuda')
        torch.manual_seed(1)
        torch.equal(a, torch.rand(3, device='cuda'))
        """,
        True,
    ),
    gives(
        "cuda seed",
        """
        torch.cuda.manual_seed(1)
        a = torch.rand(3, device='cuda')
        torch.cuda.manual_seed_all(1)
        torch.equal(a, torch.rand(3, device='cuda'))
        """,
        True,
    ),
    gives(
        "cuda generator",
        "torch.randn(2, device='cuda', generator=torch.Generator('cuda').manual_seed(1))",
        "cuda:0",
    ),
    gives("generator device", "str(torch.Generator(device='cuda').device).split(':')[0]", "cuda"),
    fails(
        "cpu generator for a cuda tensor",
        "torch.randn(2, device='cuda', generator=torch.Generator())",
        "Expected a 'cuda' device type for generator but found 'cpu'",
    ),
    fails(
        "cuda generator for a cpu tensor",
        "torch.randn(2, generator=torch.Generator('cuda'))",
        "Expected a 'cpu' device type for generator but found 'cuda'",
    ),
    fails(
        "cpu generator in-place",
        "x_cuda.normal_(generator=torch.Generator())",
        "Expected a 'cuda' device type for generator but found 'cpu'",
    ),
]

PINNING = [
    gives("pin_memory", "(x_cpu.pin_memory().is_pinned(), x_cpu.is_pinned())", (True, False)),
    gives("pinned tensors are on cpu", "x_cpu.pin_memory()", "cpu"),
    gives("pinned factory", "torch.zeros(2, pin_memory=True).is_pinned()", True),
    fails(
        "pin a cuda tensor",
        "x_cuda.pin_memory()",
        "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned",
    ),
    gives(
        "data loader",
        """
        data = torch.utils.data.TensorDataset(x_cpu, ids_cpu)
        x, y = next(iter(torch.utils.data.DataLoader(data, 2)))
        x
        """,
        "cpu",
    ),
    gives(
        "data loader with pinned memory",
        """
        data = torch.utils.data.TensorDataset(x_cpu, ids_cpu)
        x, y = next(iter(torch.utils.data.DataLoader(data, 2, pin_memory=True)))
        (x.is_pinned(), str(x.device))
        """,
        (True, "cpu"),
    ),
    gives(
        "data loader of cuda tensors",
        """
        data = torch.utils.data.TensorDataset(x_cuda, ids_cuda)
        x, y = next(iter(torch.utils.data.DataLoader(data, 2)))
        x
        """,
        "cuda:0",
    ),
    fails(
        "data loader pins a cuda tensor",
        """
        data = torch.utils.data.TensorDataset(x_cuda)
        next(iter(torch.utils.data.DataLoader(data, 2, pin_memory=True)))
        """,
        "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned",
    ),
]

SCALER = """
model = model.cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler('cuda')
with torch.autocast('cuda'):
    loss = F.cross_entropy(model(x_cuda), ids_cuda)
scaler.scale(loss).backward()
scaler.unscale_(optimizer)
nn.utils.clip_grad_norm_(model.parameters(), 1.0)
scaler.step(optimizer)
scaler.update()
(str(model[0].weight.grad.device), model[0].weight.grad.dtype, scaler.get_scale())
"""

AUTOCAST = [
    gives("autocast linear", "with torch.autocast('cuda'):\n    y = model.cuda()(x_cuda)\ny", torch.float16),
    gives(
        "autocast lstm",
        """
        with torch.autocast('cuda'):
            y, _ = nn.LSTM(3, 4).cuda()(torch.ones(2, 1, 3, device='cuda'))
        y
        """,
        torch.float16,
    ),
    gives(
        "autocast matmul",
        """
        with torch.autocast(device_type='cuda', dtype=torch.bfloat16):
            y = x_cuda @ x_cuda.t()
        y
        """,
        torch.bfloat16,
    ),
    gives(
        "conv",
        "with torch.amp.autocast('cuda'):\n    y = nn.Conv2d(3, 4, 3).cuda()(image_cuda)\ny",
        torch.float16,
    ),
    gives(
        "relu keeps its input's",
        "with torch.autocast('cuda'):\n    y = (x_cuda @ x_cuda.t()).relu()\ny",
        torch.float16,
    ),
    gives(
        "softmax", "with torch.autocast('cuda'):\n    y = (x_cuda @ x_cuda.t()).softmax(1)\ny", torch.float32
    ),
    gives(
        "loss",
        "with torch.autocast('cuda'):\n    y = F.cross_entropy(model.cuda()(x_cuda), ids_cuda)\ny",
        torch.float32,
    ),
    gives(
        "mse loss",
        "with torch.autocast('cuda'):\n    y = x_cuda @ x_cuda.t(); y = F.mse_loss(y, y)\ny",
        torch.float32,
    ),
    gives(
        "autocast keeps the device", "with torch.autocast('cuda'):\n    y = x_cuda @ x_cuda.t()\ny", "cuda:0"
    ),
    gives(
        "cpu tensors are left alone",
        "with torch.autocast('cuda'):\n    y = x_cpu @ x_cpu.t()\ny",
        torch.float32,
    ),
    gives(
        "disabled",
        "with torch.autocast('cuda', enabled=False):\n    y = x_cuda @ x_cuda.t()\ny",
        torch.float32,
    ),
    gives("after autocast", "with torch.autocast('cuda'):\n    pass\nx_cuda @ x_cuda.t()", torch.float32),
    gives(
        "is_autocast_enabled",
        """
        with torch.autocast('cuda'):
            y = torch.is_autocast_enabled('cuda')
        (y, torch.is_autocast_enabled('cuda'))
        """,
        (True, False),
    ),
    gives(
        "parameters keep float32",
        """
        with torch.autocast('cuda'):
            model.cuda()(x_cuda).sum().backward()
        model[0].weight.grad
        """,
        torch.float32,
    ),
    gives("grad scaler", SCALER, ("cuda:0", torch.float32, 65536.0)),
    fails(
        "devices are still checked", "with torch.autocast('cuda'):\n    model.cuda()(x_cpu)", "same device"
    ),
]

FUNCTION = """
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        seen.append(str(x.device))
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        seen.append(str(ctx.saved_tensors[0].device))
        seen.append(str(grad.device))
        return grad * 2

seen = []
w = x_cuda.clone().requires_grad_()
Double.apply(w).sum().backward()
(seen, str(w.grad.device))
"""

AUTOGRAD = [
    gives("backward", "w = x_cuda.requires_grad_(); (w * w).sum().backward(); w.grad", "cuda:0"),
    gives("grad", "w = x_cuda.requires_grad_(); torch.autograd.grad((w * w).sum(), w)[0]", "cuda:0"),
    gives(
        "double backward",
        """
        w = x_cuda.requires_grad_()
        g, = torch.autograd.grad((w ** 3).sum(), w, create_graph=True)
        torch.autograd.grad(g.sum(), w)[0]
        """,
        "cuda:0",
    ),
    gives(
        "backward of max", "w = x_cuda.requires_grad_(); w.max(1).values.sum().backward(); w.grad", "cuda:0"
    ),
    gives(
        "backward of indexing",
        "w = x_cuda.requires_grad_(); w[ids_cuda, 0].sum().backward(); w.grad",
        "cuda:0",
    ),
    gives(
        "tensor hook",
        """
        seen = []
        w = x_cuda.requires_grad_()
        y = w * 2
        y.register_hook(lambda g: seen.append(str(g.device)))
        y.sum().backward()
        seen
        """,
        ["cuda:0"],
    ),
    fails(
        "tensor hook with a cpu tensor",
        """
        w = x_cuda.requires_grad_()
        y = w * 2
        y.register_hook(lambda g: g * torch.ones(2, 3))
        y.sum().backward()
        """,
        TWO,
    ),
    gives(
        "forward hook",
        """
        seen = []
        model.cuda().register_forward_hook(lambda m, i, o: seen.append((str(i[0].device), str(o.device))))
        model(x_cuda)
        seen
        """,
        [("cuda:0", "cuda:0")],
    ),
    gives(
        "module backward hook",
        """
        seen = []
        model.cuda().register_full_backward_hook(lambda m, i, o: seen.append(str(o[0].device)))
        model(x_cuda.requires_grad_()).sum().backward()
        seen
        """,
        ["cuda:0"],
    ),
    gives("custom function", FUNCTION, (["cuda:0", "cuda:0", "cuda:0"], "cuda:0")),
    fails(
        "custom function with a gradient on cpu",
        """
        class Wrong(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            def backward(ctx, grad):
                return torch.ones(2, 3)

        Wrong.apply(x_cuda.requires_grad_()).sum().backward()
        """,
        "Function WrongBackward returned an invalid gradient at index 0 - expected device cuda:0 but got cpu",
    ),
    fails(
        "backward from a gradient on cpu",
        "(x_cuda.requires_grad_() * 2).backward(x_cpu)",
        "invalid gradient at index 0 - expected device cuda:0 but got cpu",
    ),
    gives(
        "checkpoint",
        """
        from torch.utils.checkpoint import checkpoint
        w = x_cuda.requires_grad_()
        checkpoint(model.cuda(), w, use_reentrant=False).sum().backward()
        w.grad
        """,
        "cuda:0",
    ),
    gives(
        "no_grad copy",
        """
        with torch.no_grad():
            y = nn.Parameter(x_cpu).cuda()
        (y.requires_grad, str(y.device))
        """,
        (False, "cuda:0"),
    ),
    gives(
        "thread",
        """
        seen = []
        t = threading.Thread(target=lambda: seen.append(str((x_cpu.cuda() + 1).device)))
        t.start()
        t.join()
        seen
        """,
        ["cuda:0"],
    ),
    gives(
        "error in a thread",
        """
        seen = []
        def work():
            try:
                x_cuda + x_cpu
            except RuntimeError as error:
                seen.append('same device' in str(error))
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        seen
        """,
        [True],
    ),
    gives("compiled function", "torch.compile(lambda x: x * 2, backend='eager')(x_cuda)", "cuda:0"),
    gives("vmap", "torch.vmap(lambda row: row * 2)(x_cuda)", "cuda:0"),
    gives(
        "accumulated gradients",
        "w = x_cuda.requires_grad_(); (w * 2).sum().backward(); (w * 3).sum().backward(); w.grad",
        "cuda:0",
    ),
    gives("running loss", "total = 0.0\nfor _ in range(2):\n    total += scalar_cuda\ntotal", "cuda:0"),
    fails("metric kept on cpu", "total = torch.zeros(3); total += x_cuda.sum(0)", TWO),
]

TABLE: list[Row] = [
    *MOVING,
    *GETTERS,
    *FACTORIES,
    *POINTWISE,
    *OPERATORS,
    *INDEXING,
    *MODULES,
    *OPTIMIZERS,
    *FILES,
    *MACHINE,
    *PINNING,
    *AUTOCAST,
    *AUTOGRAD,
]
