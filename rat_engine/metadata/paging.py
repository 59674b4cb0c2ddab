"""Keyset pages in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, RowMapping, Select, and_, func, literal, select, tuple_

from rat_engine.domain.paging import Page, PageRequest
from rat_engine.errors import ValidationError

T = TypeVar("T")

Sorting = ColumnElement[Any] | tuple[ColumnElement[Any], ...]

FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: by ``keys``, which are unique together, or by one of ``sorts`` (the allow-list) and then the keys.

    A sort is a column or several, one after the other. ``descending`` is the direction of the keys when nothing is asked for.
    """

    keys: Sequence[Column[Any]]
    descending: bool = False
    sorts: Mapping[str, Sorting] = field(default_factory=dict[str, Sorting])

    def columns(self, sort: str) -> tuple[list[ColumnElement[Any]], bool]:
        """What to order by for ``sort`` (a name, or ``-name`` for descending), and whether descending. Raises ValidationError."""
        if not sort:
            return list(self.keys), self.descending
        name = sort.removeprefix("-")
        if name not in self.sorts:
            raise ValidationError(f"sort={sort[:60]!r} is not possible here: choose {', '.join(sorted(self.sorts))}, with a minus sign for descending.")
        sorting = self.sorts[name]
        if sorting is self.keys[0]:
            return list(self.keys), sort.startswith("-")
        columns = sorting if isinstance(sorting, tuple) else (sorting,)
        return [*map(_never_null, columns), *self.keys], sort.startswith("-")


def fetch_page(
    connection: Connection, query: Select[Any], order: Order, request: PageRequest, convert: Callable[[Row[Any]], T], counted: Select[Any] | None = None
) -> Page[T]:
    """The page of ``query`` that ``request`` names; the keys of ``order`` are among the query's columns.

    ``counted`` has as many rows as ``query`` and is cheaper to count, when there is such a thing.

    A cursor is the keys' values of a row, joined by dots. Raises ValidationError for a cursor or sort of another list.
    """
    total = connection.execute(select(func.count()).select_from((query if counted is None else counted).order_by(None).subquery())).scalar_one()
    found, more = _rows(connection, query, order, request)
    if request.before is not None and not more:
        # What was in front of them has gone, or it is the first page: that one is full.
        request = replace(request, before=None)
        found, more = _rows(connection, query, order, request)
    ends = (_encode(found[0], order.keys), _encode(found[-1], order.keys)) if found else (None, None)
    backwards = request.before is not None
    previous = ends[0] if backwards or request.after is not None or request.offset else None
    return Page(tuple(map(convert, found)), total, ends[1] if backwards or more else None, previous)


def _rows(connection: Connection, query: Select[Any], order: Order, request: PageRequest) -> tuple[Sequence[Row[Any]], bool]:
    """The rows of a page in the list's order, and whether there are more in the direction in which they are read: backwards from ``before``."""
    columns, descending = order.columns(request.sort)
    backwards = request.before is not None
    cursor = request.before if backwards else request.after
    down = descending != backwards
    if cursor is not None:
        position = tuple_(*_position(connection, query, order.keys, columns, cursor))
        query = query.where(tuple_(*columns) < position if down else tuple_(*columns) > position)
    query = query.order_by(*(column.desc() if down else column.asc() for column in columns))
    rows = connection.execute(query.limit(request.limit + 1).offset(request.offset)).all()
    found = rows[: request.limit]
    return found[::-1] if backwards else found, len(rows) > request.limit


def contains(column: Column[Any], text: str) -> Any:
    """Whether ``column`` contains ``text``, ignoring case, with ``%`` and ``_`` taken literally."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(column).like(f"%{escaped}%", escape="\\")


def _never_null(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(column, literal(FIRST_MOMENT, column.type)) if getattr(column, "nullable", False) else column


def _encode(row: Row[Any], keys: Sequence[Column[Any]]) -> str:
    values: RowMapping = row._mapping  # pyright: ignore[reportPrivateUsage] - public in all but spelling
    return ".".join(str(values[key]) for key in keys)


def _position(connection: Connection, query: Select[Any], keys: Sequence[Column[Any]], columns: Sequence[ColumnElement[Any]], cursor: str) -> list[Any]:
    """The values of ``columns`` in the row that the cursor names. Without a sort these are the keys themselves, and the row may be gone."""
    values = _decode(cursor, keys)
    further = columns[: len(columns) - len(keys)]
    if not further:
        return values
    same = and_(*(key == value for key, value in zip(keys, values, strict=True)))
    row = connection.execute(query.with_only_columns(*further).where(same)).one_or_none()
    if row is None:
        raise ValidationError(f"The cursor {cursor[:100]!r} names a row that is not in this list any more. Begin with the first page.")
    return [*(literal(value, column.type) for value, column in zip(row, further, strict=True)), *values]


def _decode(cursor: str, keys: Sequence[Column[Any]]) -> list[Any]:
    parts = cursor.split(".")
    try:
        if len(parts) != len(keys):
            raise ValueError
        return [key.type.python_type(part) for key, part in zip(keys, parts, strict=True)]
    except ValueError:
        raise ValidationError(f"The cursor {cursor[:100]!r} is not one of this list: pass the 'next' of the page before.") from None
