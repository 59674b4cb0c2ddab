"""What the Query page and the preview share: a query as they show it, and waiting for its end without asking again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from rat_app.engine import call, engine, portal
from rat_engine import Actor, ConflictError, EventKind, Query, QueryStatus

# How often it is looked whether anybody still waits, and after how many looks at nobody a query is stopped: a connection may break for a moment.
LOOK_SECONDS = 2.0
LOOKS = 2


@dataclass(frozen=True)
class QueryView:
    """A query: where it stands, what its rows look like and where they are, or why it failed and where (from 1; 0: unknown)."""

    id: str = ""
    status: str = ""
    columns: tuple[dict[str, str], ...] = field(default=())
    rows: int = 0
    truncated: bool = False
    milliseconds: float | None = None
    started: str = ""
    code: str = ""
    message: str = ""
    line: int = 0
    column: int = 0
    sql: str = ""
    excerpt: str = ""
    url: str = ""

    @classmethod
    def of(cls, query: Query) -> QueryView:
        """What is shown of ``query``."""
        return cls(
            query.id,
            query.status.value,
            tuple({"name": column.name, "type": column.type} for column in query.columns),
            query.row_count,
            query.truncated,
            query.duration_ms,
            str(query.created_at),
            query.error_code,
            query.error_message,
            query.error_line,
            query.error_column,
            query.sql,
            excerpt(query.sql, query.error_line, query.error_column),
            f"/api/v1/queries/{query.id}/rows" if query.status is QueryStatus.SUCCESS else "",
        )


def excerpt(text: str, line: int, column: int) -> str:
    """The line of ``text`` that an error is in, with a caret below its column; empty where it is unknown."""
    lines = text.splitlines()
    if not 1 <= line <= len(lines):
        return ""
    # A tab before the column stays a tab, so that the caret stands below what it means.
    before = "".join(character if character == "\t" else " " for character in lines[line - 1][: max(column - 1, 0)])
    return f"{lines[line - 1]}\n{before}^"


async def finished(actor: Actor, query: Query, left: Callable[[], bool] = lambda: False) -> Query:
    """``query`` once it has ended. It is cancelled when whoever asked has ``left``, and has not come back by the next look."""
    absent = 0
    with portal().watch(lambda event: event.kind == EventKind.QUERY_FINISHED and event.subject == query.id) as watcher:
        while True:
            query = await call(engine().queries.get, actor, query.id)
            if query.status.final:
                return query
            absent = absent + 1 if left() else 0
            if absent == LOOKS:
                with contextlib.suppress(ConflictError):
                    await call(engine().queries.cancel, actor, query.id)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await watcher.next()
