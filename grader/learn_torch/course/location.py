"""Where the built-in course lies."""

from pathlib import Path


def course_root() -> Path:
    """The folder that holds the built-in course: inside an installed wheel, or the checkout's top."""
    package = Path(__file__).parents[1]
    installed = package / "course_data"
    return installed if installed.is_dir() else package.parents[1]
