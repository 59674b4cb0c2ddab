"""Extensions by entry point: built-in ones and those of installed packages under one name."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from rat_engine.domain.names import nearest
from rat_engine.errors import ValidationError

T = TypeVar("T")


class Extensions(Generic[T]):
    """The extensions of one kind. Installed packages are looked at only when a name is not built in; they cannot replace one that is."""

    def __init__(self, group: str, builtin: Mapping[str, T]) -> None:
        self._group = group
        self._known = dict(builtin)
        self._lock = threading.Lock()

    def get(self, name: str) -> T:
        """The extension called ``name``. Raises ValidationError naming the nearest."""
        with self._lock:
            if name not in self._known:
                self._known[name] = self._load(name)
            return self._known[name]

    def _load(self, name: str) -> T:
        installed = {point.name: point for point in entry_points(group=self._group)}
        if name not in installed:
            known = {*self._known, *installed}
            raise ValidationError(f"There is no {name!r} among {self._group}: {', '.join(sorted(known))}. {nearest(name, known)}".rstrip())
        return cast("T", installed[name].load())
