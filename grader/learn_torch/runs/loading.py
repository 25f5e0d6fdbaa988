"""Load Python files of a course by path: references, runs, and scripts that make datasets. All of them are trusted."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from learn_torch.errors import LearnError
from learn_torch.language import _


def load(path: Path, name: str) -> ModuleType:
    """Execute the file and return its module.

    Args:
        path: the file.
        name: the module's name. It is registered under this name, because data classes and pickle rely on it.

    Raises:
        LearnError: there is no such file. Exceptions of the file itself keep their traceback.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise LearnError(_("{path} is missing").format(path=path), _("install the course again"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
