"""Use cases of the event log."""

from __future__ import annotations

from rat_engine.domain.access import Action, Actor
from rat_engine.domain.event import Event
from rat_engine.domain.paging import MAX_LIMIT
from rat_engine.observe.events import fetch_events, latest_event
from rat_engine.services.base import Service, action


class EventService(Service):
    """What happened, behind a cursor."""

    @action(Action.EVENT_READ)
    def after(self, actor: Actor, cursor: int, limit: int = MAX_LIMIT) -> tuple[Event, ...]:
        """At most ``limit`` events after ``cursor``, oldest first."""
        with self._database.read() as connection:
            return fetch_events(connection, cursor, min(max(limit, 1), MAX_LIMIT))

    @action(Action.EVENT_READ)
    def latest(self, actor: Actor) -> int:
        """The cursor of the newest event; 0 when there is none."""
        with self._database.read() as connection:
            return latest_event(connection)
