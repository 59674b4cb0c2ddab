"""The state of the Query page, over real events and a real engine without workers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.query.console import QueryState
from rat_app.state.query.keeping import SaveState, TurnState
from rat_app.state.query.results import excerpt
from rat_app.state.query.side import HISTORY, SAVED, SchemaState, SideState
from rat_app.state.query.statements import chosen
from rat_engine import LOCAL_USER, Column, EventKind, Layer, QueryStatus, TableName, new_id
from rat_engine.domain.clock import now
from rat_engine.domain.event import NewEvent
from rat_engine.jobs.lifecycle import QueryEnd, end_query, note_progress
from rat_engine.metadata.tables import lake_table, query
from tests.app.damage import damaged
from tests.app.tab import Browser, Tab

TAB = "first"


def run_text(text: str, selection: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the editor sends with Run."""
    return {"tab": TAB, "text": text, "selection": selection or {"text": "", "line": 1, "column": 1}}


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
    assert state.incoming["sql"] == "select 'a b' as \"x&y\""
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
    assert state.problems == [{"file": f"{TAB}.sql", "line": 2, "column": 10, "message": "No column nope.", "hint": "", "severity": "error"}]
    assert state.query.excerpt == "select nope\n       ^"
    await page.send(QueryState.jump)
    assert (await page.state(QueryState)).target == {"file": f"{TAB}.sql", "line": 2, "column": 10, "again": 1}


async def test_a_waiting_query_is_cancelled(page: Tab) -> None:
    await started(page, **run_text("select 1"))
    await page.send(QueryState.cancel)
    state = await page.wait_for(QueryState, lambda state: not state.busy)
    assert state.query.status == "cancelled"


async def test_a_query_that_can_no_longer_be_followed_leaves_the_button_free(page: Tab, portal: Portal) -> None:
    await page.start(QueryState.run, **run_text("select 1"))
    going = (await page.wait_for(QueryState, lambda state: bool(state.going.id))).going
    with damaged(portal):
        portal.engine.database.bus.send([f"query:{going.id}"])
        shown = await page.wait_for(QueryState, lambda state: not state.busy)
        assert "database" in shown.failure.message


async def test_an_empty_text_is_refused_in_place(page: Tab) -> None:
    await page.send(QueryState.run, **run_text("  \n "))
    state = await page.state(QueryState)
    assert (state.failure.title, state.busy) == ("Could not run the query", False)


async def test_the_browser_reads_the_tables_again_when_one_is_published(page: Tab, portal: Portal) -> None:
    """P10-76."""
    following = await page.start(SchemaState.follow)
    await page.send(SchemaState.choose, namespace="shop")
    assert (await page.state(QueryState)).namespace == "shop"
    publish(portal, "shop", "orders")
    await page.wait_for(SchemaState, lambda state: state.version > 0)
    assert following is not None


async def test_a_namespace_that_does_not_exist_cannot_be_chosen(page: Tab) -> None:
    await page.send(SchemaState.choose, namespace="'; drop table run; --")
    assert (await page.state(SchemaState)).failure.title == "Could not choose the namespace"
    assert (await page.state(QueryState)).namespace == "flights"


async def test_each_tab_shows_its_own_query_and_one_that_still_runs_is_followed(page: Tab, portal: Portal) -> None:
    first = await started(page, **run_text("select 1"))
    await page.start(QueryState.pick, tab="second", query_id="", namespace="")
    await page.wait_for(QueryState, lambda state: state.tab == "second" and not state.busy)
    with portal.engine.database.write() as transaction:
        assert end_query(transaction, first, QueryEnd(QueryStatus.SUCCESS, (Column("id", "BIGINT"),), 7))
    assert (await page.state(QueryState)).query.id == ""
    await page.send(QueryState.pick, tab=TAB, query_id=first, namespace="shop")
    state = await page.state(QueryState)
    assert (state.query.rows, state.namespace) == (7, "shop")


async def test_a_tab_that_is_shown_after_its_query_has_begun_keeps_it(page: Tab, portal: Portal) -> None:
    """What is run from the history is sent before its new tab is drawn."""
    await page.start(QueryState.run, **run_text("select 1"))
    going = (await page.wait_for(QueryState, lambda state: bool(state.going.id))).going
    await page.send(QueryState.pick, tab=TAB, query_id="", namespace="")
    assert (await page.state(QueryState)).going.id == going.id
    await page.send(QueryState.pick, tab="second", query_id="", namespace="")
    assert not (await page.state(QueryState)).going.id


async def test_a_query_tells_how_far_it_is(page: Tab, portal: Portal) -> None:
    """N10."""
    query_id = await started(page, **run_text("select 1"))
    assert (await page.state(QueryState)).percent == -1
    with portal.engine.database.write() as transaction:
        transaction.connection.execute(update(query).where(query.c.id == query_id).values(status="running"))
        note_progress(transaction, query_id, 0.42)
    await page.wait_for(QueryState, lambda state: state.percent == 42)
    await ended(page, portal, query_id, QueryEnd(QueryStatus.SUCCESS, (), 1))
    assert (await page.state(QueryState)).percent == -1


async def test_what_a_statement_would_read_is_said_and_taken_back_when_it_cannot_run(page: Tab, portal: Portal) -> None:
    """N9."""
    table = {"name": "shop.silver.orders", "rows": 10, "size_bytes": 99, "files": 1, "files_total": 2}
    for end, known in (
        (QueryEnd(QueryStatus.SUCCESS, answer={"tables": [table]}), True),
        (QueryEnd(QueryStatus.FAILED, code="query_failed", message="No."), False),
    ):
        weighing = await page.start(QueryState.weigh, **run_text("select * from silver.orders"))
        await page.start(QueryState.pick, tab=TAB, query_id="", namespace="")
        query_id = await waiting(portal)
        with portal.engine.database.write() as transaction:
            assert end_query(transaction, query_id, end)
        await weighing.wait_all()
        assert (await page.state(QueryState)).estimate.known is known
    assert portal.engine.queries.list(LOCAL_USER).total == 0


