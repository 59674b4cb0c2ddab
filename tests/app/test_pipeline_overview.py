"""The Overview of a pipeline and its versions' Release, over real events and a real engine without workers; Markdown as elements."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.pipeline.overview import OverviewState
from rat_app.state.pipeline.trend import FULL, duration_trend, rows_trend
from rat_app.state.pipeline.versions import VersionsState
from rat_app.state.prose import MAX_CHARACTERS, from_markdown
from rat_engine import LOCAL_USER, PipelineFiles, Run, RunCounts, RunStatus, TableName
from tests.app.tab import Browser

TABLE = TableName.parse("shop.silver.orders")
FILES = {
    "pipeline.sql": "-- @tags: money, daily\n-- @merge_strategy: append_only\nselect * from {{ ref('bronze.raw') }}",
    "table.yaml": "description: |\n  # Orders\n  One row an *order*.\n",
}


def make(portal: Portal, files: dict[str, str] | None = None) -> None:
    portal.engine.pipelines.create(LOCAL_USER, TableName.parse("shop.bronze.raw"))
    portal.engine.pipelines.create(LOCAL_USER, TABLE, PipelineFiles(files or FILES))


async def test_the_overview_tells_what_is_written_and_set(portal: Portal, browser: Browser) -> None:
    make(portal)
    portal.engine.pipelines.release(LOCAL_USER, TABLE)
    tab = await browser.open(routes.pipeline("shop", "silver", "orders"))
    await tab.start(OverviewState.follow)
    state = await tab.wait_for(OverviewState, lambda state: state.loaded)
    assert state.prose == [["h3", {}, ["Orders"]], ["p", {}, ["One row an ", ["em", {}, ["order"]], "."]]]
    assert (state.tags, state.strategy) == (["money", "daily"], "append only")
    assert not state.facts.published_at


async def test_a_draft_that_cannot_be_compiled_still_has_an_overview(portal: Portal, browser: Browser) -> None:
    make(portal, {"pipeline.sql": "select {{ broken }}"})
    tab = await browser.open(routes.pipeline("shop", "silver", "orders"))
    await tab.start(OverviewState.follow)
    state = await tab.wait_for(OverviewState, lambda state: state.loaded)
    assert (state.prose, state.tests, state.failure.title) == ([], [], "")


async def test_the_draft_is_released_with_a_message_from_the_versions(portal: Portal, browser: Browser) -> None:
    make(portal)
    tab = await browser.open(routes.pipeline("shop", "silver", "orders", "versions"))
    await tab.start(VersionsState.follow)
    await tab.wait_for(VersionsState, lambda state: state.loaded)
    await tab.send(VersionsState.ask_release)
    await tab.send(VersionsState.release, form={"release-message": "the first"})
    state = await tab.wait_for(VersionsState, lambda state: bool(state.versions))
    assert [(version.number, version.message) for version in state.versions] == [(1, "the first")]
    assert not state.releasing


def test_html_in_markdown_stays_text_and_no_link_runs_a_script() -> None:
    assert from_markdown("<b onclick=x>hm</b>") == [["p", {}, ["<b onclick=x>hm</b>"]]]
    for address in ("javascript:alert(1)", "//evil.example", "data:text/html,x", "vbscript:x", "JaVaScRiPt:x"):
        assert "href" not in str(from_markdown(f"[here]({address}) <{address}>"))
    assert from_markdown("![a picture](https://e.example/x.png)") == [["p", {}, ["a picture"]]]
    assert from_markdown("[a](https://e.example)") == [["p", {}, [["a", {"href": "https://e.example"}, ["a"]]]]]


def test_headings_begin_below_the_section_and_leave_no_level_out() -> None:
    assert [node[0] for node in from_markdown("### a\n# b\n##### c\n# d")] == ["h3", "h3", "h4", "h3"]


@pytest.mark.parametrize("piece", ["*a* ", "<a:b>", "- \n", "`a` ", "[a](/b)", "> "])
def test_a_long_text_is_cut_and_its_tree_fits_into_a_state_variable(piece: str) -> None:
    tree = from_markdown(piece * MAX_CHARACTERS)
    assert tree[-1] == ["p", {}, ["… The rest is in table.yaml."]]
    assert len(json.dumps(tree, separators=(",", ":"))) < 64 * 1024


def published(rows: int, duration: float) -> Run:
    """A run that ended well."""
    moment = datetime(2026, 1, 31, tzinfo=UTC)
    return Run("id", TABLE, RunStatus.SUCCESS, "manual", "me", 1, "", False, moment, duration_ms=duration, counts=RunCounts(rows_total=rows))


def test_a_trend_reads_from_old_to_new_and_counts_what_was_published() -> None:
    newest = published(100, 30)
    runs = [newest, replace(newest, status=RunStatus.FAILED), replace(newest, draft=True), published(50, 60)]
    rows = rows_trend(runs)
    assert (rows.low, rows.high, rows.last, rows.runs) == (50, 100, 100, 2)
    assert [bar.height for bar in rows.bars] == [50, 100]
    assert [bar.height for bar in duration_trend(runs).bars] == [100, 50]
    assert rows_trend([]).runs == 0
    assert len(rows_trend([newest] * 40).bars) == FULL
