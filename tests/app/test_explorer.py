"""The Explorer and the pages of a table, over real events and a real engine without workers."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import insert, text

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.explorer.around import TableLineageState, TableQualityState
from rat_app.state.explorer.columns import ColumnsState
from rat_app.state.explorer.docs import DocsState
from rat_app.state.explorer.history import SnapshotsState
from rat_app.state.explorer.table import TableState, first_paragraph
from rat_app.state.explorer.tables import ExplorerState
from rat_app.state.explorer.types import in_full, in_short
from rat_engine import LOCAL_USER, DocumentationChange, LakeTable, PipelineFiles, TableFilter, TableName, new_id
from rat_engine.domain.clock import now
from rat_engine.domain.lake import Column
from rat_engine.metadata.lake import store_table
from rat_engine.metadata.tables import lake_table
from tests.app.tab import Browser, Tab

ORDERS = TableName.parse("shop.silver.orders")


def publish(portal: Portal, name: str, columns: int = 2, description: str = "") -> TableName:
    """What a publish leaves in the metadata; without a pipeline."""
    table = TableName.parse(name)
    found = tuple(Column(f"column_{number}", "BIGINT", f"Number {number} of {table.name}") for number in range(columns))
    with portal.engine.database.write() as transaction:
        transaction.connection.execute(text("INSERT OR IGNORE INTO namespace VALUES (:name, '', :at, 'x')"), {"name": table.namespace, "at": str(now())})
        store_table(transaction.connection, LakeTable(new_id(), table, found, 10, 2048, 1, 7, now(), new_id(), description), "append")
    return table


@pytest.fixture
def orders(portal: Portal) -> TableName:
    """A published table with a released pipeline."""
    portal.engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": "SELECT 1 AS column_0", "table.yaml": "description: Every order\n"}))
    publish(portal, str(ORDERS))
    portal.engine.pipelines.release(LOCAL_USER, ORDERS)
    return ORDERS


async def at(browser: Browser, address: str) -> Tab:
    return await browser.open(address)


async def test_a_search_finds_names_columns_and_documentation_the_best_first(portal: Portal, browser: Browser) -> None:
    publish(portal, "shop.gold.revenue", description="Money per day, from orders")
    publish(portal, "shop.bronze.orders_raw")
    publish(portal, "shop.silver.orders")
    publish(portal, "shop.silver.other")
    tab = await at(browser, routes.explorer(search="ORDERS"))
    await tab.send(ExplorerState.load)
    shown = await tab.state(ExplorerState)
    assert [table.name for table in shown.tables] == ["orders", "orders_raw", "revenue"]
    assert shown.tables[2].hits[0].text == "Money per day, from orders"
    tab = await at(browser, routes.explorer(search="number_1 silver column"))
    await tab.send(ExplorerState.load)
    assert (await tab.state(ExplorerState)).tables == []
    tab = await at(browser, routes.explorer(search="column_1 other"))
    await tab.send(ExplorerState.load)
    [found] = (await tab.state(ExplorerState)).tables
    assert [hit.name for hit in found.hits] == ["column_0", "column_1"]


async def test_pages_of_a_search_follow_each_other_in_its_order(portal: Portal, browser: Browser) -> None:
    for number in range(60):
        publish(portal, f"shop.{'gold' if number % 2 else 'bronze'}.table_{number:02}")
    tab = await at(browser, routes.explorer(search="table"))
    await tab.send(ExplorerState.load)
    first = await tab.state(ExplorerState)
    assert first.pager.words == "1–50 of 60 tables"
    rest = await at(browser, first.pager.following)
    await rest.send(ExplorerState.load)
    second = await rest.state(ExplorerState)
    assert len({table.address for table in [*first.tables, *second.tables]}) == 60
    assert [choice.words for choice in second.layers] == ["bronze (30)", "silver (0)", "gold (30)"]


@pytest.mark.parametrize("query", ["layer=tin", "page=0", "sort=colour"])
async def test_an_address_that_cannot_be_used_is_explained_in_place(browser: Browser, query: str) -> None:
    """P3-04, P3-06."""
    tab = await at(browser, f"{routes.EXPLORER}?{query}")
    await tab.send(ExplorerState.load)
    assert (await tab.state(ExplorerState)).failure.title == "Could not list the tables"


async def test_a_table_that_is_not_there_is_explained(browser: Browser) -> None:
    tab = await at(browser, routes.table("shop", "silver", "nothing", "columns"))
    await tab.send(TableState.follow)
    assert "There is no table shop.silver.nothing" in (await tab.state(TableState)).failure.message


async def test_the_head_follows_what_is_written_elsewhere(portal: Portal, browser: Browser, orders: TableName) -> None:
    tab = await at(browser, routes.table("shop", "silver", "orders", "docs"))
    await tab.start(TableState.follow)
    shown = await tab.wait_for(TableState, lambda state: state.loaded)
    assert (shown.about, shown.table.pipeline) == ([["p", {}, ["Every order"]]], "/pipelines/shop/silver/orders")
    portal.engine.documentation.change(LOCAL_USER, orders, DocumentationChange("Changed", owner="ops"))
    assert (await tab.wait_for(TableState, lambda state: state.table.owner == "ops")).about == [["p", {}, ["Changed"]]]


async def test_a_wide_table_shows_its_columns_by_page_and_stays_small(portal: Portal, browser: Browser) -> None:
    """No variable of a page is larger than 64 KB, whatever the table."""
    publish(portal, "shop.silver.wide", columns=200)
    tab = await at(browser, routes.table("shop", "silver", "wide", "columns", page="4"))
    await tab.start(ColumnsState.follow)
    shown = await tab.wait_for(ColumnsState, lambda state: state.loaded)
    assert [column.name for column in shown.columns] == [f"column_{number}" for number in range(150, 200)]
    assert (shown.pager.words, shown.pager.following, shown.pager.previous[-6:]) == ("151–200 of 200 columns", "", "page=3")
    assert max(len(json.dumps(delta, default=str)) for delta in tab.deltas) < 64_000
    await tab.send(ColumnsState.profile)
    assert (await tab.wait_for(ColumnsState, lambda state: state.status == "pending")).total == 200
    await tab.send(ColumnsState.cancel)
    assert (await tab.wait_for(ColumnsState, lambda state: state.status == "cancelled")).ready == 0


async def test_saving_writes_only_what_changed_and_a_conflict_shows_both(portal: Portal, browser: Browser, orders: TableName) -> None:
    """Two people write at once; nothing is overwritten unseen."""
    tab = await at(browser, routes.table("shop", "silver", "orders", "docs"))
    await tab.start(DocsState.follow)
    read = (await tab.wait_for(DocsState, lambda state: state.loaded)).revision
    portal.engine.documentation.change(LOCAL_USER, orders, DocumentationChange("Theirs"))
    await tab.send(DocsState.save, changed={"description": "Mine", "columns": {"column_0": "The key"}}, revision=read, save="first")
    conflict = (await tab.state(DocsState)).conflict
    assert {(row.left, row.right) for row in conflict.rows if row.kind == "changed"} == {("Mine", "Theirs"), ("The key", "")}
    assert portal.engine.tables.get(LOCAL_USER, orders).description == "Theirs"
    portal.engine.documentation.change(LOCAL_USER, orders, DocumentationChange("Third"))
    await tab.send(DocsState.keep_mine)
    rows = (await tab.state(DocsState)).conflict.rows
    assert [row.right for row in rows if row.left == "Mine"] == ["Third"], "a text that nobody was shown"
    await tab.send(DocsState.keep_mine)
    written = portal.engine.tables.get(LOCAL_USER, orders)
    assert (written.description, written.columns[0].description) == ("Mine", "The key")
    assert ((await tab.state(DocsState)).saved, (await tab.state(DocsState)).conflict.who) == ("first", "")


async def test_a_second_save_sent_before_the_first_is_answered_meets_nobody(portal: Portal, browser: Browser, orders: TableName) -> None:
    tab = await at(browser, routes.table("shop", "silver", "orders", "docs"))
    await tab.start(DocsState.follow)
    read = (await tab.wait_for(DocsState, lambda state: state.loaded)).revision
    for said in ("One", "One two"):
        await tab.send(DocsState.save, changed={"description": said}, revision=read, save=said)
    assert ((await tab.state(DocsState)).conflict.who, portal.engine.tables.get(LOCAL_USER, orders).description) == ("", "One two")
    portal.engine.documentation.change(LOCAL_USER, orders, DocumentationChange("Theirs"))
    await tab.send(DocsState.save, changed={"description": "Three"}, revision=read, save="third")
    assert ((await tab.state(DocsState)).conflict.who, portal.engine.tables.get(LOCAL_USER, orders).description) == ("local", "Theirs")


async def test_what_cannot_be_saved_is_said_at_the_form(browser: Browser, orders: TableName) -> None:
    tab = await at(browser, routes.table("shop", "silver", "orders", "docs"))
    await tab.start(DocsState.follow)
    read = (await tab.wait_for(DocsState, lambda state: state.loaded)).revision
    await tab.send(DocsState.save, changed={"columns": {"nope": "x"}}, revision=read, save="first")
    assert "no column 'nope'" in (await tab.state(DocsState)).refusal.message
    assert (await tab.state(DocsState)).saved == ""


async def test_snapshots_tell_how_the_table_grew(portal: Portal, browser: Browser) -> None:
    publish(portal, "shop.silver.grown")
    table = portal.engine.tables.get(LOCAL_USER, TableName.parse("shop.silver.grown"))
    with portal.engine.database.write() as transaction:
        grown = LakeTable(table.id, table.name, table.columns, 25, 4096, 2, 8, now(), new_id())
        store_table(transaction.connection, grown, "append")
    tab = await at(browser, routes.table("shop", "silver", "grown", "snapshots"))
    await tab.start(SnapshotsState.follow)
    shown = (await tab.wait_for(SnapshotsState, lambda state: state.loaded)).snapshots
    assert [(item.number, item.rows, item.grown, item.current) for item in shown] == [(2, 25, 15, True), (1, 10, None, False)]


async def test_neighbours_and_tests_come_from_the_pipeline(portal: Portal, browser: Browser, orders: TableName) -> None:
    below = TableName.parse("shop.gold.totals")
    files = {"pipeline.sql": "SELECT * FROM {{ ref('silver.orders') }}", "tests/quality/sane.sql": "-- @description: Sane\nSELECT 1 WHERE false"}
    portal.engine.pipelines.create(LOCAL_USER, below, PipelineFiles(files))
    portal.engine.pipelines.release(LOCAL_USER, below)
    publish(portal, str(below))
    tab = await at(browser, routes.table("shop", "gold", "totals", "lineage"))
    await tab.start(TableLineageState.follow)
    shown = await tab.wait_for(TableLineageState, lambda state: state.loaded)
    assert [(item.full_name, item.address) for item in shown.upstream] == [(str(orders), "/explorer/shop/silver/orders")]
    assert shown.downstream == []
    tested = await at(browser, routes.table("shop", "gold", "totals", "quality"))
    await tested.start(TableQualityState.follow)
    quality = await tested.wait_for(TableQualityState, lambda state: state.loaded)
    assert [(test.name, test.description, test.status) for test in quality.tests] == [("sane", "Sane", "")]


def test_a_thousand_tables_of_fifty_columns_are_searched_in_one_page(portal: Portal) -> None:
    columns = [{"name": f"column_{number}", "type": "BIGINT", "description": "What it means"} for number in range(50)]
    names = "\n".join(column["name"] for column in columns)
    rows = [
        {
            "id": new_id(), "namespace": "shop", "layer": "silver", "name": f"table_{number}", "columns": columns, "row_count": 1, "size_bytes": 1,
            "file_count": 1, "snapshot_id": 1, "published_at": now(), "published_by_run": new_id(), "search_names": f"shop.silver.table_{number}\n{names}",
            "search_docs": "what it means\n" * 50,
        }
        for number in range(1_000)
    ]  # fmt: skip
    portal.engine.namespaces.create(LOCAL_USER, "shop")
    with portal.engine.database.write() as transaction:
        transaction.connection.execute(insert(lake_table), rows)
    page = portal.engine.tables.list(LOCAL_USER, TableFilter(search="column_49 means"))
    assert (page.total, len(page.items)) == (1_000, 50)


@pytest.mark.parametrize(
    ("text", "shown", "more"),
    [("", "", False), (" One line\n", "One line", False), ("First\n\nSecond", "First", True), ("word " * 100, "word " * 59 + "word …", True)],
)
def test_only_the_first_words_of_a_description_stand_above_every_tab(text: str, shown: str, more: bool) -> None:
    assert first_paragraph(text) == (shown, more)


@pytest.mark.parametrize(
    ("kind", "short", "whole"),
    [
        ("BIGINT", "BIGINT", ""),
        ("DECIMAL(18,3)[]", "DECIMAL(18,3)[]", ""),
        ("MAP(VARCHAR, BIGINT)", "MAP", "MAP(\n  VARCHAR,\n  BIGINT\n)"),
        ("STRUCT(a DECIMAL(18,3))[]", "STRUCT[] of 1 field", "STRUCT(\n  a DECIMAL(18,3)\n)[]"),
        ('STRUCT("a,(" INTEGER, "b" STRUCT(c DATE))', "STRUCT of 2 fields", 'STRUCT(\n  "a,(" INTEGER,\n  b STRUCT(\n    c DATE\n  )\n)'),
    ],
)
def test_nested_types_are_readable(kind: str, short: str, whole: str) -> None:
    assert (in_short(kind), in_full(kind)) == (short, whole)
