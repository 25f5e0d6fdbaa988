"""Importing this does once, in the engine, what the first calls in every fork of it would do again.

torch loads modules when it is first seeded or first asked for a storage; 10 ms a worker. Every worker looks for the
codecs of submissions, and sets limits. Nothing here computes: a parallel operation would start OpenMP threads, which
do not survive a fork.
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

    torch.manual_seed(0)  # every fork seeds itself anew, from the operating system
    torch.set_num_threads(1)
    torch.backends.cpu.get_cpu_capability()
    _encoder = Encoder(lambda _thing: wire.Held(0, "object"), lambda tensor: "cpu")
    _answer = messages.decode_reply(messages.encode(messages.Answer(_encoder.encode(torch.zeros(2)))))
    assert isinstance(_answer, messages.Answer)
    Decoder(lambda held: held, lambda tensor, value: tensor).decode(_answer.value)
