"""Wait for a query without holding a thread that others need, and answer with its rows."""

from __future__ import annotations

import asyncio
import contextlib

from fastapi import Request
from starlette.requests import ClientDisconnect

from rat_app.api.errors import raise_query_error
from rat_app.engine import call, engine, portal
from rat_engine import Actor, ConflictError, EventKind, Query, QueryTimeoutError, shapes

# A query ends by its own limit; this one is for a queue that does not move.
QUEUE_SECONDS = 60.0
SAFETY_NET_SECONDS = 2.0
WINDOW_ROWS = 5_000


async def answer_of(request: Request, actor: Actor, query: Query, limit: int) -> shapes.QueryResult:
    """The query's first ``limit`` rows once it has succeeded.

    Raises the query's own error when it failed, QueryTimeoutError when it did not end in time, ClientDisconnect when nobody waits any more.
    """
    done = await ended(request, actor, query)
    raise_query_error(done)
    window = await call(engine().queries.rows, actor, query.id, 0, min(limit, WINDOW_ROWS))
    rows = window.rows
    while len(rows) < min(limit, window.total):
        rows += (await call(engine().queries.rows, actor, query.id, len(rows), min(limit - len(rows), WINDOW_ROWS))).rows
    return shapes.QueryResult.of(done, rows)


async def ended(request: Request, actor: Actor, query: Query) -> Query:
    """The query once it has ended. Raises QueryTimeoutError when it did not in time, ClientDisconnect when nobody waits any more."""
    gone = asyncio.create_task(_disconnected(request))
    waiting = asyncio.create_task(_wait(actor, query))
    limit = engine().settings.query_timeout_seconds + QUEUE_SECONDS
    try:
        done, _ = await asyncio.wait({gone, waiting}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done:
            return waiting.result()
        with contextlib.suppress(ConflictError):
            await call(engine().queries.cancel, actor, query.id)
        if gone in done:
            raise ClientDisconnect
        raise QueryTimeoutError(f"The query did not end within {limit:.0f} seconds and was cancelled. The queue may be full; try again later.")
    finally:
        for task in (gone, waiting):
            task.cancel()


async def _wait(actor: Actor, query: Query) -> Query:
    with portal().watch(lambda event: event.kind is EventKind.QUERY_FINISHED and event.subject == query.id, [f"query:{query.id}"]) as watcher:
        while True:
            current = await call(engine().queries.get, actor, query.id)
            if current.status.final:
                return current
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_NET_SECONDS):
                    await watcher.next()


async def _disconnected(request: Request) -> None:
    """Return when the client has gone away. The body has been read, so whatever comes next is that."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
