"""Consent: a workspace may use the plugins that it names only after its user has allowed it, as in direnv.

The code of a course runs with the user's permissions: graders in judges, references by `learn run-solution`. A
`learn.toml` can come from anybody, in an archive or a clone, so its plugins are used only after the user has agreed.
The consent holds for one folder and one text of `learn.toml`.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_state_path

from learn_torch.errors import TrustError, in_a_line
from learn_torch.files import write_atomically
from learn_torch.language import _
from learn_torch.workspace.folder import SETTINGS_FILE, Workspace


def is_trusted(workspace: Workspace) -> bool:
    """Whether a workspace may be used: it names no plugins, or this user has allowed its current `learn.toml`."""
    if not workspace.settings.plugins:
        return True
    try:
        return _record(workspace.root).read_bytes() == _consent(workspace)
    except (OSError, TrustError):
        return False


def trust(workspace: Workspace) -> None:
    """Allow a workspace with its current `learn.toml`. Raises TrustError if the consent cannot be saved."""
    record = _record(workspace.root)
    try:
        write_atomically(record, _consent(workspace))
    except OSError as error:
        raise _not_remembered(record, error) from error


def revoke(root: Path) -> bool:
    """Revoke the consent for the workspace in this folder. Returns whether there was one.

    Raises:
        TrustError: it cannot be revoked.
    """
    record = _record(root)
    try:
        record.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _not_remembered(record, error) from error
    return True


def _record(root: Path) -> Path:
    """The file with the consent for a folder."""
    return _state_folder() / "trusted" / _sha256(os.fsencode(_settings_of(root)))


def _consent(workspace: Workspace) -> bytes:
    """The saved consent: a line in the format of `sha256sum`. The path is there for people who read the file."""
    return f"{_sha256(workspace.text)}  ".encode() + os.fsencode(_settings_of(workspace.root)) + b"\n"


def _sha256(data: bytes) -> str:
    import hashlib  # imports OpenSSL, and most workspaces name no plugins

    return hashlib.sha256(data).hexdigest()


def _settings_of(root: Path) -> Path:
    # Only the folder is resolved: names in learn.toml are relative to its own folder, even if it is a symbolic link.
    return root.resolve() / SETTINGS_FILE


def _state_folder() -> Path:
    """`learn-torch` in the system's folder for the state of programs. It may not exist yet.

    A relative path is ignored: it would depend on the current folder, where others may have put a consent of their own.
    """
    shared = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(shared):  # platformdirs ignores this variable on Windows
        return Path(shared) / "learn-torch"
    try:
        folder = user_state_path("learn-torch", appauthor=False)
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        raise TrustError(
            _("your permission cannot be saved: there is no home folder"),
            _("set the environment variable HOME or XDG_STATE_HOME to an absolute path"),
        )
    return folder


def _not_remembered(record: Path, error: OSError) -> TrustError:
    return TrustError(
        _("{file} cannot be written: {reason}").format(file=record, reason=in_a_line(error)),
        _("set the environment variable XDG_STATE_HOME to a folder that you can write to"),
    )
