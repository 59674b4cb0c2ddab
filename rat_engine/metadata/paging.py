"""Keyset pages in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, RowMapping, Select, func, select, tuple_

from rat_engine.domain.paging import Page, PageRequest
from rat_engine.errors import ValidationError

T = TypeVar("T")


def fetch_page(
    connection: Connection,
    query: Select[Any],
    keys: Sequence[Column[Any]],
    request: PageRequest,
    convert: Callable[[Row[Any]], T],
    descending: bool = False,
) -> Page[T]:
    """The page of ``query`` that ``request`` names, in the order of ``keys``, which are unique together and among its columns.

    The cursor is the keys' values joined by dots. Raises ValidationError for a cursor of another shape.
    """
    total = connection.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()
    if request.after is not None:
        position = tuple_(*_decode(request.after, keys))
        query = query.where(tuple_(*keys) < position if descending else tuple_(*keys) > position)
    query = query.order_by(*(key.desc() if descending else key.asc() for key in keys))
    rows = connection.execute(query.limit(request.limit + 1).offset(request.offset)).all()
    shown = rows[: request.limit]
    following = _encode(shown[-1], keys) if len(rows) > request.limit else None
    return Page(tuple(map(convert, shown)), total, following)


def _encode(row: Row[Any], keys: Sequence[Column[Any]]) -> str:
    values: RowMapping = row._mapping  # pyright: ignore[reportPrivateUsage] - public in all but spelling
    return ".".join(str(values[key]) for key in keys)


def _decode(cursor: str, keys: Sequence[Column[Any]]) -> list[Any]:
    parts = cursor.split(".")
    try:
        if len(parts) != len(keys):
            raise ValueError
        return [key.type.python_type(part) for key, part in zip(keys, parts, strict=True)]
    except ValueError:
        raise ValidationError(f"after={cursor[:100]!r} is not a cursor of this list: pass the 'next' of the page before.") from None


def contains(column: Column[Any], text: str) -> Any:
    """Whether ``column`` contains ``text``, ignoring case, with ``%`` and ``_`` taken literally."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(column).like(f"%{escaped}%", escape="\\")
