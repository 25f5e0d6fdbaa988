"""Importing this module loads in the engine what torch imports at the first operation on the meta device, sympy too.

The meta device computes nothing, so no thread starts.
"""

from __future__ import annotations

import torch

torch.nn.functional.conv2d(torch.empty(1, 1, 2, 2, device="meta"), torch.empty(1, 1, 1, 1, device="meta"))
