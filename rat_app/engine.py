"""The process's one Engine: ``call`` runs a blocking service in a thread, ``watch`` hands the engine's events to whoever waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from rat_engine import SYSTEM, DatabaseUnavailableError, Engine, ErrorKind, Event, RatError, Settings

CALL_TIMEOUT_SECONDS = 30.0
LONG_CALL_TIMEOUT_SECONDS = 600.0
SAFETY_NET_SECONDS = 5.0
EVENTS_A_TIME = 500
EVENT = "event"
# The topic that comes by itself, at the safety-net interval: for what has no event, such as the engine's own health.
TICK = "tick"
# After these the events are read. A growing log wakes fifty times a second, and has none.
OF_EVENTS = frozenset({EVENT, TICK})

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)


class EngineUnavailableError(RatError):
    """The engine is not open in this process, or does not answer."""

    code = "unavailable"
    kind = ErrorKind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Change:
    """What woke a watcher: events since the last time, and bare topics such as ``log:<run>``. Both are empty the first time."""

    events: tuple[Event, ...] = ()
    topics: frozenset[str] = frozenset()


class Watcher:
    """One waiter's letter box: what it wants to hear of, and what has arrived since it looked."""

    def __init__(self, wanted: Callable[[Event], bool], topics: Collection[str]) -> None:
        self._wanted = wanted
        self._wanted_topics = frozenset(topics)
        self._events: list[Event] = []
        self._topics: set[str] = set()
        self._arrived = asyncio.Event()

    def offer(self, events: Collection[Event], topics: Collection[str]) -> None:
        """Keep what is wanted of ``events`` and ``topics``, and wake the waiter when anything is."""
        self._events += [event for event in events if self._wanted(event)]
        self._topics |= self._wanted_topics.intersection(topics)
        if self._events or self._topics:
            self._arrived.set()

    async def next(self) -> Change:
        """Wait for something and take it."""
        await self._arrived.wait()
        change = Change(tuple(self._events), frozenset(self._topics))
        self._events, self._topics = [], set()
        self._arrived.clear()
        return change


class Portal:
    """An open engine and those who wait for its events. The database is read once per wake-up, however many pages are open."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._watchers: set[Watcher] = set()
        self._woken = asyncio.Event()
        self._topics: set[str] = set()

    @contextlib.contextmanager
    def watch(self, wanted: Callable[[Event], bool], topics: Collection[str] = ()) -> Iterator[Watcher]:
        """A watcher for the time of the block."""
        watcher = Watcher(wanted, topics)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Hand out events for the time of the block. A wake-up that got lost costs at most the safety-net interval."""
        loop = asyncio.get_running_loop()
        with self.engine.database.bus.listen() as listener:
            loop.add_reader(listener.fileno(), lambda: self._wake(listener.drain()))
            # Listening comes first: nothing that happens from now on is missed.
            self._begin(self._hand_out_from(await self._latest()))
            try:
                yield
            finally:
                loop.remove_reader(listener.fileno())
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._task

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work, name="rat-events")
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Every open page depends on the handing out: after a fault that nobody foresaw it begins anew."""
        if not task.cancelled() and (fault := task.exception()):
            logger.error("live updates were interrupted by a fault", exc_info=fault)
            self._begin(self._hand_out_again())

    async def _hand_out_again(self) -> None:
        await asyncio.sleep(SAFETY_NET_SECONDS)
        await self._hand_out_from(await self._latest())

    async def _latest(self) -> int:
        return await asyncio.to_thread(self.engine.events.latest, SYSTEM)

    def _wake(self, topics: frozenset[str]) -> None:
        # Whoever waits for a bare topic need not wait for the events to be read.
        for watcher in self._watchers:
            watcher.offer((), topics)
        self._topics |= topics
        self._woken.set()

    async def _hand_out_from(self, cursor: int) -> None:
        clock = asyncio.get_running_loop().time
        ticked = clock()
        while True:
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with a wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(ticked + SAFETY_NET_SECONDS):
                    await self._woken.wait()
            if clock() >= ticked + SAFETY_NET_SECONDS:
                self._topics.add(TICK)
                ticked = clock()
            self._woken.clear()
            cursor = await self._hand_out(cursor)

    async def _hand_out(self, cursor: int) -> int:
        topics, self._topics = self._topics, set()
        try:
            events = await self._events_after(cursor) if topics & OF_EVENTS else ()
        except DatabaseUnavailableError as error:
            # They are read the next time; who follows a bare topic, such as the health line, hears of it all the same.
            logger.warning("the events could not be read: %s", error.message)
            events = ()
        if len(events) == EVENTS_A_TIME:
            self._wake(frozenset({EVENT}))
        for watcher in self._watchers:
            watcher.offer(events, topics & {TICK})
        return events[-1].id if events else cursor

    async def _events_after(self, cursor: int) -> Sequence[Event]:
        return await asyncio.to_thread(self.engine.events.after, SYSTEM, cursor, EVENTS_A_TIME)


class _Process:
    portal: Portal | None = None


def portal() -> Portal:
    """The process's portal. Raises EngineUnavailableError before it is opened and after it was closed."""
    if _Process.portal is None:
        raise EngineUnavailableError("The engine is not open: the portal is starting or stopping. Try again in a moment.")
    return _Process.portal


def engine() -> Engine:
    """The process's engine. Raises EngineUnavailableError before it is opened and after it was closed."""
    return portal().engine


async def call(method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a blocking service method in a thread. Raises EngineUnavailableError when it does not answer in time."""
    return await _within(CALL_TIMEOUT_SECONDS, method, *args, **kwargs)


async def long_call(method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As ``call``, for what does a lot at once and must not be taken for failed while it goes on."""
    return await _within(LONG_CALL_TIMEOUT_SECONDS, method, *args, **kwargs)


async def _within(seconds: float, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(method, *args, **kwargs)
    except TimeoutError:
        raise EngineUnavailableError(f"The engine did not answer within {seconds:.0f} seconds. It may be busy; try again.") from None


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Portal]:
    """The process's portal over ``settings.data`` for the time of the block. Raises what ``Engine.open`` raises."""
    with Engine.open(settings) as opened_engine:
        _Process.portal = Portal(opened_engine)
        try:
            yield _Process.portal
        finally:
            _Process.portal = None


@contextlib.asynccontextmanager
async def following() -> AsyncIterator[None]:
    """Hand out the engine's events for the time of the block: the server's life."""
    async with portal().following():
        yield
