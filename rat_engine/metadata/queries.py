"""SQL for queries and previews as a person sees them; what the supervisor writes is in ``jobs``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from rat_engine.domain.clock import new_id, now
from rat_engine.domain.lake import QUERY, Column, Query, QueryFilter, QueryStatus
from rat_engine.domain.paging import Page, PageRequest
from rat_engine.domain.result import PASSING
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t
from rat_engine.metadata.paging import Order, contains, fetch_page

_ORDER = Order((t.query.c.id,), descending=True, sorts={"created_at": t.query.c.created_at, "row_count": t.query.c.row_count})


def insert_query(connection: Connection, kind: str, sql: str, namespace: str, actor: str) -> str:
    """Ask for a query (``kind`` query, preview or estimate); its id."""
    query_id = new_id()
    values = {"kind": kind, "sql": sql, "actor": actor, "namespace": namespace, "status": QueryStatus.PENDING.value, "created_at": now()}
    connection.execute(insert(t.query), {"id": query_id, "columns": [], **values})
    return query_id


def fetch_query(connection: Connection, query_id: str, kind: str = "") -> Query:
    """One query, of ``kind`` where one is given. Raises NotFoundError."""
    row = connection.execute(select(t.query).where(t.query.c.id == query_id)).one_or_none()
    if row is None or (kind and row.kind != kind):
        raise NotFoundError(f"There is no {kind or QUERY} {query_id[:40]!r}.")
    return query_of(row)


def fetch_queries(connection: Connection, actor: str, wanted: QueryFilter, page: PageRequest) -> Page[Query]:
    """The queries that ``actor`` asked, newest first; previews and estimates are not among them."""
    query = select(t.query).where(t.query.c.kind == QUERY, t.query.c.actor == actor)
    if wanted.search:
        query = query.where(contains(t.query.c.sql, wanted.search))
    if wanted.status is not None:
        query = query.where(t.query.c.status == wanted.status.value)
    return fetch_page(connection, query, _ORDER, page, query_of)


def fetch_answer(connection: Connection, query_id: str) -> Mapping[str, Any]:
    """What a query without rows found out. Raises NotFoundError."""
    answer = connection.execute(select(t.query.c.answer).where(t.query.c.id == query_id)).scalar()
    if answer is None:
        raise NotFoundError(f"Query {query_id[:40]!r} has no answer.")
    return answer


def delete_query(connection: Connection, query_id: str) -> None:
    """Forget a query."""
    connection.execute(delete(t.query).where(t.query.c.id == query_id))


def delete_before(connection: Connection, moment: datetime, most: int) -> tuple[str, ...]:
    """Forget at most ``most`` of the oldest queries, those that were asked before ``moment`` and have ended; their ids."""
    # Ids sort by creation, so the oldest are found by the primary key, however long the history is.
    final = [status.value for status in QueryStatus if status.final]
    oldest = connection.execute(select(t.query.c.id, t.query.c.created_at, t.query.c.status).order_by(t.query.c.id).limit(most)).all()
    gone = tuple(row.id for row in oldest if row.created_at < moment and row.status in final)
    if gone:
        connection.execute(delete(t.query).where(t.query.c.id.in_(gone)))
    return gone


def delete_passing(connection: Connection, moment: datetime) -> None:
    """Forget what was asked in passing before ``moment`` and has ended: whoever asked did not come back for the answer."""
    final = [status.value for status in QueryStatus if status.final]
    left = (t.query.c.kind.in_(PASSING), t.query.c.created_at < moment, t.query.c.status.in_(final))
    connection.execute(delete(t.query).where(*left))


def query_of(row: Row[Any]) -> Query:
    """A query from its row."""
    ended = row.finished_at - row.started_at if row.finished_at and row.started_at else None
    return Query(
        id=row.id,
        sql=row.sql,
        status=QueryStatus(row.status),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        duration_ms=ended.total_seconds() * 1000 if ended is not None else None,
        columns=tuple(Column(column["name"], column["type"]) for column in row.columns),
        row_count=row.row_count,
        truncated=row.truncated,
        error_code=row.error_code,
        error_message=row.error_message,
        error_line=row.error_line,
        error_column=row.error_column,
        namespace=row.namespace,
        progress=row.progress,
    )
