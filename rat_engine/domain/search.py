"""What a search over everything finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FoundKind(StrEnum):
    """What was found."""

    PIPELINE = "pipeline"
    TABLE = "table"
    RUN = "run"
    SAVED_QUERY = "saved_query"
    NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found. ``key`` names it: ``namespace.layer.name``, a run's or saved query's id, a namespace; ``more`` says something about it."""

    kind: FoundKind
    key: str
    title: str
    more: str = ""
