"""The learner's folder: `learn.toml`, who may use it, the submissions, and the progress."""

from learn_torch.workspace.folder import SETTINGS_FILE, Settings, Workspace
from learn_torch.workspace.results import Results

__all__ = ["SETTINGS_FILE", "Results", "Settings", "Workspace"]