async def waiting(portal: Portal) -> str:
    """The id of the estimate that waits."""
    async with asyncio.timeout(30):
        while True:
            with portal.engine.database.read() as connection:
                found = connection.execute(select(query.c.id).where(query.c.kind == "estimate", query.c.status == "pending")).scalar()
            if found:
                return found
            await asyncio.sleep(0.01)


async def test_the_history_opens_in_a_tab_and_is_searched(page: Tab, portal: Portal) -> None:
    for number in range(3):
        portal.engine.queries.submit(LOCAL_USER, f"select {number} as {'odd' if number == 1 else 'even'}", "shop")
    await page.send(SideState.show, panel=HISTORY)
    assert [past.text for past in (await page.state(SideState)).history] == ["select 2 as even", "select 1 as odd", "select 0 as even"]
    await page.send(SideState.find_past, text="ODD")
    (past,) = (await page.state(SideState)).history
    await page.send(SideState.run_past, query_id=past.id)
    brought = (await page.state(QueryState)).incoming
    assert (brought["sql"], brought["namespace"], brought["run"]) == ("select 1 as odd", "shop", True)


async def test_a_text_is_saved_opened_changed_deleted_and_brought_back(page: Tab, portal: Portal) -> None:
    await page.send(SaveState.save, tab=TAB, text="select 1", saved_id="", name="Query 1")
    assert ((await page.state(SaveState)).is_open, (await page.state(SaveState)).name) == (True, "")
    await page.send(SaveState.create, form={"saved-name": "One", "saved-description": "The first"})
    linked = (await page.state(QueryState)).linked
    assert (linked["tab"], linked["name"]) == (TAB, "One")
    await page.send(SaveState.save, tab=TAB, text="select 2", saved_id=linked["saved"], name="One")
    assert portal.engine.saved.get(LOCAL_USER, "One").sql == "select 2"
    await page.send(SideState.show, panel=SAVED)
    await page.send(SideState.open_saved, saved_id=linked["saved"])
    assert (await page.state(QueryState)).incoming["sql"] == "select 2"
    await page.send(SideState.delete_saved, saved_id=linked["saved"])
    assert (await page.state(SideState)).saved == []
    await page.send(SideState.restore_saved, saved_id=linked["saved"])
    assert [saved.name for saved in (await page.state(SideState)).saved] == ["One"]
    other = await page.start(SaveState.save, tab=TAB, text="select 3", saved_id="gone", name="One")
    await other.wait_all()
    await page.send(SaveState.create, form={"saved-name": "One"})
    assert (await page.state(SaveState)).failure.message == "There is a saved query called 'One' already."


async def test_the_address_may_name_a_saved_query(browser: Browser, portal: Portal) -> None:
    saved = portal.engine.saved.create(LOCAL_USER, "One", "select 1")
    tab = await browser.open("/query?saved=One")
    await tab.send(QueryState.load)
    assert (await tab.state(QueryState)).incoming["saved"] == saved.id


@pytest.mark.parametrize(("tab", "name"), [("Delay by airline", "delay_by_airline"), ("Query 3", ""), ("…", "")])
async def test_the_name_of_a_saved_query_is_proposed_for_its_pipeline(page: Tab, tab: str, name: str) -> None:
    await page.send(TurnState.show, _tab=TAB, text="select 1", selection={"text": "", "line": 1, "column": 1}, tab_name=tab)
    assert (await page.state(TurnState)).name == name


async def test_a_statement_becomes_a_pipeline(page: Tab, portal: Portal) -> None:
    """P3-05: a name that cannot be is said while it is typed."""
    publish(portal, "flights", "delays")
    await page.send(TurnState.show, _tab=TAB, text="select 1;\nselect * from silver.delays", selection={"text": "", "line": 2, "column": 3})
    await page.send(TurnState.check_name, text="Late-Ones")
    assert "late_ones" in (await page.state(TurnState)).name_problem
    bad = {"turn-namespace": "flights", "turn-layer": "gold", "turn-name": "Late-Ones", "turn-description": ""}
    await page.send(TurnState.create, form=bad)
    state = await page.state(TurnState)
    assert (bool(state.name_problem), state.failure.title, page.redirects()) == (True, "", [])
    await page.send(TurnState.take_offer)
    state = await page.state(TurnState)
    assert (state.name, state.name_problem) == ("late_ones", "")
    await page.send(TurnState.create, form={"turn-namespace": "flights", "turn-layer": "gold", "turn-name": "late", "turn-description": "Late ones"})
    assert page.redirects() == ["/pipelines/flights/gold/late/code"]
    source = portal.engine.pipelines.draft(LOCAL_USER, TableName("flights", Layer.GOLD, "late")).files.texts["pipeline.sql"]
    assert source.endswith("select * from {{ ref('silver.delays') }}\n")


@pytest.mark.parametrize(
    ("line", "column", "chosen_text", "at"),
    [(1, 1, "select ';';", (1, 1)), (1, 12, "select ';';", (1, 1)), (2, 5, "select 2", (2, 3)), (3, 1, "select 2", (2, 3))],
)
def test_the_statement_under_the_cursor_runs_alone(line: int, column: int, chosen_text: str, at: tuple[int, int]) -> None:
    text = "select ';';\n  select 2 -- ; no end\n"
    found, *place = chosen(text, {"text": "", "line": line, "column": column})
    assert (found.startswith(chosen_text), tuple(place)) == (True, at)


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
