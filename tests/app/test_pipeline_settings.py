"""The settings form of a pipeline, over real events and a real engine without workers."""

from __future__ import annotations

import pytest

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.pipeline.settings import SettingsState
from rat_engine import LOCAL_USER, PipelineFiles, TableName
from tests.app.tab import Browser, Tab

TABLE = TableName.parse("shop.silver.orders")
FILES = {"pipeline.sql": "select 1 as id", "config.yaml": "owner: ann\n"}


@pytest.fixture
async def page(browser: Browser, portal: Portal) -> Tab:
    """A tab on the settings of a pipeline."""
    portal.engine.pipelines.create(LOCAL_USER, TABLE, PipelineFiles(FILES))
    tab = await browser.open(routes.pipeline("shop", "silver", "orders", "settings"))
    await tab.start(SettingsState.follow)
    await tab.wait_for(SettingsState, lambda state: state.loaded)
    return tab


def written(portal: Portal) -> str:
    return portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.texts["config.yaml"]


async def test_only_what_changed_is_written_and_the_save_is_answered(page: Tab, portal: Portal) -> None:
    await page.send(SettingsState.save, changed={"tags": "money,daily"}, revision=1, save="first")
    state = await page.state(SettingsState)
    assert (state.values["owner"], state.values["tags"], state.revision, state.saved) == ("ann", "money, daily", 2, "first")
    assert written(portal) == "owner: ann\ntags:\n  - money\n  - daily\n"


async def test_a_refused_save_shows_both_texts_and_can_be_made_again(page: Tab, portal: Portal) -> None:
    """P10-78: also when a third save came while the two were compared."""
    portal.engine.configuration.update(LOCAL_USER, TABLE, {"owner": "eve"})
    await page.send(SettingsState.save, changed={"owner": "bob"}, revision=1, save="first")
    state = await page.state(SettingsState)
    assert [(row.left, row.right) for row in state.conflict.rows if row.kind == "changed"] == [("bob", "eve")]
    assert (state.conflict.who, state.saved, written(portal)) == ("local", "", "owner: eve\n")

    portal.engine.configuration.update(LOCAL_USER, TABLE, {"owner": "mallory"})
    await page.send(SettingsState.keep_mine)
    rows = (await page.state(SettingsState)).conflict.rows
    assert [(row.left, row.right) for row in rows if row.kind == "changed"] == [("bob", "mallory")]
    await page.send(SettingsState.keep_mine)
    state = await page.state(SettingsState)
    assert (state.conflict.who, state.saved, written(portal)) == ("", "first", "owner: bob\n")


async def test_a_second_save_sent_before_the_first_is_answered_meets_nobody(page: Tab, portal: Portal) -> None:
    await page.send(SettingsState.save, changed={"owner": "bob"}, revision=1, save="first")
    await page.send(SettingsState.save, changed={"owner": "bobby"}, revision=1, save="second")
    assert ((await page.state(SettingsState)).conflict.who, written(portal)) == ("", "owner: bobby\n")
    portal.engine.configuration.update(LOCAL_USER, TABLE, {"owner": "eve"})
    await page.send(SettingsState.save, changed={"owner": "robert"}, revision=1, save="third")
    assert ((await page.state(SettingsState)).conflict.who, written(portal)) == ("local", "owner: eve\n")


async def test_a_save_that_fails_is_not_answered(page: Tab, portal: Portal) -> None:
    await page.send(SettingsState.save, changed={"merge_strategy": "sideways"}, revision=1, save="first")
    state = await page.state(SettingsState)
    assert "merge_strategy" in state.refusal.message
    assert (state.saved, state.conflict.who, written(portal)) == ("", "", "owner: ann\n")


async def test_a_server_that_forgot_the_tab_still_saves(browser: Browser, page: Tab, portal: Portal) -> None:
    again = await browser.open(page.address)
    await again.send(SettingsState.save, changed={"owner": "bob"}, revision=1, save="first")
    assert (written(portal), (await again.state(SettingsState)).saved) == ("owner: bob\n", "first")
