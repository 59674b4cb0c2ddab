"""A browser tab without a browser: real events through Reflex's own processor and state manager, deltas collected."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

import reflex as rx
from reflex.event import Event
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex_base.event.processor import BaseStateEventProcessor
from reflex_base.event.processor.future import EventFuture
from reflex_base.utils.format import format_event_handler

from rat_app.state.base import NoticeState

S = TypeVar("S", bound=rx.State)


class Tab:
    """One connected tab at ``address``."""

    def __init__(self, app: rx.App, processor: BaseStateEventProcessor, manager: StateManagerMemory, address: str = "/") -> None:
        self.token = secrets.token_hex(8)
        self.connection = secrets.token_hex(8)
        self.address = address
        self.deltas: list[Mapping[str, Mapping[str, Any]]] = []
        self.frontend_events: list[Event] = []
        self.changed = asyncio.Event()
        self._app, self._processor, self._manager = app, processor, manager

    async def connect(self) -> None:
        """Open a connection, as a page does when it is loaded."""
        self.connection = secrets.token_hex(8)
        await self._tokens().link_token_to_sid(self.token, self.connection)
        # A state that was never on a page would load its page with the first event; here every test says itself what happens.
        async with self._manager.modify_state(BaseStateToken(ident=self.token, cls=rx.State)) as root:
            root.router_data = {"pathname": "/elsewhere"}

    async def disconnect(self) -> None:
        """Close the connection, as a tab that is closed does."""
        self._processor._on_disconnect(self.token)
        await self._tokens().disconnect_token(self.token, self.connection)

    async def start(self, handler: Any, /, **payload: Any) -> EventFuture:
        """Send an event and do not wait for what it does."""
        name = handler if isinstance(handler, str) else format_event_handler(handler)
        return await self._processor.enqueue(self.token, Event(name=name, payload=payload, router_data=self._router()))

    async def send(self, handler: Any, /, **payload: Any) -> None:
        """Send an event and wait until it and everything that follows from it is done."""
        await (await self.start(handler, **payload)).wait_all()

    async def state(self, kind: type[S]) -> S:
        """This tab's state of a kind, as it is now."""
        async with self._manager.modify_state(BaseStateToken(ident=self.token, cls=kind)) as root:
            return await root.get_state(kind)

    async def wait_for(self, kind: type[S], reached: Callable[[S], bool], within: float = 30) -> S:
        """Wait until the state fulfils ``reached``."""
        async with asyncio.timeout(within):
            while True:
                self.changed.clear()
                if reached(found := await self.state(kind)):
                    return found
                await self.changed.wait()

    async def failures(self) -> list[str]:
        """The titles of the failures shown over the page."""
        return [notice.title for notice in (await self.state(NoticeState)).notices if notice.tone == "failure"]

    def redirects(self) -> list[str]:
        """Where the tab was sent, in order."""
        return [str(event.payload["path"]) for event in self.frontend_events if event.name == "_redirect"]

    def _router(self) -> dict[str, Any]:
        path = self.address.partition("?")[0]
        return {"pathname": path, "asPath": self.address, "token": self.token, "sid": self.connection, "headers": {"host": "x"}, "query": {}, "ip": "127.0.0.1"}

    def _tokens(self) -> Any:
        assert self._app.event_namespace is not None
        return self._app.event_namespace._token_manager


class Browser:
    """Opens tabs."""

    def __init__(self, app: rx.App, processor: BaseStateEventProcessor, manager: StateManagerMemory) -> None:
        self._app, self._processor, self.manager = app, processor, manager
        self.tabs: dict[str, Tab] = {}

    async def open(self, address: str = "/") -> Tab:
        """A connected tab at ``address``."""
        tab = Tab(self._app, self._processor, self.manager, address)
        self.tabs[tab.token] = tab
        await tab.connect()
        return tab


@contextlib.asynccontextmanager
async def browsing(app: rx.App) -> AsyncIterator[Browser]:
    """A browser for the time of the block."""
    manager = StateManagerMemory()
    processor = BaseStateEventProcessor(middleware=app, backend_exception_handler=app.backend_exception_handler)
    processor.configure(state_manager=manager)
    browser = Browser(app, processor, manager)

    async def emit_delta(token: str, delta: Mapping[str, Mapping[str, Any]]) -> None:
        browser.tabs[token].deltas.append(delta)
        browser.tabs[token].changed.set()

    async def emit_event(token: str, *events: Event) -> None:
        browser.tabs[token].frontend_events.extend(events)

    root = processor._root_context
    assert root is not None
    object.__setattr__(root, "emit_delta_impl", emit_delta)
    object.__setattr__(root, "emit_event_impl", emit_event)
    async with processor:
        yield browser
