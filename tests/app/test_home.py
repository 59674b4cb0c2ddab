"""Home: what there is, what happened last, and the demo in one click."""

from __future__ import annotations

import asyncio

import pytest

from rat_app import engine as process
from rat_app import routes
from rat_app.engine import Portal
from rat_app.state import shell
from rat_app.state.home import HomeState
from rat_app.state.shell import ShellState
from rat_engine import LOCAL_USER, PageRequest, RunFilter, TableName
from tests.app.damage import damaged
from tests.app.tab import Browser


async def test_an_empty_installation_counts_nothing(browser: Browser) -> None:
    tab = await browser.open(routes.HOME)
    await tab.send(HomeState.load)
    seen = await tab.state(HomeState)
    assert seen.loaded
    assert (seen.overview.namespaces, seen.pipeline_count, seen.runs_last_day, seen.overview.tables, seen.overview.rows) == (0, 0, 0, 0, 0)


async def test_home_counts_what_there_is_and_shows_what_changed_last(portal: Portal, browser: Browser) -> None:
    for name in ("shop.bronze.orders", "shop.gold.sales"):
        portal.engine.pipelines.create(LOCAL_USER, TableName.parse(name))
    first = TableName.parse("shop.bronze.orders")
    portal.engine.pipelines.release(LOCAL_USER, first)
    run = portal.engine.runs.submit(LOCAL_USER, first)
    portal.engine.runs.cancel(LOCAL_USER, run.id)
    tab = await browser.open(routes.HOME)
    await tab.send(HomeState.load)
    seen = await tab.state(HomeState)
    assert (seen.pipeline_count, seen.overview.namespaces, seen.runs_last_day) == (2, 1, 1)
    assert [each.id for each in seen.runs] == [run.id]
    assert str(seen.pipelines[0].table) == "shop.bronze.orders"


async def test_the_demo_is_loaded_by_one_event_and_its_runs_are_followed(portal: Portal, browser: Browser) -> None:
    """P10-76."""
    tab = await browser.open(routes.HOME)
    following = await tab.start(HomeState.follow)
    await tab.wait_for(HomeState, lambda state: state.loaded)
    await tab.send(HomeState.load_demo)
    seen = await tab.wait_for(HomeState, lambda state: bool(state.demo_runs))
    assert not seen.demo_loading
    assert seen.demo_ended == 0
    runs = await asyncio.to_thread(portal.engine.runs.list, LOCAL_USER, RunFilter(group_id=seen.demo_group), PageRequest(100))
    order = [run.id for run in seen.demo_runs]
    assert set(order) == {run.id for run in runs.items}
    layers = [run.table.layer.value for run in seen.demo_runs]
    assert layers == sorted(layers, key=["bronze", "silver", "gold"].index)
    for run in runs.items:
        await asyncio.to_thread(portal.engine.runs.cancel, LOCAL_USER, run.id)
    ended = await tab.wait_for(HomeState, lambda state: state.demo_ended == runs.total)
    assert [run.id for run in ended.demo_runs] == order
    assert tab.redirects() == [routes.home(demo=seen.demo_group)]
    reloaded = await browser.open(tab.redirects()[0])
    await reloaded.send(HomeState.load)
    again = await reloaded.state(HomeState)
    assert ([run.id for run in again.demo_runs], again.demo_ended) == (order, runs.total)
    await reloaded.send(HomeState.hide_demo)
    await reloaded.send(HomeState.load)
    assert (await reloaded.state(HomeState)).demo_runs == []
    assert reloaded.redirects() == [routes.HOME]
    following.cancel()


async def test_the_demo_is_loaded_once_however_often_the_button_is_pressed(portal: Portal, browser: Browser) -> None:
    tab = await browser.open(routes.HOME)
    await asyncio.gather(*(tab.send(HomeState.load_demo) for _ in range(3)))
    runs = await asyncio.to_thread(portal.engine.runs.list, LOCAL_USER, RunFilter(), PageRequest(100))
    assert len({run.group_id for run in runs.items}) == 1


async def test_the_health_line_says_when_nothing_would_carry_out_runs_and_how_many_wait(portal: Portal, browser: Browser) -> None:
    """P10-76."""
    tab = await browser.open(routes.HOME)
    following = await tab.start(ShellState.follow)
    health = await tab.wait_for(ShellState, lambda state: not state.ok)
    assert "rat up" in health.problem
    table = TableName.parse("shop.bronze.orders")
    await asyncio.to_thread(portal.engine.pipelines.create, LOCAL_USER, table)
    await asyncio.to_thread(portal.engine.pipelines.release, LOCAL_USER, table)
    await asyncio.to_thread(portal.engine.runs.submit, LOCAL_USER, table)
    await tab.wait_for(ShellState, lambda state: state.queued == 1)
    following.cancel()


async def test_the_health_line_outlives_a_damaged_database_and_says_what_is_wrong(portal: Portal, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """P10-75: the one line that must not stop when everything else does. So do live updates: they go on when the database is back."""
    monkeypatch.setattr(process, "SAFETY_NET_SECONDS", 0.05)
    tab = await browser.open(routes.HOME)
    following = await tab.start(ShellState.follow)
    await tab.wait_for(ShellState, lambda state: "rat up" in state.problem)
    with damaged(portal):
        health = await tab.wait_for(ShellState, lambda state: "database" in state.problem)
        assert (health.ok, "not a database" in health.problem) == (False, True)
    await tab.wait_for(ShellState, lambda state: "rat up" in state.problem)
    following.cancel()


async def test_a_tab_in_which_nobody_clicks_is_not_forgotten(portal: Portal, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reflex forgets a tab an hour after its last event or change; its filters and whatever stands in a form would go with it."""
    monkeypatch.setattr(process, "SAFETY_NET_SECONDS", 0.05)
    monkeypatch.setattr(shell, "KEPT_SECONDS", 0.1)
    monkeypatch.setattr(browser.manager, "token_expiration", 1)
    tab = await browser.open(routes.HOME)
    following = await tab.start(ShellState.follow)
    await tab.wait_for(ShellState, lambda state: not state.ok)
    known = browser.manager.states.copy()
    # The interval before the first tick was the long one.
    portal.engine.database.bus.send(["nothing"])
    await asyncio.sleep(2)
    assert known
    assert browser.manager.states == known
    following.cancel()
