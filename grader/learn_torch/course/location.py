"""The location of the built-in course."""

from pathlib import Path


def course_root() -> Path:
    """The folder of the built-in course: inside an installed wheel, or the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "course_data"
    return installed if installed.is_dir() else package.parents[1]
