"""The learner's folder: `learn.toml`, who may use it, the submissions, and the progress."""

from learn_torch.workspace.folder import SETTINGS_FILE, Settings, Workspace
from learn_torch.workspace.progress import Progress

__all__ = ["SETTINGS_FILE", "Progress", "Settings", "Workspace"]
