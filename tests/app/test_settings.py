"""The Settings page without a browser: namespaces, settings in force, checks."""

from __future__ import annotations

import asyncio

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.base import NoticeState
from rat_app.state.settings.namespaces import NamespaceFormState, NamespacesState
from rat_app.state.settings.setup import SetupState
from rat_app.state.settings.workers import WorkersState
from rat_engine import LOCAL_USER, Settings, TableName, version
from tests.app.tab import Browser, Tab

ADDRESS = routes.settings(tab="namespaces")


async def created(tab: Tab, name: str, description: str = "") -> None:
    await tab.send(NamespaceFormState.show)
    await tab.send(NamespaceFormState.create, form={"space-name": name, "space-description": description})


async def test_a_namespace_is_created_described_and_seen_at_once(portal: Portal, browser: Browser) -> None:
    tab = await browser.open(ADDRESS)
    await tab.start(NamespacesState.follow)
    await created(tab, "shop", "Orders")
    seen = await tab.wait_for(NamespacesState, lambda state: bool(state.namespaces))
    assert [(space.name, space.description) for space in seen.namespaces] == [("shop", "Orders")]
    await tab.send(NamespaceFormState.describe, name="shop")
    form = await tab.state(NamespaceFormState)
    assert (form.is_open, form.named, form.description) == (True, "shop", "Orders")
    await tab.send(NamespaceFormState.update, form={"space-description": "Orders and returns"})
    await tab.wait_for(NamespacesState, lambda state: state.namespaces[0].description == "Orders and returns")
    assert portal.engine.namespaces.get(LOCAL_USER, "shop").description == "Orders and returns"
    assert not (await tab.state(NamespaceFormState)).is_open
    await tab.disconnect()


async def test_a_name_is_checked_while_it_is_typed_and_a_refusal_keeps_the_form_open(tab: Tab) -> None:
    """P3-05."""
    await tab.send(NamespaceFormState.show)
    await tab.send(NamespaceFormState.check, text="my shop")
    assert "my_shop" in (await tab.state(NamespaceFormState)).problem
    await tab.send(NamespaceFormState.check, text="")
    assert (await tab.state(NamespaceFormState)).problem == ""
    await created(tab, "shop")
    await created(tab, "shop")
    form = await tab.state(NamespaceFormState)
    assert form.is_open
    assert "exists already" in form.failure.message


async def test_an_empty_namespace_is_deleted_and_can_be_had_back(portal: Portal, browser: Browser) -> None:
    tab = await browser.open(ADDRESS)
    await created(tab, "shop", "Orders")
    await tab.send(NamespacesState.delete, name="shop")
    assert portal.engine.namespaces.list(LOCAL_USER).total == 0
    notice = (await tab.state(NoticeState)).notices[-1]
    assert (notice.title, notice.undo) == ("Deleted the namespace shop", "Undo")
    await tab.send(NoticeState.undo, notice_id=notice.id)
    assert portal.engine.namespaces.get(LOCAL_USER, "shop").description == "Orders"


async def test_a_namespace_that_holds_something_stays_and_says_what(portal: Portal, browser: Browser) -> None:
    portal.engine.pipelines.create(LOCAL_USER, TableName.parse("shop.gold.sales"))
    tab = await browser.open(ADDRESS)
    await tab.send(NamespacesState.delete, name="shop")
    seen = await tab.state(NamespacesState)
    assert seen.blocked == "shop"
    assert "1 pipeline." in seen.refusal.message
    assert portal.engine.namespaces.list(LOCAL_USER).total == 1
    await tab.send(NamespacesState.dismiss)
    assert (await tab.state(NamespacesState)).blocked == ""


async def test_namespaces_are_paged(portal: Portal, browser: Browser) -> None:
    for number in range(60):
        portal.engine.namespaces.create(LOCAL_USER, f"space_{number:02}")
    tab = await browser.open(ADDRESS)
    await tab.send(NamespacesState.load)
    seen = await tab.state(NamespacesState)
    assert len(seen.namespaces) == 50
    assert seen.pager.words == "1–50 of 60 namespaces"
    tab.address = seen.pager.following
    assert tab.address.startswith("/settings?tab=namespaces&")
    await tab.send(NamespacesState.load)
    assert [space.name for space in (await tab.state(NamespacesState)).namespaces][-1] == "space_59"


async def test_every_setting_is_shown_with_its_variable_and_the_examples_name_this_address(tab: Tab) -> None:
    await tab.send(SetupState.load)
    seen = await tab.state(SetupState)
    shown = {fact.variable for fact in (*seen.settings, *seen.rates)}
    assert shown == {f"RAT_{name.upper()}" for name in Settings.model_fields}
    assert {fact.variable for fact in seen.rates} == {f"RAT_RATE_{name}" for name in ("QUERY", "PREVIEW", "UPLOAD", "WRITE", "READ")}
    assert seen.version == version()
    assert seen.api.curl.endswith("/api/v1/pipelines")
    assert seen.api.cli == "rat pipeline list"


async def test_the_checks_are_those_of_the_doctor(portal: Portal, tab: Tab) -> None:
    await tab.send(SetupState.check)
    seen = await tab.state(SetupState)
    expected = await asyncio.to_thread(portal.engine.health.doctor, LOCAL_USER)
    assert [check.name for check in seen.checks] == [check.name for check in expected]
    assert not seen.checking


async def test_no_worker_is_shown_while_no_engine_runs(browser: Browser) -> None:
    tab = await browser.open(routes.settings(tab="engine"))
    await tab.start(WorkersState.follow)
    shown = await tab.wait_for(WorkersState, lambda state: state.loaded)
    assert (shown.lanes, shown.workers) == ([], [])
    await tab.disconnect()
