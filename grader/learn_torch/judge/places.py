"""The folders of one check, under names that a learner can read, and what is in them.

A submission works in a folder that exists for one check, and so do the files that it is given. Their paths say nothing:
messages call them `/work` and `/data`, and show what the folder in question contains.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from learn_torch.escaping import printable
from learn_torch.language import _

_DATA, _WORK = "/data", "/work"
_SHOWN = 8
"""How many names of a folder are shown."""
_MOST = 1000
"""How many entries are looked at, whatever there is."""
_SEPARATOR = r"[/\\]+"


class Places:
    """Names for the temporary folders of a check.

    Args:
        given: the folders in which a grader makes folders of given files.
        scratch: the folder in which the submission works.
    """

    def __init__(self, given: Sequence[str], scratch: str) -> None:
        self._given, self._scratch = given, scratch
        # The submission works beside the given files: a relative path to them goes up first.
        relative = [rf"(?<![\w/\\])(?:\.\.{_SEPARATOR})+{re.escape(os.path.basename(one))}" for one in given]
        whole = [re.escape(one) for one in given]
        self._folder = re.compile(rf"(?:{'|'.join(whole + relative)}){_SEPARATOR}(\w+)") if given else None
        self._cut = [one for one in (*given, scratch) if one]

    def named(self, text: str) -> str:
        """`text` with these names in place of the paths."""
        if self._folder is not None:
            text = self._folder.sub(lambda found: f"..{_DATA}" if found[0].startswith("..") else _DATA, text)
        for path, name in (*((one, _DATA) for one in self._given), (self._scratch, _WORK)):
            text = text.replace(path, name) if path else text
        return self._without_cut_paths(text)

    def _without_cut_paths(self, text: str) -> str:
        """Where a text was cut inside of such a path, nothing of the path is left."""
        *heads, rest = text.split("…")
        return "…".join([*map(self._without_cut_path, heads), rest])

    def _without_cut_path(self, head: str) -> str:
        for path in self._cut:
            if path[:5] in head[-len(path) :]:
                length = next((n for n in range(len(path), 4, -1) if head.endswith(path[:n])), 0)
                head = head[: len(head) - length]
        return head

    def contents(self, asked: str) -> list[str]:
        """What is in the folders that a call is about, a line for each; nothing where it is about a file."""
        if self._folder is None or (found := self._folder.search(asked)) is None:
            return []
        root = next((path for one in self._given if os.path.isdir(path := os.path.join(one, found[1]))), "")
        named = [path for path in _entries(root) if root and _names(asked, path)]
        if any(not os.path.isdir(os.path.join(root, path)) for path in named):
            return []
        deepest = max((path.count(os.sep) + 1 for path in named), default=0)
        folders = [path for path in named if path.count(os.sep) + 1 == deepest] or [""]
        return [_listed(root, folder) for folder in folders[:2]] if root else []


def _entries(root: str) -> Iterator[str]:
    """Paths below `root`, relative to it: files and folders, no more than `_MOST`."""

    def walk() -> Iterator[str]:
        for place, folders, files in os.walk(root):
            for name in (*folders, *files):
                yield os.path.relpath(os.path.join(place, name), root)

    return islice(walk(), _MOST)


def _names(asked: str, path: str) -> bool:
    """Whether a call names every part of this path."""
    parts = [printable(part) for part in path.split(os.sep)]
    return all(part in asked for part in parts) and all(
        re.search(rf"[/\\'\"]{re.escape(part)}(?=[/\\'\"])", asked) for part in parts
    )


def _listed(root: str, folder: str) -> str:
    with os.scandir(os.path.join(root, folder)) as entries:
        found = sorted(entry.name + "/" * entry.is_dir() for entry in islice(entries, _MOST))
    shown = ", ".join(map(repr, found[:_SHOWN])) or _("(empty)")
    if len(found) > _SHOWN:
        shown += ", " + _("… ({n} in all)").format(n=len(found))
    return f"{_DATA}/{folder.replace(os.sep, '/')}: ".replace("/:", ":") + printable(shown)
