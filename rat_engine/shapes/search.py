"""What a search finds, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from rat_engine.domain import search as domain_search
from rat_engine.domain.search import FoundKind
from rat_engine.shapes.base import Shape


class Found(Shape):
    """One thing found."""

    kind: FoundKind = Field(description="What it is.", examples=["pipeline"])
    key: str = Field(
        description="What names it: `namespace.layer.name` (for a column: and its name), an id, or a namespace.",
        examples=["flights.silver.flights"],
    )
    title: str = Field(description="Its name for people.", examples=["flights.silver.flights"])
    more: str = Field(description="Something about it; may be empty.", examples=["One row a flight"])


class FoundList(Shape):
    """What was found, the best first within each kind."""

    found: tuple[Found, ...] = Field(description="What was found.")
    total: int = Field(description="How many are shown.", examples=[1])

    @classmethod
    def of(cls, found: Sequence[domain_search.Found]) -> FoundList:
        """The shape of what was found."""
        shown = tuple(Found(kind=each.kind, key=each.key, title=each.title, more=each.more) for each in found)
        return cls(found=shown, total=len(shown))
