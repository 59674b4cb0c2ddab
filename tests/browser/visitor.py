"""A visitor without a browser: speaks the portal's WebSocket protocol, and can lie."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import socketio

T = TypeVar("T")

HYDRATE = "reflex___state____state.hydrate"
WAIT_SECONDS = 30


class Visitor:
    """One connection to a portal at ``base`` with a client token and whatever headers."""

    def __init__(self, base: str, token: str, **headers: str) -> None:
        self.seen: dict[str, dict[str, Any]] = {}
        self._base, self._token = base, token
        self._headers = {"Origin": base} | {name.replace("_", "-"): value for name, value in headers.items()}
        self._client = socketio.AsyncClient(reconnection=False)
        self._heard = asyncio.Event()
        self._client.on("event", self._take, namespace="/_event")

    async def __aenter__(self) -> Visitor:
        address = f"{self._base}?token={self._token}"
        await self._client.connect(address, headers=self._headers, transports=["websocket"], socketio_path="/_event", namespaces=["/_event"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.disconnect()

    @property
    def connected(self) -> bool:
        return self._client.connected

    async def send(self, name: Any, payload: Mapping[str, Any] | None = None, path: str = "/") -> None:
        """Send an event, well-formed or not, without waiting for anything."""
        event = {"name": name, "payload": payload or {}, "router_data": {"pathname": path, "asPath": path, "query": {}}}
        await self._client.emit("event", event, namespace="/_event")

    async def asked(self, name: str, path: str = "/") -> None:
        """Send an event and wait until something of its answer has come."""
        self._heard.clear()
        await self.send(name, path=path)
        async with asyncio.timeout(WAIT_SECONDS):
            await self._heard.wait()

    async def value(self, state: str, variable: str) -> Any:
        """What the server shows of a state's variable, read anew."""
        self.seen.clear()
        await self.send(HYDRATE)
        await self.wait_for(state, lambda seen: variable in seen)
        return self.seen[state][f"{variable}_rx_state_"]

    async def wait_for(self, name: str, reached: Callable[[Mapping[str, Any]], bool]) -> None:
        """Wait until what the server sent of a state fulfils ``reached``."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not reached({key.removesuffix("_rx_state_"): value for key, value in self.seen.get(name, {}).items()}):
                await self._heard.wait()
                self._heard.clear()

    async def _take(self, update: Mapping[str, Any]) -> None:
        for name, values in (update.get("delta") or {}).items():
            self.seen.setdefault(name, {}).update(values)
        self._heard.set()


def visiting(visit: Callable[[], Awaitable[T]]) -> T:
    """Run a visit in a thread of its own: Playwright keeps this one's event loop."""

    async def run() -> T:
        return await visit()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()
