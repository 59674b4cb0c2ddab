"""Many people at once: how long one of them waits for an answer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

from benchmarks.report import Figure, high
from tests.browser.visitor import HYDRATE, Visitor

USERS = 50
SECONDS = 20.0
PAUSE_SECONDS = 1.0
ADDRESSES = ("/", "/pipelines", "/runs", "/explorer")
NAVIGATE = "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal"


def users(base: str) -> Iterator[Figure]:
    """What many users wait for."""
    yield f"an event is answered, {USERS} users at once", high(asyncio.run(_all(base))), "p95 ≤ 150 ms"


async def _all(base: str) -> list[float]:
    taken: list[float] = []
    async with asyncio.TaskGroup() as group:
        for number in range(USERS):
            group.create_task(_user(base, number, taken))
    return taken


async def _user(base: str, number: int, taken: list[float]) -> None:
    """One user: goes to another page, reads it, goes on."""
    chance = random.Random(number)
    async with Visitor(base, f"bench-user-{number:04}") as visitor:
        await visitor.asked(HYDRATE)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * PAUSE_SECONDS)
            began = time.monotonic()
            await visitor.asked(NAVIGATE, chance.choice(ADDRESSES))
            taken.append(time.monotonic() - began)
