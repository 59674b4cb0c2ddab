"""Keyset pages: every list is cut in SQL and told how many there are in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from rat_engine.errors import ValidationError

MAX_LIMIT = 500
DEFAULT_LIMIT = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: the ``limit`` items that follow the item whose key is ``after``, or precede the one whose key is ``before``.

    ``offset`` serves the predecessor's callers.

    ``sort`` is one of the list's sort fields, or ``-field`` for descending; empty means the list's own order.
    """

    limit: int = DEFAULT_LIMIT
    after: str | None = None
    offset: int = 0
    sort: str = ""
    before: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValidationError(f"limit={self.limit} is out of range: choose 1 to {MAX_LIMIT}.")
        if self.offset < 0:
            raise ValidationError(f"offset={self.offset} is negative.")
        if self.before is not None and (self.after is not None or self.offset):
            raise ValidationError("A page is either after one item or before one: give one of after, before and offset.")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: ``items`` and ``total`` over all pages.

    ``next`` is the key to pass as ``after`` for the page that follows, ``previous`` the one to pass as ``before`` for the page in front;
    None where there is none.
    """

    items: tuple[T, ...]
    total: int
    next: str | None = None
    previous: str | None = None
