"""Every row of the table, in the simulation and on a real card if there is one."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from learn_torch.worker.simulated_cuda import simulated_cuda

_PATH = Path(__file__).with_name("table.py")
_SPEC = importlib.util.spec_from_file_location("simulated_cuda_table", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
table: Any = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = table  # dataclasses look up their module
_SPEC.loader.exec_module(table)


def _check(row: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if row.raises is None:
            assert table.outcome(row, table.run(row.code)) == row.gives
            return
        with pytest.raises(row.raises) as caught:
            table.run(row.code)
    assert row.text in str(caught.value)


def _name(row: Any) -> str:
    return str(row.name)


@pytest.mark.parametrize("row", table.TABLE, ids=_name)
def test_row_under_simulation(row: Any) -> None:
    with simulated_cuda():
        _check(row)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
@pytest.mark.parametrize("row", table.TABLE, ids=_name)
def test_row_on_a_card(row: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    _check(row)


def test_names_are_unique() -> None:
    names = [row.name for row in table.TABLE]
    assert len(set(names)) == len(names)


def test_the_table_is_long_enough() -> None:
    assert len(table.TABLE) >= 110
