"""The lists of runs and pipelines: their address says what they show, and they change by themselves."""

from __future__ import annotations

import asyncio

import pytest

from rat_app import routes
from rat_app.engine import Portal
from rat_app.state.pipelines import NewPipelineState, PipelinesState
from rat_app.state.runs import RunFacetsState, RunsState
from rat_engine import LOCAL_USER, Run, RunStatus, TableName
from tests.app.tab import Browser


def add_pipeline(portal: Portal, name: str = "flights.bronze.flights", *, released: bool = True) -> TableName:
    table = TableName.parse(name)
    portal.engine.pipelines.create(LOCAL_USER, table, description=f"about {table.name}")
    if released:
        portal.engine.pipelines.release(LOCAL_USER, table)
    return table


def add_run(portal: Portal, table: TableName) -> Run:
    return portal.engine.runs.submit(LOCAL_USER, table)


async def test_the_runs_page_shows_the_newest_first_with_a_total(portal: Portal, browser: Browser) -> None:
    table = add_pipeline(portal)
    runs = [add_run(portal, table) for _ in range(3)]
    tab = await browser.open(routes.RUNS)
    await tab.send(RunsState.load)
    shown = await tab.state(RunsState)
    assert [run.id for run in shown.runs] == [run.id for run in reversed(runs)]
    assert shown.pager.words == "3 runs"
    assert (shown.pager.previous, shown.pager.following) == ("", "")


async def test_the_status_in_the_address_filters_the_runs(portal: Portal, browser: Browser) -> None:
    table = add_pipeline(portal)
    waiting, gone = add_run(portal, table), add_run(portal, table)
    portal.engine.runs.cancel(LOCAL_USER, gone.id)
    for status, run in (("pending", waiting), ("cancelled", gone)):
        tab = await browser.open(routes.runs(status=status))
        await tab.send(RunsState.load)
        assert [each.id for each in (await tab.state(RunsState)).runs] == [run.id]


async def test_the_page_of_a_pipeline_lists_its_own_runs_whatever_the_address_says(portal: Portal, browser: Browser) -> None:
    table, other = add_pipeline(portal), add_pipeline(portal, "flights.silver.flights")
    waiting, gone = add_run(portal, table), add_run(portal, table)
    add_run(portal, other)
    portal.engine.runs.cancel(LOCAL_USER, gone.id)
    own = routes.pipeline("flights", "bronze", "flights", "runs")
    tab = await browser.open(f"{own}?status=pending&namespace=other&name=x")
    await tab.send(RunsState.load)
    shown = await tab.state(RunsState)
    assert [run.id for run in shown.runs] == [waiting.id]
    assert (shown.bare, shown.filtered, shown.others) == (own, True, [])
    assert shown.sorts["status"].address == f"{own}?status=pending&sort=-status"
    following = await tab.start(RunFacetsState.count)
    counted = await tab.wait_for(RunFacetsState, lambda state: bool(state.facets["status"]))
    assert {chip.words: chip.address for chip in counted.facets["status"]} == {"waiting": own, "cancelled": f"{own}?status=cancelled"}
    following.cancel()


async def test_every_namespace_is_a_chip_and_a_chosen_one_is_among_the_first(portal: Portal, browser: Browser) -> None:
    """P3-06: nothing is left out of a list without a word."""
    for number in range(12):
        add_run(portal, add_pipeline(portal, f"space{number:02}.bronze.orders"))
    hidden = "space11"
    for address, first in ((routes.RUNS, "space00"), (routes.runs(namespace=hidden), hidden)):
        tab = await browser.open(address)
        following = await tab.start(RunFacetsState.count)
        chips = (await tab.wait_for(RunFacetsState, lambda state: bool(state.facets["namespace"]))).facets["namespace"]
        assert (len(chips), chips[0].words) == (12, first)
        following.cancel()


