"""Courses: tracks of exercises, read from manifests and found by name. Does not import torch."""

from learn_torch.course.catalogue import Catalogue, CoursePack, Exercise, Track
from learn_torch.course.data_sets import DataSet, Pictures, ProgressBar, Steps, silently
from learn_torch.course.grader_digest import grader_digest
from learn_torch.course.location import course_root
from learn_torch.course.manifests import CheckManifest, ExerciseManifest, Text, TrackManifest

__all__ = [
    "Catalogue",
    "CheckManifest",
    "CoursePack",
    "DataSet",
    "Exercise",
    "ExerciseManifest",
    "Pictures",
    "ProgressBar",
    "Steps",
    "Text",
    "Track",
    "TrackManifest",
    "course_root",
    "grader_digest",
    "silently",
]
