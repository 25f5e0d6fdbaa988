"""The built-in course, registered through the same hooks as anybody's."""

from __future__ import annotations

from pathlib import Path

from learn_torch.course import CoursePack, DataSet
from learn_torch.hookspecs import hookimpl


def course_root() -> Path:
    """The folder that holds the built-in course: inside an installed wheel, or the checkout's top."""
    package = Path(__file__).parent
    installed = package / "course_data"
    return installed if installed.is_dir() else package.parents[1]


@hookimpl
def learn_courses() -> list[CoursePack]:
    """The core track."""
    return [CoursePack("learn-torch", course_root())]


@hookimpl
def learn_data_sets() -> list[DataSet]:
    """The data sets that come with the course."""
    from learn_torch.runs.data_sets import BUILT_IN

    return list(BUILT_IN)
