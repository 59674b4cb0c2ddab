"""A run's log, live: the state holds the newest piece and where it belongs; the view keeps the lines and asks for what it misses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from rat_app.engine import Watcher, call, engine, portal
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import connected
from rat_app.state.run.detail import requested_attempt, run_at
from rat_engine import Action, LogChunk, LogLine, iso

# Pieces after the first come at least this far apart, or as far as sending one took: many readers make each other's pieces larger, not later
# and later. They hold at most so much.
QUIET_SECONDS = 0.05
# After a pause the place where the log stands is said once more, so that the loss of the last piece is noticed as well.
MARK_SECONDS = 1.0
MAX_PIECE_BYTES = 48 * 1024
MAX_PIECE_LINES = 1_000
# Of a long log only the last lines are sent; those before are fetched by page when somebody scrolls up to them.
TAIL_LINES = 2_000


@dataclass(frozen=True)
class Piece:
    """Consecutive lines as the view takes them: the number of the first, each as (time, level, message), and the number after the last."""

    start: int = 0
    lines: tuple[tuple[str | None, str, str], ...] = ()
    end: int = 0

    @classmethod
    def of(cls, start: int, lines: Sequence[LogLine]) -> Piece:
        """The piece of ``lines``, the first of which has the number ``start``."""
        return cls(start, tuple((iso(line.at), line.level.value, line.message) for line in lines), start + len(lines))


class RunLogState(rx.State):
    """The log of the run whose page is open."""

    url: rx.Field[str] = rx.field(default="")
    piece: rx.Field[Piece] = rx.field(default_factory=Piece)
    ended: rx.Field[bool] = rx.field(default=False)
    begun: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.RUN_READ, "follow the log", does="runs.log", shows="failure", follows=True)
    async def follow(self) -> None:
        """Send the log as it grows, until its run or the attempt of the address has ended, the page is left or the connection is gone."""
        path, session = self.router.url.path, (self.router.session.client_token, self.router.session.session_id)
        run_id, wanted = run_at(path), requested_attempt(self)
        async with self:
            self.ended, self.piece = False, Piece()
        attempt, cursor, marked = -1, 0, True
        with portal().watch(lambda event: event.subject == run_id, (f"log:{run_id}",)) as watcher:
            while self.router.url.path == path and requested_attempt(self) == wanted and connected(session):
                began = time.monotonic()
                chunk = await self._read(run_id, cursor, wanted)
                if chunk.attempt != attempt:
                    attempt, cursor = chunk.attempt, await self._begin(run_id, wanted)
                    async with self:
                        self.url, self.begun = f"/api/v1/runs/{run_id}/logs?attempt={attempt}" if attempt else "", attempt > 0
                    continue
                lines = fitting(chunk.lines)
                over = chunk.complete and len(lines) == len(chunk.lines) and (wanted is not None or await self._ended(run_id))
                if lines or over:
                    await self._send(Piece.of(cursor, lines), ended=over)
                if over:
                    return
                cursor, marked = cursor + len(lines), marked and not lines
                if lines:
                    await asyncio.sleep(max(QUIET_SECONDS, time.monotonic() - began))
                elif marked:
                    await watcher.next()
                else:
                    marked = not await soon(watcher)
                    if marked:
                        await self._send(Piece.of(cursor, ()), ended=False)

    async def _read(self, run_id: str, after: int, attempt: int | None, limit: int = MAX_PIECE_LINES) -> LogChunk:
        return await call(engine().runs.log, actor_of(self), run_id, after, limit, attempt)

    async def _begin(self, run_id: str, attempt: int | None) -> int:
        """The line to begin with: of a long log those before are fetched by page when somebody scrolls up to them."""
        return max(0, await call(engine().runs.log_length, actor_of(self), run_id, attempt) - TAIL_LINES)

    async def _ended(self, run_id: str) -> bool:
        return (await call(engine().runs.get, actor_of(self), run_id)).status.final

    async def _send(self, newest: Piece, *, ended: bool) -> None:
        async with self:
            self.piece, self.ended = newest, ended

    @handler(Action.RUN_READ, "read the missing lines", does="runs.log")
    async def fill(self, first: int, last: int) -> None:
        """Send lines that the view misses: a piece got lost, or the connection was gone."""
        run_id = run_at(self.router.url.path)
        chunk = await self._read(run_id, max(first, 0), requested_attempt(self), min(max(last - first, 1), MAX_PIECE_LINES))
        self.piece = Piece.of(chunk.start, fitting(chunk.lines))


def fitting(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """As many of the first ``lines`` as a piece may hold, at least one."""
    size = 0
    for number, line in enumerate(lines):
        size += len(line.message.encode()) + 40
        if size > MAX_PIECE_BYTES and number:
            return lines[:number]
    return lines


async def soon(watcher: Watcher) -> bool:
    """Whether something comes within MARK_SECONDS."""
    try:
        async with asyncio.timeout(MARK_SECONDS):
            await watcher.next()
    except TimeoutError:
        return False
    return True
