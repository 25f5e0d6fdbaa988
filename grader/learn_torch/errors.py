"""Errors that are not bugs of learn-torch.

    LearnError                  wrong use; says what is wrong, where, and what to do next; exit code 2
    ├── ManifestError           an exercise.toml, track.toml or learn.toml is wrong; with file and line
    ├── UnknownExercise         no exercise has this name, or more than one has
    ├── WorkspaceError          there is no workspace here, or it cannot be used
    │   └── ForeignWorkspace    its learn.toml belongs to another user
    ├── TrustError              a workspace names plugins, and its user has not allowed that
    ├── DeviceError             this machine does not have the requested device
    ├── DataError               a dataset is missing or cannot be read
    ├── PluginError             a plugin breaks the rules of the hooks
    ├── IsolationError          submissions cannot be isolated as well as requested
    ├── Cancelled               a check was cancelled before its end
    └── EngineError             the grading processes could not be started, or died; exit code 3

They are raised where the problem is found and caught in one place, `learn_torch.cli`. Any other exception is a bug of
learn-torch: it keeps its traceback and exits with code 3.
"""


class LearnError(Exception):
    """A mistake that the user can fix.

    Args:
        message: what is wrong, and where.
        hint: what to do next; empty if there is nothing to add.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ManifestError(LearnError):
    """A manifest that cannot be used."""


class UnknownExercise(LearnError):
    """No exercise has this name, or more than one has."""


class WorkspaceError(LearnError):
    """There is no workspace, or it cannot be used."""


class ForeignWorkspace(WorkspaceError):
    """A workspace whose `learn.toml` belongs to another user."""


class TrustError(LearnError):
    """A workspace names plugins, and its user has not allowed that."""


class DeviceError(LearnError):
    """A device that this machine does not have."""


class DataError(LearnError):
    """A dataset that is missing, or does not contain what it should."""


class PluginError(LearnError):
    """A plugin that breaks the rules of the hooks."""


class IsolationError(LearnError):
    """Submissions cannot be isolated here as well as requested."""


class Cancelled(LearnError):
    """A check was cancelled from another thread. There is no report."""


class EngineError(LearnError):
    """The grading processes could not do their work."""

    exit_code = 3


def in_a_line(error: BaseException) -> str:
    """The first line of an exception's message, or the name of its class if it has no message."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
