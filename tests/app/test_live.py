"""What wakes an open page: the engine's events, read once for all, handed only to those who want them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from rat_app import engine as process
from rat_app.engine import Change, EngineUnavailableError, Portal, Watcher, call, following, portal
from rat_app.state.live import about
from rat_engine import LOCAL_USER, EventKind, TableName

TABLE = TableName.parse("shop.bronze.orders")


async def next_of(watcher: Watcher) -> Change:
    async with asyncio.timeout(30):
        return await watcher.next()


async def test_a_watcher_hears_only_what_it_wants(portal: Portal) -> None:
    """P6-10."""
    async with following():
        with portal.watch(about("run.")) as runs, portal.watch(about("pipeline.", subject=str(TABLE))) as one, portal.watch(about("table.")) as none:
            await asyncio.to_thread(portal.engine.pipelines.create, LOCAL_USER, TABLE)
            assert [event.kind for event in (await next_of(one)).events] == [EventKind.PIPELINE_CREATED]
            await asyncio.to_thread(portal.engine.pipelines.create, LOCAL_USER, TableName.parse("shop.bronze.others"))
            await asyncio.to_thread(portal.engine.pipelines.release, LOCAL_USER, TABLE)
            await asyncio.to_thread(portal.engine.runs.submit, LOCAL_USER, TABLE)
            assert [event.kind for event in (await next_of(runs)).events] == [EventKind.RUN_SUBMITTED]
            assert [event.subject for event in (await next_of(one)).events] == [str(TABLE)]
            assert not none._events


async def test_a_burst_is_one_change(portal: Portal) -> None:
    async with following():
        with portal.watch(about("namespace.")) as watcher, portal.watch(about("namespace.", subject="n19")) as last:
            for number in range(20):
                await asyncio.to_thread(portal.engine.namespaces.create, LOCAL_USER, f"n{number}")
            await next_of(last)
            change = await next_of(watcher)
            assert [event.subject for event in change.events] == [f"n{number}" for number in range(20)]


async def test_more_events_than_are_read_at_a_time_all_arrive(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "EVENTS_A_TIME", 2)
    async with following():
        with portal.watch(about("namespace.", subject="n6")) as last:
            for number in range(7):
                await asyncio.to_thread(portal.engine.namespaces.create, LOCAL_USER, f"n{number}")
            await next_of(last)


async def test_bare_topics_reach_those_who_asked_for_them(portal: Portal) -> None:
    async with following():
        with portal.watch(about("none"), ("log:1",)) as mine, portal.watch(about("none"), ("log:2",)) as others:
            await asyncio.to_thread(portal.engine.namespaces.create, LOCAL_USER, "first")
            portal.engine.database.bus.send(["log:1"])
            assert (await next_of(mine)).topics == {"log:1"}
            assert not others._topics


async def test_an_engine_that_does_not_answer_in_time_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """P10-75."""
    monkeypatch.setattr(process, "CALL_TIMEOUT_SECONDS", 0.01)
    answer = threading.Event()
    with pytest.raises(EngineUnavailableError, match="did not answer"):
        await call(answer.wait, 30)
    answer.set()


def test_before_the_start_and_after_the_end_there_is_no_engine() -> None:
    with pytest.raises(EngineUnavailableError, match="not open"):
        portal()
