"""Importing this module does work in the engine once that every fork would otherwise repeat.

torch loads modules at the first seeding and at the first access to a storage, which costs 10 ms per worker. Every
worker looks up the codecs of submissions and sets limits. Nothing here computes: a parallel operation would start
OpenMP threads, which do not survive a fork.
"""

from __future__ import annotations

import codecs
import resource  # noqa: F401
import sys

from learn_torch import wire
from learn_torch.wire import messages
from learn_torch.wire.decoding import Decoder
from learn_torch.wire.encoding import Encoder

for _name in ("ascii", "utf-8-sig"):
    codecs.lookup(_name)

if "torch" in sys.modules:
    import torch

    torch.manual_seed(0)  # every fork seeds itself again
    torch.set_num_threads(1)
    torch.backends.cpu.get_cpu_capability()
    _encoder = Encoder(lambda _thing: wire.Held(0, "object"), lambda tensor: "cpu")
    _answer = messages.decode_reply(messages.encode(messages.Answer(_encoder.encode(torch.zeros(2)))))
    assert isinstance(_answer, messages.Answer)
    Decoder(lambda held: held, lambda tensor, value: tensor).decode(_answer.value)
