"""Wait for a query without holding a thread that others need, and answer with its rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from fastapi import Request
from starlette.requests import ClientDisconnect

from rat_app.api.errors import raise_query_error
from rat_app.engine import call, engine, portal
from rat_engine import Actor, ConflictError, EventKind, Query, QueryTimeoutError, shapes

# A query ends by its own limit; this one is for a queue that does not move.
QUEUE_SECONDS = 60.0
# As long as the engine lets what is made of a result take, and a queue before it.
MAKING_SECONDS = 3_600.0 + QUEUE_SECONDS
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


async def ended(request: Request, actor: Actor, query: Query, seconds: float | None = None) -> Query:
    """The query once it has ended; at most ``seconds``, by default a query's own limit and the queue's.

    Raises QueryTimeoutError when it did not in time, ClientDisconnect when nobody waits any more. Either way it is cancelled.
    """
    limit = seconds or engine().settings.query_timeout_seconds + QUEUE_SECONDS
    try:
        found = await seen(request, actor, query.id, limit)
    except ClientDisconnect:
        await _cancel(actor, query)
        raise
    if not found.status.final:
        await _cancel(actor, query)
        raise QueryTimeoutError(f"The query did not end within {limit:.0f} seconds and was cancelled. The queue may be full; try again later.")
    return found


async def seen(request: Request, actor: Actor, query_id: str, seconds: float) -> Query:
    """The query once it has ended, or as it stands after ``seconds``. Raises NotFoundError, ClientDisconnect when nobody waits any more."""
    gone = asyncio.create_task(_disconnected(request))
    waiting = asyncio.create_task(_wait(actor, query_id))
    try:
        done, _ = await asyncio.wait({gone, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done:
            return waiting.result()
        if gone in done:
            raise ClientDisconnect
        return await call(engine().queries.get, actor, query_id)
    finally:
        for task in (gone, waiting):
            task.cancel()


async def all_ended(request: Request, actor: Actor, queries: Sequence[Query]) -> list[Query]:
    """Every one of ``queries`` once it has ended. Raises as ``ended``; then all that go on are cancelled."""
    ends = list[Query]()
    try:
        for query in queries:
            ends.append(await ended(request, actor, query))
    finally:
        for query in queries[len(ends) :]:
            await _cancel(actor, query)
    return ends


async def _cancel(actor: Actor, query: Query) -> None:
    # A conflict: it ended by itself in the same moment.
    with contextlib.suppress(ConflictError):
        await call(engine().queries.cancel, actor, query.id)


async def _wait(actor: Actor, query_id: str) -> Query:
    with portal().watch(lambda event: event.kind is EventKind.QUERY_FINISHED and event.subject == query_id, [f"query:{query_id}"]) as watcher:
        while True:
            current = await call(engine().queries.get, actor, query_id)
            if current.status.final:
                return current
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_NET_SECONDS):
                    await watcher.next()


async def _disconnected(request: Request) -> None:
    """Return when the client has gone away. The body has been read, so whatever comes next is that."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
