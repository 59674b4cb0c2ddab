"""The command palette without a browser."""

from __future__ import annotations

from rat_app.engine import Portal
from rat_app.state.base import NoticeState
from rat_app.state.palette import PaletteState
from rat_app.state.pipelines import NewPipelineState
from rat_engine import LOCAL_USER, PageRequest, PipelineFiles, RunFilter, TableName
from tests.app.tab import Browser, Tab

TABLE = TableName.parse("shop.gold.sales")


def pipeline(portal: Portal, table: TableName = TABLE) -> None:
    portal.engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": "SELECT 1 AS n"}))
    portal.engine.pipelines.release(LOCAL_USER, table, "")


async def found(tab: Tab, text: str) -> list[tuple[str, str, str]]:
    await tab.send(PaletteState.search, text=text)
    state = await tab.state(PaletteState)
    assert state.found.text == text
    return [(hit.kind, hit.title, hit.to) for hit in state.found.hits]


async def test_everything_that_has_a_name_is_found_and_leads_to_its_page(portal: Portal, tab: Tab) -> None:
    pipeline(portal)
    run = portal.engine.runs.submit(LOCAL_USER, TABLE)
    saved = portal.engine.saved.create(LOCAL_USER, "Sales of May", "SELECT 1")
    assert await found(tab, "sales") == [
        ("pipeline", "shop.gold.sales", "/pipelines/shop/gold/sales"),
        ("saved_query", "Sales of May", f"/query?saved={saved.id}"),
    ]
    assert await found(tab, "shop") == [
        ("pipeline", "shop.gold.sales", "/pipelines/shop/gold/sales"),
        ("namespace", "shop", "/pipelines?namespace=shop"),
    ]
    assert await found(tab, run.id[:12]) == [("run", "shop.gold.sales", f"/runs/{run.id}")]


async def test_after_the_word_run_pipelines_are_found_to_be_run(portal: Portal, tab: Tab) -> None:
    pipeline(portal)
    assert await found(tab, "run sal") == [("run_pipeline", "Run shop.gold.sales", "")]
    await tab.send(PaletteState.run, name="shop.gold.sales")
    runs = portal.engine.runs.list(LOCAL_USER, RunFilter(), PageRequest(10)).items
    assert [str(run.table) for run in runs] == ["shop.gold.sales"]
    notice = (await tab.state(NoticeState)).notices[-1]
    assert (notice.title, notice.href) == ("Running shop.gold.sales", f"/runs/{runs[0].id}")


async def test_what_the_palette_cannot_do_is_said(tab: Tab) -> None:
    await tab.send(PaletteState.search, text="x" * 201)
    assert "200" in (await tab.state(PaletteState)).failure.message
    await tab.send(PaletteState.run, name="shop.gold.nothing")
    assert await tab.failures() == ["Could not run the pipeline"]


async def test_an_address_can_ask_for_the_form_of_a_new_pipeline(browser: Browser) -> None:
    tab = await browser.open("/pipelines?new=1")
    await tab.send(NewPipelineState.show_if_asked)
    assert (await tab.state(NewPipelineState)).is_open
    await tab.send(NewPipelineState.hide)
    assert not (await tab.state(NewPipelineState)).is_open
    assert tab.redirects() == ["/pipelines"]
