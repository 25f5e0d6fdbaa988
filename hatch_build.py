"""Build hook: compiles the translations, and carries the built-in course into the wheel.

In a checkout the course stands in five folders: `exercises`, `solutions`, `grader/checks`, `grader/traces`, `datasets`.
In a wheel the same five stand under `learn_torch/course_data`. An editable install gets none of them: it reads the
checkout, so that an edited exercise is never stale.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("exercises", "solutions", "grader/checks", "grader/traces", "datasets")


class CourseHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled translations and the course's folders to a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile beside the sources, for an editable build too; map the course into a standard wheel."""
        root = Path(self.root)
        for text in root.glob("grader/learn_torch/locale/*/LC_MESSAGES/*.po"):
            with text.open("rb") as source, text.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(source))
        build_data["artifacts"].append("*.mo")  # git ignores them, and so would hatch
        if version == "editable":
            return
        for folder in FOLDERS:
            for path in sorted((root / folder).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    inside = path.relative_to(root).as_posix()
                    build_data["force_include"][str(path)] = f"learn_torch/course_data/{inside}"
