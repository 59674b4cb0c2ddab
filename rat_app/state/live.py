"""Live updates: a background handler that waits for the engine's events and refreshes its page. The browser never polls.

    @handler(Action.RUN_READ, "follow the runs", follows=True)
    async def follow(self) -> None:
        async for change in changes(self, about("run.")):
            ...read with call(), then assign inside ``async with self``

Listed in a page's ``on_load``, it starts with every visit and every reconnect (Reflex loads the page again) and ends with the page. When a
reading fails because the engine is busy or away, the failure is shown and the handler begins anew a little later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import Any, Self

import reflex as rx
from reflex_base.registry import RegistrationContext

from rat_app.engine import Change, portal
from rat_engine import Event

# Refreshes of one page come at least this far apart: a burst of events is one refresh.
QUIET_SECONDS = 0.1

# After a failure a following waits so long before it begins anew.
AGAIN_SECONDS = 5.0

# The newest following of each tab and state.
_visits: dict[tuple[str, str], object] = {}


def about(*prefixes: str, subject: str = "") -> Callable[[Event], bool]:
    """A filter for events whose kind starts with one of ``prefixes`` and, where given, whose subject is ``subject``."""

    def wanted(event: Event) -> bool:
        return event.kind.startswith(prefixes) and subject in ("", event.subject)

    return wanted


async def changes(state: Any, wanted: Callable[[Event], bool], topics: Collection[str] = (), *, at: str = "") -> AsyncIterator[Change]:
    """Yield an empty change at once, then one whenever something ``wanted`` happened or a wake-up of ``topics`` came, while the tab stays connected.

    With ``at``, the path that the handler began on, it ends as soon as the tab is on another one, also before the first change.

    A page that is loaded again, with other filters in its address for example, follows anew: the older following ends.
    What happens between the page's first reading and the first change is covered by that empty one: the watch begins before it.
    """
    session, follower, visit = _session(state), (state.router.session.client_token, state.get_full_name()), object()
    _visits[follower] = visit
    try:
        with portal().watch(wanted, topics) as watcher:
            if _elsewhere(state, at):
                return
            yield Change()
            while True:
                change = await watcher.next()
                if _visits.get(follower) is not visit or not connected(session) or _elsewhere(state, at):
                    return
                yield change
                await asyncio.sleep(QUIET_SECONDS)
    finally:
        if _visits.get(follower) is visit:
            del _visits[follower]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is open in a tab, seen from one of its states: what a following belongs to."""

    state: Any
    session: tuple[str, str]
    path: str

    @classmethod
    def of(cls, state: Any) -> Self:
        """The visit that ``state`` serves now."""
        return cls(state, _session(state), state.router.url.path)

    async def lasts(self) -> bool:
        """Wait a little; whether the page is still open then, and no newer following of this state has begun."""
        await asyncio.sleep(AGAIN_SECONDS)
        follower = (self.session[0], self.state.get_full_name())
        return follower not in _visits and connected(self.session) and not _elsewhere(self.state, self.path)


def connected(session: tuple[str, str]) -> bool:
    """Whether the tab that began with ``session`` (its client token and connection id) is still there on the same connection."""
    namespace = RegistrationContext.get().app.event_namespace
    token, connection = session
    return namespace is not None and namespace.token_to_sid.get(token) == connection


def present(state: Any) -> bool:
    """Whether the tab has a connection, be it another one than the handler began with."""
    namespace = RegistrationContext.get().app.event_namespace
    return namespace is not None and state.router.session.client_token in namespace.token_to_sid


def _elsewhere(state: Any, at: str) -> bool:
    return bool(at) and state.router.url.path != at


def _session(state: rx.State) -> tuple[str, str]:
    return state.router.session.client_token, state.router.session.session_id
