"""What a search over everything finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FoundKind(StrEnum):
    """What was found."""

    PIPELINE = "pipeline"
    TABLE = "table"
    COLUMN = "column"
    RUN = "run"
    SAVED_QUERY = "saved_query"
    NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found. ``more`` says something about it.

    ``key`` names it: ``namespace.layer.name``, for a column with its name after another dot, a run's or saved query's id, a namespace.
    ``place`` is the number of a column in its table, counted from 1.
    """

    kind: FoundKind
    key: str
    title: str
    more: str = ""
    place: int = 0

    @property
    def table(self) -> str:
        """The full name of the table or pipeline that it is, or is a column of."""
        return ".".join(self.key.split(".")[:3])
