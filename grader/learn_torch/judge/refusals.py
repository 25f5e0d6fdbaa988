"""Why an exception came: a check refuses processes, a network, a keyboard, and files that are not its own.

Python says "Permission denied" of most of it. This says what a check does not allow, and what to do instead.
"""

from __future__ import annotations

import importlib.util
import re

from learn_torch.language import _, sentences
from learn_torch.session.faults import RemoteError

_NETWORK = re.compile(
    r"socket|urllib|urlopen|urlretrieve|requests\.|http|connect\(|download|hub\.|pretrained|weights="
)
_NETWORK_KINDS = (
    *("URLError", "HTTPError", "gaierror", "timeout", "ConnectionError", "ConnectionRefusedError"),
    *("ConnectTimeout", "MaxRetryError", "NewConnectionError", "SSLError", "LocalEntryNotFoundError"),
)
_PROCESSES = re.compile(
    r"num_workers|subprocess|multiprocessing|Process|Pool|os\.(?:fork|system|popen|spawn|exec)|spawn"
)
_DENIED = re.compile(r"\[Errno (?:1|13|30)\]")
_PATH = re.compile(r"\[Errno \d+\][^:]*: (['\"].*['\"])")
_MISSING = re.compile(r"No module named '([\w.]+)'")
_LIBRARIES = frozenset(
    ("IPython", "albumentations", "cv2", "datasets", "einops", "h5py", "imageio", "ipywidgets", "jax", "keras",
     "lightning", "matplotlib", "pandas", "plotly", "pytorch_lightning", "requests", "scipy", "seaborn", "skimage",
     "sklearn", "tensorboardX", "tensorflow", "thop", "timm", "torchaudio", "torchinfo", "torchmetrics",
     "torchsummary", "torchtext", "tqdm", "transformers", "visdom", "wandb", "yaml")
)  # fmt: skip
"""Libraries that public code imports beside torch."""


def refusal(error: RemoteError, source: bytes, *, processes: bool = False) -> str:
    """What a check did not allow, and what to do instead; empty where that was not the reason.

    Args:
        error: what the submission raised.
        source: the submission.
        processes: whether this exercise allows processes.
    """
    line = error.lines[-1].text if error.lines else ""
    if error.kind == "ModuleNotFoundError" or "attempted relative import" in error.message:
        return _of_import(error)
    if error.kind == "EOFError" and "reading a line" in error.message:
        return _("A check has no keyboard: take values as parameters instead of asking with input().")
    if error.kind == "BdbQuit":
        return _("A check has no debugger: remove breakpoint(), and debug the file by running it yourself.")
    if error.kind in _NETWORK_KINDS or "name resolution" in error.message:
        return _no_network(error)
    if "builtins.OSError" in error.mro and _DENIED.search(error.message):
        return _of_system(error, line, source, processes=processes)
    if error.kind == "FileNotFoundError" and _at_import(error):
        return sentences(_("A check imports the file in an empty folder."), _not_at_import())
    if "DataLoader worker" in error.message or "can't start new thread" in error.message:
        return _no_processes()
    return ""


def _of_system(error: RemoteError, line: str, source: bytes, *, processes: bool) -> str:
    path = _PATH.search(error.message)
    if path is not None:
        if re.search(r"download\s*=\s*True", line):
            return _no_network(error)
        return _(
            "A check reads only the files that it is given, and writes only into its working folder: {path} is "
            "neither. Use the paths that your code is given, or a relative one."
        ).format(path=path[1])
    if _NETWORK.search(line):
        return _no_network(error)
    if not processes and (_PROCESSES.search(line) or "[Errno 1]" in error.message):
        return _no_processes()
    # A loop over a data loader says nothing of its workers: they are set elsewhere in the file.
    if not processes and _PROCESSES.search(source.decode("utf-8", "replace")):
        return _no_processes()
    return _("A check has no network, starts no processes, and writes only into its working folder.")


def _no_processes() -> str:
    return _(
        "A check starts no processes: leave num_workers at 0, and do without subprocess and multiprocessing."
    )


def _no_network(error: RemoteError) -> str:
    text = _("A check has no network and downloads nothing: use the data that your code is given.")
    return sentences(text, _not_at_import()) if _at_import(error) else text


def _at_import(error: RemoteError) -> bool:
    return bool(error.lines) and error.lines[0].function == "<module>"


def _not_at_import() -> str:
    return _(
        'What loads data or trains belongs under `if __name__ == "__main__":`, which a check does not run.'
    )


def _of_import(error: RemoteError) -> str:
    found = _MISSING.search(error.message)
    name = found[1].partition(".")[0] if found else ""
    if name in _LIBRARIES:
        text = _("{name} is not installed where checks run, and no exercise needs it: remove the import.")
        return text.format(name=name)
    if name and _is_installed(name):  # a library is there, but no such part of it
        return ""
    return _("A submission is checked alone, in one file: write what it needs into this file.")


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:  # it is loaded, but not from a library: `__main__`
        return True