async def test_the_heads_of_the_pipeline_list_sort_it_by_its_address(portal: Portal, browser: Browser) -> None:
    for name in ("a", "b", "c"):
        add_pipeline(portal, f"flights.bronze.{name}")
    add_run(portal, TableName.parse("flights.bronze.b"))
    tab = await browser.open(routes.PIPELINES)
    await tab.send(PipelinesState.load)
    shown = (await tab.state(PipelinesState)).sorts
    assert (shown["namespace"].direction, shown["namespace"].address) == ("ascending", "/pipelines?sort=-namespace")
    assert (shown["row_count"].direction, shown["row_count"].address) == ("none", "/pipelines?sort=-row_count")
    for sort, names, following in (
        ("-namespace", "cba", "/pipelines?search=flights"),
        ("-last_run_at", "bca", "/pipelines?search=flights&sort=last_run_at"),
        ("last_run_at", "acb", "/pipelines?search=flights"),
    ):
        tab = await browser.open(routes.pipelines(search="flights", sort=sort))
        await tab.send(PipelinesState.load)
        state = await tab.state(PipelinesState)
        assert "".join(item.table.name for item in state.pipelines) == names
        assert state.sorts[sort.removeprefix("-")].address == following
    tab = await browser.open(routes.pipelines(sort="nothing"))
    await tab.send(PipelinesState.load)
    assert "sort='nothing'" in (await tab.state(PipelinesState)).failure.message


@pytest.mark.parametrize("query", ["status=done", "layer=tin", "page=0", "page=x", "page=²", "after=1.2.3.4"])
async def test_an_address_that_cannot_be_used_is_explained_in_place(browser: Browser, query: str) -> None:
    """P3-04, P3-06."""
    tab = await browser.open(f"{routes.RUNS}?{query}")
    await tab.send(RunsState.load)
    failure = (await tab.state(RunsState)).failure
    assert failure.title == "Could not list the runs"
    assert query.split("=")[1] in failure.message


async def test_pages_follow_each_other_forth_and_back(portal: Portal, browser: Browser) -> None:
    table = add_pipeline(portal)
    runs = [add_run(portal, table).id for _ in range(120)][::-1]
    seen: list[str] = []
    address = routes.runs(namespace="flights", status="pending")
    while True:
        tab = await browser.open(address)
        await tab.send(RunsState.load)
        shown = await tab.state(RunsState)
        seen += [run.id for run in shown.runs]
        if not shown.pager.following:
            break
        address = shown.pager.following
    assert seen == runs
    assert shown.pager.words == "101–120 of 120 runs"
    assert "namespace=flights" in shown.pager.previous
    tab = await browser.open(shown.pager.previous)
    await tab.send(RunsState.load)
    middle = await tab.state(RunsState)
    assert [run.id for run in middle.runs] == runs[50:100]
    tab = await browser.open(middle.pager.previous)
    await tab.send(RunsState.load)
    assert [run.id for run in (await tab.state(RunsState)).runs] == runs[:50]


async def test_an_open_list_of_runs_changes_when_a_run_does(portal: Portal, browser: Browser) -> None:
    """P10-76: without reload, without the browser asking."""
    table = add_pipeline(portal)
    tab = await browser.open(routes.RUNS)
    following = await tab.start(RunsState.follow)
    await tab.wait_for(RunsState, lambda state: state.loaded)
    run = await asyncio.to_thread(add_run, portal, table)
    await tab.wait_for(RunsState, lambda state: [each.id for each in state.runs] == [run.id])
    await asyncio.to_thread(portal.engine.runs.cancel, LOCAL_USER, run.id)
    await tab.wait_for(RunsState, lambda state: [each.status for each in state.runs] == [RunStatus.CANCELLED])
    following.cancel()


async def test_following_ends_when_the_tab_is_gone_and_begins_anew_when_it_is_back(portal: Portal, browser: Browser) -> None:
    """P6-23: nothing that happened meanwhile is missed."""
    table = add_pipeline(portal)
    tab = await browser.open(routes.RUNS)
    following = await tab.start(RunsState.follow)
    await tab.wait_for(RunsState, lambda state: state.loaded)
    assert len(portal._watchers) == 1
    await tab.disconnect()
    missed = await asyncio.to_thread(add_run, portal, table)
    async with asyncio.timeout(30):
        await following.wait_all()
    assert not portal._watchers
    await tab.connect()
    following = await tab.start(RunsState.follow)
    await tab.wait_for(RunsState, lambda state: [run.id for run in state.runs] == [missed.id])
    following.cancel()


async def test_pipelines_are_searched_and_filtered_by_the_address(portal: Portal, browser: Browser) -> None:
    for name in ("flights.bronze.flights", "flights.gold.delays", "shop.gold.orders"):
        add_pipeline(portal, name)
    wanted = {
        "": ["flights.bronze.flights", "flights.gold.delays", "shop.gold.orders"],
        "?namespace=flights": ["flights.bronze.flights", "flights.gold.delays"],
        "?layer=gold": ["flights.gold.delays", "shop.gold.orders"],
        "?search=ORD": ["shop.gold.orders"],
        "?search=%25": [],
    }
    for query, names in wanted.items():
        tab = await browser.open(routes.PIPELINES + query)
        await tab.send(PipelinesState.load)
        shown = await tab.state(PipelinesState)
        assert [str(pipeline.table) for pipeline in shown.pipelines] == names
        assert shown.namespaces == ["flights", "shop"]


