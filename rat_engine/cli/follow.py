"""Wait for runs: their log lines as they come, their ends as they happen. Woken by the engine, never asleep on a fixed beat."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rat_engine import Engine, LogChunk, LogLine, Run

# Only a safety net: a wake-up ends the wait at once.
WAIT_SECONDS = 1.0
CHUNK_LINES = 5_000


class Follower:
    """Reads a run's log to its end; may be interrupted anywhere and asked to go on."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self._engine = engine
        self._run_id = run_id
        self._attempt = 1
        self._cursor = 0

    def lines(self) -> Iterator[LogLine]:
        """Every line not handed out before, of every attempt, none lost and none twice, until the run has ended. Raises NotFoundError."""
        with self._engine.database.bus.listen() as listener:
            while (chunk := self._next()) is not None:
                for line in chunk.lines:
                    self._cursor += 1
                    yield line
                if chunk.complete:
                    self._attempt, self._cursor = self._attempt + 1, 0
                elif not chunk.lines:
                    listener.wait(WAIT_SECONDS)

    def _next(self) -> LogChunk | None:
        """What follows in this attempt's log; None when there is no such attempt and never will be."""
        from rat_engine import LOCAL_USER, LogChunk, NotFoundError

        # Asked first: a run that had ended before has no attempt after those we find.
        ended = self._engine.runs.get(LOCAL_USER, self._run_id).status.final
        try:
            return self._engine.runs.log(LOCAL_USER, self._run_id, self._cursor, CHUNK_LINES, self._attempt)
        except NotFoundError:
            return None if ended else LogChunk(self._attempt, 0, (), 0, complete=False)


def log(engine: Engine, run_id: str, attempt: int | None) -> Iterator[LogLine]:
    """The lines that one attempt (the last by default) has written so far. Raises NotFoundError."""
    from rat_engine import LOCAL_USER

    cursor = 0
    while True:
        chunk = engine.runs.log(LOCAL_USER, run_id, cursor, CHUNK_LINES, attempt)
        yield from chunk.lines
        if not chunk.lines:
            return
        attempt, cursor = chunk.attempt, chunk.next


def outcome(engine: Engine, run_id: str, emit: Callable[[LogLine], None]) -> Run:
    """The run once it has ended; ``emit`` gets its log. Ctrl+C cancels it and waits for that; a second Ctrl+C leaves at once."""
    from rat_engine import LOCAL_USER, ConflictError

    follower = Follower(engine, run_id)
    try:
        for line in follower.lines():
            emit(line)
    except KeyboardInterrupt:
        # A conflict: it ended by itself in the same moment.
        with contextlib.suppress(ConflictError):
            engine.runs.cancel(LOCAL_USER, run_id)
        for line in follower.lines():
            emit(line)
    return engine.runs.get(LOCAL_USER, run_id)


def finished(engine: Engine, run_ids: Sequence[str]) -> Iterator[Run]:
    """Each run as soon as it has ended, in the order of their ends."""
    from rat_engine import LOCAL_USER

    waiting = list(run_ids)
    with engine.database.bus.listen() as listener:
        while waiting:
            runs = [engine.runs.get(LOCAL_USER, run_id) for run_id in waiting]
            ended = [run for run in runs if run.status.final]
            yield from ended
            waiting = [run.id for run in runs if not run.status.final]
            if waiting and not ended:
                listener.wait(WAIT_SECONDS)
