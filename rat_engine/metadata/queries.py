"""SQL for queries and previews as a person sees them; what the supervisor writes is in ``jobs``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from rat_engine.domain.clock import new_id, now
from rat_engine.domain.lake import Column, Query, QueryStatus
from rat_engine.errors import NotFoundError
from rat_engine.metadata import tables as t


def insert_query(connection: Connection, kind: str, sql: str, namespace: str, actor: str) -> str:
    """Ask for a query (``kind`` query or preview); its id."""
    query_id = new_id()
    values = {"kind": kind, "sql": sql, "actor": actor, "namespace": namespace, "status": QueryStatus.PENDING.value, "created_at": now()}
    connection.execute(insert(t.query).values(id=query_id, columns=[], **values))
    return query_id


def fetch_query(connection: Connection, query_id: str) -> Query:
    """One query. Raises NotFoundError."""
    row = connection.execute(select(t.query).where(t.query.c.id == query_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no query {query_id[:40]!r}.")
    return _query(row)


def _query(row: Row[Any]) -> Query:
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
    )