async def test_searching_and_choosing_change_the_address_and_keep_the_other_filters(browser: Browser) -> None:
    tab = await browser.open(routes.pipelines(search="x", namespace="flights", after="a.b.c", page="2"))
    await tab.send(PipelinesState.find, text=" delays & more ")
    await tab.send(PipelinesState.choose_layer, name="gold")
    await tab.send(PipelinesState.choose_namespace, name="")
    assert tab.redirects() == ["/pipelines?search=delays+%26+more&namespace=flights", "/pipelines?search=x&namespace=flights&layer=gold", "/pipelines?search=x"]


async def test_an_open_list_of_pipelines_changes_when_one_is_made(portal: Portal, browser: Browser) -> None:
    tab = await browser.open(routes.PIPELINES)
    following = await tab.start(PipelinesState.follow)
    await tab.wait_for(PipelinesState, lambda state: state.loaded)
    await asyncio.to_thread(add_pipeline, portal, released=False)
    shown = await tab.wait_for(PipelinesState, lambda state: bool(state.pipelines))
    assert (shown.pipelines[0].version, shown.pager.words) == (None, "1 pipeline")
    following.cancel()


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("name", "flight-delays", "Did you mean 'flight_delays'?"),
        ("name", "Flights", "Did you mean 'flights'?"),
        ("name", "1st", "lower-case letter"),
        ("name", "a" * 64, "63 characters"),
        ("name", 'x"; drop table run; --', "not a valid pipeline name"),
        ("namespace", "main", "reserved"),
        ("namespace", "my shop", "Did you mean 'my_shop'?"),
    ],
)
async def test_a_wrong_name_is_explained_while_it_is_typed(browser: Browser, field: str, text: str, complaint: str) -> None:
    """P3-05."""
    tab = await browser.open(routes.PIPELINES)
    await tab.send(NewPipelineState.show)
    check = getattr(NewPipelineState, f"check_{field}")
    await tab.send(check, text=text)
    problems = (await tab.state(NewPipelineState)).problems
    assert complaint in getattr(problems, field)
    await tab.send(check, text="fine")
    assert getattr((await tab.state(NewPipelineState)).problems, field) == ""


async def test_a_pipeline_is_created_with_a_working_template_and_opened(portal: Portal, browser: Browser) -> None:
    tab = await browser.open(routes.PIPELINES)
    await tab.send(NewPipelineState.show)
    await tab.send(NewPipelineState.create, form={"namespace": "shop", "layer": "silver", "name": "orders", "description": "All orders"})
    assert tab.redirects() == ["/pipelines/shop/silver/orders/code"]
    assert not (await tab.state(NewPipelineState)).is_open
    table = TableName.parse("shop.silver.orders")
    assert portal.engine.pipelines.get(LOCAL_USER, table).description == "All orders"
    assert portal.engine.pipelines.compile(LOCAL_USER, table).problems == ()


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"namespace": "shop", "layer": "silver", "name": "Or ders"}, "or_ders"),
        ({"namespace": "", "layer": "silver", "name": "orders"}, "namespace"),
        ({"namespace": "shop", "layer": "tin", "name": "orders"}, "tin"),
        ({}, "namespace"),
        ({"namespace": "flights", "layer": "bronze", "name": "flights"}, "exists already"),
        ({"namespace": "shop", "layer": "silver", "name": "orders", "description": "x" * 5001}, "5,000"),
    ],
)
async def test_a_pipeline_that_cannot_be_created_is_explained_in_the_dialog(portal: Portal, browser: Browser, form: dict[str, str], why: str) -> None:
    """P3-04, P10-103."""
    add_pipeline(portal)
    tab = await browser.open(routes.PIPELINES)
    await tab.send(NewPipelineState.show)
    await tab.send(NewPipelineState.create, form=form)
    state = await tab.state(NewPipelineState)
    assert state.is_open
    # Once: at the field, or for the form as a whole.
    at_fields = state.problems.namespace + state.problems.name
    assert why in at_fields + state.failure.message
    assert bool(at_fields) != (state.failure.title == "Could not create the pipeline")
    assert tab.redirects() == []
