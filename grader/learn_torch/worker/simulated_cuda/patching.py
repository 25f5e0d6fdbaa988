"""Replaces attributes while the simulation is on, and restores them afterwards."""

from __future__ import annotations

from typing import Any

_MISSING = object()


class Patches:
    """Remembers the original of every replaced attribute."""

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replace ``owner.name``; ``undo`` deletes it if ``owner`` only inherited the attribute."""
        self._replaced.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def set_existing(self, owner: Any, values: dict[str, Any]) -> None:
        """Replace the attributes that this version of torch has."""
        for name, value in values.items():
            if hasattr(owner, name):
                self.set(owner, name, value)

    def undo(self) -> None:
        """Restore everything."""
        while self._replaced:
            owner, name, value = self._replaced.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
