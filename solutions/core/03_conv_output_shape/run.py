"""Follows a batch through the quick network: what the reference predicts, beside what each layer gives."""

from math import prod

import torch
from torch import nn

from learn_torch.language import _
from learn_torch.runs.quick_network import SIDE, quick_network

USES = {"device"}


def run(solution, context):
    """Print a row for each layer."""
    network = quick_network().to(context.device)
    batch = torch.rand(4, 3, SIDE, SIDE, device=context.device)
    predicted = tuple(batch.shape)
    rows = [(_("input"), in_words(predicted), in_words(batch.shape), "")]
    for layer in network:
        predicted = shape_after(layer, predicted, solution)
        batch = layer(batch)
        same = "✓" if predicted == tuple(batch.shape) else "✗"
        rows.append((title_of(layer), in_words(predicted), in_words(batch.shape), same))
    context.table((_("layer"), _("predicted"), _("the network's"), ""), rows)
    padding, kernel = solution.same_padding(5), network[0].kernel_size[0]
    context.say(_("same_padding({kernel}) = {padding}").format(kernel=kernel, padding=padding))


def shape_after(layer, shape, solution):
    """The shape behind `layer`: by the reference where a window slides, by counting elsewhere."""
    match layer:
        case nn.Conv2d():
            return solution.conv_output_shape(
                shape, layer.out_channels, layer.kernel_size, layer.stride, layer.padding, layer.dilation
            )
        case nn.MaxPool2d():  # the window slides by the same rule, and keeps the channels
            return solution.conv_output_shape(shape, shape[1], layer.kernel_size, layer.stride, layer.padding)
        case nn.Flatten():
            return shape[0], prod(shape[1:])
        case nn.Linear():
            return shape[0], layer.out_features
    raise TypeError(f"no rule for {layer}")


def title_of(layer):
    """The layer in a few words; the windows of this network are square."""
    match layer:
        case nn.Conv2d():
            kernel, padding = layer.kernel_size[0], layer.padding[0]
            return _("conv {k}×{k} to {channels} channels, padding {padding}").format(
                k=kernel, channels=layer.out_channels, padding=padding
            )
        case nn.MaxPool2d():
            return _("max pool {k}").format(k=layer.kernel_size)
        case nn.Flatten():
            return _("flatten")
        case nn.Linear():
            return _("linear to {n}").format(n=layer.out_features)
    return str(layer)


def in_words(shape):
    """`4 x 3 x 32 x 32`."""
    return " × ".join(map(str, shape))
