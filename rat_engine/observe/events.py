"""Read the event log behind a cursor."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from rat_engine.domain.event import Event, EventKind
from rat_engine.metadata import tables as t


def fetch_events(connection: Connection, cursor: int, limit: int) -> tuple[Event, ...]:
    """The events after ``cursor``, oldest first."""
    rows = connection.execute(select(t.event).where(t.event.c.id > cursor).order_by(t.event.c.id).limit(limit))
    return tuple(Event(r.id, r.at, EventKind(r.kind), r.subject, r.actor, r.namespace, r.data) for r in rows)


def latest_event(connection: Connection) -> int:
    """The cursor of the newest event; 0 when there is none."""
    return connection.execute(select(func.max(t.event.c.id))).scalar() or 0
