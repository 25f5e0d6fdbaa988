"""The built-in course, registered through the same hooks as anybody's."""

from __future__ import annotations

from learn_torch.course import CoursePack, DataSet, course_root
from learn_torch.hookspecs import hookimpl


@hookimpl
def learn_courses() -> list[CoursePack]:
    """The core track."""
    return [CoursePack("learn-torch", course_root())]


@hookimpl
def learn_data_sets() -> list[DataSet]:
    """The data sets that come with the course."""
    from learn_torch.runs.data.sets import BUILT_IN

    return list(BUILT_IN)
