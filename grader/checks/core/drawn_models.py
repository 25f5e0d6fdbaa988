"""Models that are drawn anew for every check, and are the same in the judge and in the worker."""

ACTIVATIONS = ("Tanh", "Sigmoid", "GELU", "SiLU", "Softplus")


def build(torch, layers):
    """A model of these layers: each a class in torch.nn and its arguments, or a list of layers.

    A layer without a name multiplies by two of four numbers: which they are depends on where its input is, and on where
    it is itself. So what the model computes tells where that was.
    """

    class Layer(torch.nn.Module):
        def __init__(self, width, a, b):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.rand(width) + 0.5)
            self.register_buffer("bias", torch.randn(width))
            self.a, self.b = a, b

        def forward(self, x):
            shape = (-1, *[1] * (x.dim() - 2))
            factor = self.a[x.is_cuda] * self.b[self.weight.is_cuda]
            return x * (factor * self.weight.view(shape)) + self.bias.view(shape)

    def make(layer):
        if isinstance(layer, list):
            return torch.nn.Sequential(*map(make, layer))
        name, *arguments = layer
        return (getattr(torch.nn, name) if name else Layer)(*arguments)

    return make(list(layers))


def as_on(device, layers):
    """The layers of a model that computes on the judge's CPU what it would compute on `device`."""

    def there(layer):
        if isinstance(layer, list):
            return as_on(device, layer)
        name, *arguments = layer
        if name:
            return layer
        width, *pairs = arguments
        return None, width, *([pair[device.type == "cuda"]] * 2 for pair in pairs)

    return [there(layer) for layer in layers]


def nested(rng, layers):
    """The same layers, the last of them in a list of their own."""
    start = rng.randint(1, len(layers) - 2)
    return [*layers[:start], layers[start:]]


def some_factors(rng):
    """A number for False or the CPU, and another one for True or CUDA."""
    pair = [rng.uniform(0.5, 0.9), rng.uniform(1.1, 1.6)]
    rng.shuffle(pair)
    return pair


def some_layers(rng, shape, outputs, *, norm=False, dropout=None, where=False):
    """Layers that turn a batch of `shape`, (features,) or (channels, height, width), into (N, outputs).

    Args:
        rng: the random numbers of the check.
        shape: of one sample.
        outputs: how many numbers for each sample.
        norm: with a batch normalisation.
        dropout: with a dropout of this probability.
        where: with a layer that tells where it computes.
    """
    channels, *size = shape
    width = rng.randint(3, 9)
    if size:
        padding = rng.randint(0, 1)
        # Few numbers are left, however large the pictures are. No pooling by the maximum: where two numbers are nearly
        # the same, rounding would decide which of them learns.
        stride = tuple(max((side + 1) // 3, 1) for side in size)
        first = [("Conv2d", channels, width, 3, stride, padding)]
        flat = width
        for side, step in zip(size, stride, strict=True):
            flat *= (side + 2 * padding - 3) // step + 1
        then = [("Flatten",)]
    else:
        first, flat, then = [("Linear", channels, width)], width, []
    between = [(rng.choice(ACTIVATIONS),)]
    if norm:
        between.insert(rng.randint(0, 1), ("BatchNorm2d" if size else "BatchNorm1d", width))
    if where:
        between.insert(rng.randint(0, len(between)), (None, width, some_factors(rng), some_factors(rng)))
    head = [*then, ("Linear", flat, outputs)]
    if rng.random() < 0.5:
        hidden = rng.randint(4, 12)
        head = [*then, ("Linear", flat, hidden), (rng.choice(ACTIVATIONS),), ("Linear", hidden, outputs)]
    if dropout is not None:
        head.insert(rng.randint(0, len(head) - 1), ("Dropout", dropout))
    return [*first, *between, *head]
