"""What can go wrong by somebody's doing rather than ours.

    LearnError                  wrong use: said in one line each of what, where and what next; exit code 2
    ├── ManifestError           an exercise.toml, track.toml or learn.toml is wrong, with file and line
    ├── UnknownExercise         a name that no exercise, or more than one, answers to
    ├── WorkspaceError          no workspace here, or one that cannot be used
    │   └── ForeignWorkspace    one whose learn.toml belongs to another user
    ├── TrustError              a workspace names plugins, and its user has not allowed that
    ├── DeviceError             a device was asked for that this machine does not have
    ├── DataError               a dataset that is not there or cannot be read
    ├── PluginError             a plugin that breaks the rules of the hooks
    ├── IsolationError          submissions cannot be isolated as well as was asked for
    ├── Cancelled               a check was cancelled before its end
    └── EngineError             the grading processes could not be started, or died; exit code 3

They are raised wherever they are noticed and caught once, in `learn_torch.cli`. Everything else keeps its traceback,
and exit code 3: it is ours to mend.
"""


class LearnError(Exception):
    """A mistake that its user can mend.

    Args:
        message: what is wrong, and where.
        hint: what to do next; empty where there is nothing to add.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ManifestError(LearnError):
    """A manifest that cannot be used."""


class UnknownExercise(LearnError):
    """A name that no exercise, or more than one, answers to."""


class WorkspaceError(LearnError):
    """No workspace, or one that cannot be used."""


class ForeignWorkspace(WorkspaceError):
    """A workspace whose `learn.toml` belongs to another user."""


class TrustError(LearnError):
    """A workspace names plugins, and its user has not allowed that."""


class DeviceError(LearnError):
    """A device that this machine does not have."""


class DataError(LearnError):
    """A dataset that is not there, or not what it says it is."""


class PluginError(LearnError):
    """A plugin that breaks the rules of the hooks."""


class IsolationError(LearnError):
    """Submissions cannot be isolated here as well as was asked for."""


class Cancelled(LearnError):
    """A check was cancelled from another thread. There is no report."""


class EngineError(LearnError):
    """The grading processes could not do their work."""

    exit_code = 3


def in_a_line(error: BaseException) -> str:
    """The first line of what an exception says, or its kind where it says nothing."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
