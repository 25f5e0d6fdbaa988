"""Build hook: carries the built-in course into the wheel.

In a checkout the course stands in five folders: `exercises`, `solutions`, `grader/checks`, `grader/traces`, `datasets`.
In a wheel the same five stand under `learn_torch/course_data`. An editable install gets none of them: it reads the
checkout, so that an edited exercise is never stale.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("exercises", "solutions", "grader/checks", "grader/traces", "datasets")


class CourseHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the course's folders to a standard wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Map every course file into `learn_torch/course_data`, unless the build is an editable one."""
        if version == "editable":
            return
        root = Path(self.root)
        for folder in FOLDERS:
            for path in sorted((root / folder).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    inside = path.relative_to(root).as_posix()
                    build_data["force_include"][str(path)] = f"learn_torch/course_data/{inside}"
