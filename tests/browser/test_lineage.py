"""Lineage in a real browser: the graph, a column's impact, the same as a table, by mouse and by keyboard, on a desk and on a phone."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Noise
from tests.browser.working_screens import Api, accessible, looks

_numbers = itertools.count(1)

# The graph has come to rest: it moves a moment after what is drawn has changed.
STILL = """() => new Promise((done) => {
    const drawn = document.querySelector('.react-flow__viewport');
    const look = (before, frames) => {
        const now = drawn.style.transform;
        return frames > 30 ? done() : requestAnimationFrame(() => look(now, now === before ? frames + 1 : 0));
    };
    look('', 0);
})"""


@pytest.fixture
def chain(api: Api) -> str:
    """Three tables, each reading the one before; the namespace they are in."""
    space = f"line_{next(_numbers)}"
    for layer, name, source in (
        ("bronze", "raw", "select 1 as id, 'a' as label, 2.5 as price"),
        ("silver", "clean", "select id, upper(label) as label, price from {{ ref('bronze.raw') }} where id > 0"),
        ("gold", "totals", "select label, sum(price) as revenue from {{ ref('silver.clean') }} group by label"),
    ):
        api.post("/pipelines", {"namespace": space, "layer": layer, "name": name, "files": {"pipeline.sql": source}})
        api.post(f"/pipelines/{space}/{layer}/{name}/publish", {"message": ""})
    return space


def test_a_column_is_followed_from_the_files_to_the_last_table(page: Page, chain: str) -> None:
    page.goto(f"/lineage?namespace={chain}")
    expect(page.locator(".flow-card")).to_have_count(3)
    page.get_by_role("button", name=f"Focus {chain}.bronze.raw").click()
    expect(page).to_have_url(re.compile(f"focus={chain}.bronze.raw"))
    panel = page.get_by_role("complementary", name=f"Table {chain}.bronze.raw")
    expect(panel.get_by_text("3 of 3 columns traced.")).to_be_visible()
    panel.get_by_role("button", name="price").click()
    expect(page).to_have_url(re.compile("column=price"))
    column = page.get_by_role("complementary", name="Column price")
    expect(column.get_by_text("Goes into 2")).to_be_visible()
    expect(column.get_by_text("SUM(clean.price)")).to_be_visible()
    expect(page.locator(".flow-lit")).to_have_count(2)
    expect(page.locator(".flow-here")).to_have_text("price")
    page.reload()
    expect(page.locator(".flow-lit")).to_have_count(2)
    column.get_by_role("button", name="gold.totals.revenue").click()
    expect(page.get_by_role("complementary", name="Column revenue").get_by_text("Comes from 2")).to_be_visible()
    page.go_back()
    expect(column).to_be_visible()
    column.get_by_role("button", name="Close the column").click()
    expect(panel).to_be_visible()


def test_what_decides_rows_is_told_too(page: Page, chain: str) -> None:
    page.goto(f"/lineage?focus={chain}.bronze.raw&column=id")
    column = page.get_by_role("complementary", name="Column id")
    expect(column.get_by_role("heading", name="Decides the rows of")).to_be_visible()
    expect(column.get_by_role("button", name="silver.clean", exact=True)).to_be_visible()


def test_a_table_is_found_focused_and_seen_by_keyboard_alone(page: Page, chain: str) -> None:
    page.goto("/lineage")
    field = page.get_by_role("combobox", name="Find a table or landing zone")
    field.fill(f"{chain}.silver")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"focus={chain}.silver.clean"))
    expect(page.locator(".flow-card")).to_have_count(3)
    page.get_by_label("Before").select_option("0")
    expect(page.locator(".flow-card")).to_have_count(2)
    opener = page.get_by_role("button", name=f"Columns of {chain}.silver.clean")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name=f"Columns of {chain}.silver.clean").get_by_role("button")).to_have_count(3)
    graph = page.get_by_role("region", name=re.compile("Lineage graph"))
    moved = page.locator(".react-flow__viewport")
    page.evaluate(STILL)
    before = moved.get_attribute("style")
    graph.focus()
    page.keyboard.press("ArrowRight")
    expect(moved).not_to_have_attribute("style", before or "")


def test_the_table_says_the_same_as_the_graph(page: Page, chain: str) -> None:
    """The graph has an equal for those who do not see it, and for paper."""
    page.goto(f"/lineage?namespace={chain}")
    page.get_by_role("group", name="View").get_by_role("button", name="Table").click()
    expect(page).to_have_url(re.compile("view=table"))
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader").filter(has_text="clean"))
    expect(row.get_by_role("button", name=f"Focus {chain}.bronze.raw")).to_be_visible()
    row.get_by_role("button", name=f"Focus {chain}.gold.totals").click()
    expect(page.get_by_role("complementary", name=f"Table {chain}.gold.totals")).to_be_visible()


def test_the_graph_changes_while_one_looks(page: Page, api: Api, chain: str) -> None:
    page.goto(f"/lineage?namespace={chain}")
    card = page.locator(".flow-card").filter(has_text="raw")
    expect(card).to_contain_text("– rows")
    api.run(f"/pipelines/{chain}/bronze/raw")
    expect(card.locator(".status-success")).to_be_visible()
    expect(card).to_contain_text("1 row")


def test_a_focus_that_does_not_exist_is_said_and_left(page: Page, chain: str, noise: Noise) -> None:
    noise.expect("404")
    page.goto(f"/lineage?focus={chain}.gold.nothing")
    expect(page.get_by_role("alert")).to_contain_text(f"{chain}.gold.nothing")
    page.get_by_role("button", name=f"Leave the focus {chain}.gold.nothing").click()
    expect(page.locator(".flow-card").first).to_be_visible()


def test_the_overview_of_a_pipeline_shows_its_neighbours(page: Page, chain: str) -> None:
    page.goto(f"/pipelines/{chain}/silver/clean")
    around = page.get_by_role("group", name=f"Lineage of {chain}.silver.clean")
    expect(around.get_by_role("list", name="Reads").get_by_role("link")).to_have_text(re.compile("raw"))
    around.get_by_role("list", name="Read by").get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"/pipelines/{chain}/gold/totals"))


@pytest.mark.parametrize("address", ["", "&focus={0}.silver.clean", "&focus={0}.silver.clean&column=price", "&view=table"])
def test_lineage_is_accessible_in_every_look(page: Page, chain: str, address: str) -> None:
    page.goto(f"/lineage?namespace={chain}" + address.format(chain))
    expect(page.locator("tbody tr" if "table" in address else ".flow-card").first).to_be_visible()
    for look in looks(page):
        accessible(page, f"lineage {address} {look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), look
