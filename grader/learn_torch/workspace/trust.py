"""Which workspaces may use the plugins that they name: those that this user has allowed, as direnv does it.

What a course brings is run: graders in judges, references by `learn run-solution`, all of it with everything that the
user may do. A `learn.toml` can come from anybody, in an archive or a clone, so it names plugins only once its reader
has agreed. A word of consent is remembered for one folder and one text of `learn.toml`.
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
    """Whether a workspace may be used: it names no plugins, or this user has allowed it as it is now."""
    if not workspace.settings.plugins:
        return True
    try:
        return _record(workspace.root).read_bytes() == _consent(workspace)
    except (OSError, TrustError):
        return False


def trust(workspace: Workspace) -> None:
    """Allow a workspace, as it is now. Raises TrustError where that cannot be remembered."""
    record = _record(workspace.root)
    try:
        write_atomically(record, _consent(workspace))
    except OSError as error:
        raise _not_remembered(record, error) from error


def revoke(root: Path) -> bool:
    """Take back what `trust` allowed to the workspace in this folder; whether it was.

    Raises:
        TrustError: it cannot be taken back.
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
    """What is remembered: a line as `sha256sum` writes them, with the path for whoever looks at the file."""
    return f"{_sha256(workspace.text)}  ".encode() + os.fsencode(_settings_of(workspace.root)) + b"\n"


def _sha256(data: bytes) -> str:
    import hashlib  # with OpenSSL behind it: late, as most workspaces name no plugins

    return hashlib.sha256(data).hexdigest()


def _settings_of(root: Path) -> Path:
    # The folder alone is resolved: what a learn.toml names is looked for from where it lies, wherever it links to.
    return root.resolve() / SETTINGS_FILE


def _state_folder() -> Path:
    """`learn-torch` in the folder that the system has for what programs remember. It may not exist yet.

    A path that is not absolute would lie in whatever folder is the current one, where others may have put consent of
    their own: it is ignored.
    """
    shared = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(shared):  # platformdirs asks for it everywhere but on Windows
        return Path(shared) / "learn-torch"
    try:
        folder = user_state_path("learn-torch", appauthor=False)
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        raise TrustError(
            _("there is no home folder in which it could be remembered what you allow"),
            _("set the environment variable HOME, or XDG_STATE_HOME, to a full path"),
        )
    return folder


def _not_remembered(record: Path, error: OSError) -> TrustError:
    return TrustError(
        _("{file} cannot be written: {reason}").format(file=record, reason=in_a_line(error)),
        _("set the environment variable XDG_STATE_HOME to a folder that you may write to"),
    )
