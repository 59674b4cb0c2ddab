"""The state of the Query page, over real events and a real engine without workers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.query.console import QUERY_FILE, QueryState, SchemaState, chosen
from rat_app.state.query.results import excerpt
from rat_engine import LOCAL_USER, Column, EventKind, QueryStatus, new_id
from rat_engine.domain.clock import now
from rat_engine.domain.event import NewEvent
from rat_engine.jobs.lifecycle import QueryEnd, end_query
from rat_engine.metadata.tables import lake_table
from tests.app.tab import Browser, Tab


def run_text(text: str, selection: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the editor sends with Run."""
    return {"changed": {QUERY_FILE: text}, "selection": selection or {"text": "", "line": 1, "column": 1}, "_revision": 0}


def publish(portal: Portal, namespace: str, name: str) -> None:
    """What a publish leaves in the metadata: the table's row and its event."""
    values = {
        "id": new_id(),
        "namespace": namespace,
        "layer": "silver",
        "name": name,
        "columns": [{"name": "id", "type": "BIGINT", "description": ""}],
        "row_count": 1234,
        "size_bytes": 1,
        "file_count": 1,
        "snapshot_id": 1,
        "published_at": now(),
        "published_by_run": new_id(),
    }
    with portal.engine.database.write() as transaction:
        transaction.connection.execute(insert(lake_table).values(**values))
        transaction.record(NewEvent(EventKind.TABLE_PUBLISHED, f"{namespace}.silver.{name}", "test", namespace))


@pytest.fixture
async def page(browser: Browser, portal: Portal) -> Tab:
    """A tab on the Query page with two namespaces."""
    for name in ("flights", "shop"):
        portal.engine.namespaces.create(LOCAL_USER, name)
    tab = await browser.open(routes.query())
    await tab.send(QueryState.load)
    return tab


async def started(page: Tab, **payload: Any) -> str:
    """Send Run; the id of the query that then waits."""
    await page.start(QueryState.run, **payload)
    return (await page.wait_for(QueryState, lambda state: bool(state.going.id))).going.id


async def ended(page: Tab, portal: Portal, query_id: str, end: QueryEnd) -> QueryState:
    with portal.engine.database.write() as transaction:
        assert end_query(transaction, query_id, end)
    return await page.wait_for(QueryState, lambda state: not state.busy)


async def test_the_text_of_the_address_is_in_the_editor(browser: Browser, portal: Portal) -> None:
    portal.engine.namespaces.create(LOCAL_USER, "flights")
    tab = await browser.open(routes.query(sql="select 'a b' as \"x&y\""))
    await tab.send(QueryState.load)
    state = await tab.state(QueryState)
    assert state.files == {QUERY_FILE: "select 'a b' as \"x&y\""}
    assert state.namespace == "flights"


async def test_a_result_is_shown_by_its_address_never_by_its_rows(page: Tab, portal: Portal) -> None:
    """P6-13: rows are windows of the result file; the state holds how many there are and where."""
    query_id = await started(page, **run_text("select * from silver.orders"))
    assert portal.engine.queries.get(LOCAL_USER, query_id).sql == "select * from silver.orders"
    state = await ended(page, portal, query_id, QueryEnd(QueryStatus.SUCCESS, (Column("id", "BIGINT"),), 100_000, truncated=True))
    assert (state.query.rows, state.query.truncated, state.query.columns) == (100_000, True, ({"name": "id", "type": "BIGINT"},))
    assert state.query.url == f"/api/v1/queries/{query_id}/rows"


async def test_the_rows_before_stay_while_the_next_query_runs(page: Tab, portal: Portal) -> None:
    """P3-06: loading is neither empty nor an error; the old content stays."""
    first = await started(page, **run_text("select 1"))
    await ended(page, portal, first, QueryEnd(QueryStatus.SUCCESS, (Column("id", "BIGINT"),), 1))
    await page.start(QueryState.run, **run_text("select 2"))
    state = await page.wait_for(QueryState, lambda state: bool(state.going.id) and state.going.id != first)
    assert (state.query.id, state.busy) == (first, True)


async def test_an_error_is_placed_where_the_text_was_typed(page: Tab, portal: Portal) -> None:
    text = "select 1;\n  select nope"
    query_id = await started(page, **run_text(text, {"text": "select nope", "line": 2, "column": 3}))
    assert portal.engine.queries.get(LOCAL_USER, query_id).sql == "select nope"
    state = await ended(page, portal, query_id, QueryEnd(QueryStatus.FAILED, code="query_failed", message="No column nope.", line=1, column=8))
    assert state.problems == [{"file": QUERY_FILE, "line": 2, "column": 10, "message": "No column nope.", "hint": "", "severity": "error"}]
    assert state.query.excerpt == "select nope\n       ^"
    await page.send(QueryState.jump)
    assert (await page.state(QueryState)).target == {"file": QUERY_FILE, "line": 2, "column": 10, "again": 1}


async def test_a_waiting_query_is_cancelled(page: Tab) -> None:
    await started(page, **run_text("select 1"))
    await page.send(QueryState.cancel)
    state = await page.wait_for(QueryState, lambda state: not state.busy)
    assert state.query.status == "cancelled"


async def test_an_empty_text_is_refused_in_place(page: Tab) -> None:
    await page.send(QueryState.run, **run_text("  \n "))
    state = await page.state(QueryState)
    assert (state.failure.title, state.busy) == ("Could not run the query", False)


async def test_tables_of_the_chosen_namespace_appear_when_they_are_published(page: Tab, portal: Portal) -> None:
    await page.start(SchemaState.follow)
    await page.wait_for(SchemaState, lambda state: state.loaded)
    publish(portal, "flights", "delays")
    state = await page.wait_for(SchemaState, lambda state: bool(state.catalog))
    (layer,) = state.nodes
    assert (layer["label"], layer["children"][0]["insert"], layer["children"][0]["detail"]) == ("silver", "silver.delays", "1,234")
    assert layer["children"][0]["children"][0]["insert"] == "id"

    publish(portal, "shop", "orders")
    await page.send(SchemaState.choose, namespace="shop")
    state = await page.state(SchemaState)
    assert [table["name"] for table in state.catalog] == ["orders"]
    assert (await page.state(QueryState)).namespace == "shop"


async def test_a_namespace_that_does_not_exist_cannot_be_chosen(page: Tab) -> None:
    await page.send(SchemaState.choose, namespace="'; drop table run; --")
    assert (await page.state(SchemaState)).failure.title == "Could not read the tables"
    assert (await page.state(QueryState)).namespace == "flights"


def test_the_selection_runs_alone_and_blanks_are_no_selection() -> None:
    assert chosen("a", {"text": "b", "line": 3, "column": 5}) == ("b", 3, 5)
    assert chosen("a", {"text": " \n", "line": 3, "column": 5}) == ("a", 1, 1)
    assert chosen("a", {}) == ("a", 1, 1)


@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        ("select x\nfrom y", 2, 6, "from y\n     ^"),
        ("\tselect x", 1, 9, "\tselect x\n\t       ^"),
        ("select 1", 0, 0, ""),
        ("select 1", 9, 1, ""),
    ],
)
def test_the_caret_stands_below_its_column(text: str, line: int, column: int, shown: str) -> None:
    assert excerpt(text, line, column) == shown
