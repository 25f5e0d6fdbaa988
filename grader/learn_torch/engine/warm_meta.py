"""Importing this loads, in the engine, what torch loads with the first layer on the meta device: sympy and much more.

Nothing is computed there, so no thread is started.
"""

from __future__ import annotations

import torch

torch.nn.functional.conv2d(torch.empty(1, 1, 2, 2, device="meta"), torch.empty(1, 1, 1, 1, device="meta"))
