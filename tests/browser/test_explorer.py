"""The Explorer and the pages of a table in a real browser, on tables that real runs published."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.working_screens import Api, accessible, accessible_everywhere, looks

SOURCE = """\
SELECT i::BIGINT AS order_id, 'c' || (i % 3) AS customer, i * 1.5 AS price, {'line': i, 'note': 'x'} AS detail,
    CASE WHEN i % 10 > 0 THEN DATE '2024-01-01' + i::INTEGER END AS shipped
FROM range(500) AS r(i)
"""
TABS = ("", "/columns", "/snapshots", "/files", "/lineage", "/quality", "/docs")


def published(api: Api, source: str = SOURCE, **tests: str) -> str:
    """The address of a table that was just published."""
    pipeline = api.pipeline(source, **tests)
    api.succeed(pipeline)
    return pipeline.replace("/pipelines/", "/explorer/")


def test_a_table_is_found_by_a_column_and_its_rows_are_there(page: Page, api: Api) -> None:
    name = published(api).split("/")[-1]
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Explorer").click()
    page.get_by_role("searchbox", name="Search tables, columns and documentation").press_sequentially(f"{name} shipped", delay=10)
    expect(page).to_have_url(re.compile(r"search=\w+\+shipped$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody mark").filter(has_text="shipped")).to_be_visible()
    accessible(page, "found")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("All rows, in no particular order.")).to_be_visible()
    expect(page.locator('.result-grid[data-rows="500"]')).to_be_visible()


def test_nothing_found_offers_the_way_back(page: Page, api: Api) -> None:
    """P3-06."""
    published(api)
    page.goto("/explorer?search=surely_nothing")
    page.get_by_role("link", name="Show all tables").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_columns_are_profiled_on_demand_and_the_profile_stays(page: Page, api: Api) -> None:
    page.goto(published(api) + "/columns")
    page.get_by_role("button", name="Profile columns").click()
    expect(page.get_by_text("Every row was looked at.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="shipped")
    expect(row).to_contain_text("50 · 10 %")
    expect(row.get_by_role("img", name=re.compile("Distribution from 2024-01-02 to 2025-05-14"))).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="customer")).to_contain_text("33.4 %")
    page.get_by_text("STRUCT of 2 fields").click()
    expect(page.get_by_text("note VARCHAR")).to_be_visible()
    for look in looks(page):
        accessible(page, f"profiled {look}")
    page.reload()
    expect(page.get_by_text("Every row was looked at.")).to_be_visible()


def test_documentation_is_written_seen_at_once_and_guarded(page: Page, api: Api) -> None:
    address = published(api)
    page.goto(address + "/docs")
    page.get_by_label("Description").fill("Orders of the **shop**\n\nOne row is an order.")
    page.get_by_label("customer VARCHAR").fill("Who bought")
    expect(page.get_by_text("● unsaved")).to_be_visible()
    page.get_by_role("link", name="Columns").click()
    leave = page.get_by_role("dialog", name="Leave without saving?")
    accessible_everywhere(page, "leaving")
    leave.get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Save documentation").click()
    expect(page.get_by_text("Released as version 2 of the pipeline.")).to_be_visible()
    expect(page.get_by_text("● unsaved")).to_have_count(0)
    expect(page.locator(".table-about p")).to_have_text("Orders of the shop")
    expect(page.locator(".table-about strong")).to_have_text("shop")
    expect(page.get_by_role("link", name="Read all")).to_have_attribute("href", f"{address}/docs")
    page.get_by_role("link", name="Columns").click()
    expect(page.get_by_role("row").filter(has_text="customer")).to_contain_text("Who bought")
    assert "description: Who bought" in api.get(address.replace("/explorer/", "/pipelines/") + "/files")["files"]["table.yaml"]


def test_two_people_who_write_at_once_see_both_texts(page: Page, api: Api) -> None:
    address = published(api)
    other = page.context.new_page()
    for one in (page, other):
        one.goto(address + "/docs")
        expect(one.get_by_label("Owner")).to_be_editable()
    page.get_by_label("Owner").fill("mine")
    other.get_by_label("Owner").fill("theirs")
    other.get_by_role("button", name="Save documentation").click()
    expect(page.get_by_text("Somebody changed the same meanwhile.")).to_be_visible()
    page.get_by_role("button", name="Save documentation").click()
    dialog = page.get_by_role("dialog", name="Somebody saved the documentation meanwhile")
    expect(dialog).to_contain_text("theirs")
    accessible_everywhere(page, "both texts")
    dialog.get_by_role("button", name="Save mine").click()
    expect(dialog).to_have_count(0)
    expect(other.get_by_label("Owner")).to_have_value("mine")


def test_the_files_and_snapshots_of_a_table_are_listed(page: Page, api: Api) -> None:
    address = published(api)
    page.goto(address + "/files")
    expect(page.get_by_role("row").filter(has_text=re.compile(r"data/run-.*\.parquet"))).to_contain_text("500")
    page.get_by_role("navigation", name="Parts of the table").get_by_role("link", name="Snapshots").click()
    expect(page.get_by_role("row").filter(has_text="#1")).to_contain_text("current")
    api.run(address.replace("/explorer/", "/pipelines/"))
    expect(page.get_by_role("row").filter(has_text="#2")).to_contain_text("current")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_accessible_in_both_themes_and_on_a_phone(page: Page, api: Api, tab: str) -> None:
    page.goto(published(api, sane="SELECT * FROM {{ this }} WHERE price < 0") + tab)
    expect(page.get_by_role("navigation", name="Parts of the table")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    for look in looks(page):
        accessible(page, f"{tab or '/'} {look}")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), look
        expect(page.locator('.page-tab[aria-current="page"]')).to_be_in_viewport(ratio=1)


def test_a_tables_page_says_how_the_same_is_had_elsewhere_and_draws_its_neighbours(page: Page, api: Api) -> None:
    address = published(api)
    name = address.removeprefix("/explorer/").replace("/", ".")
    reader = api.pipeline(f"SELECT order_id FROM {{{{ ref('{name}') }}}}").removeprefix("/pipelines/").replace("/", ".")
    page.goto(address)
    page.get_by_text("Copy as", exact=True).press("Enter")
    expect(page.get_by_role("group", name="Command line")).to_have_text(f"rat table preview {name}")
    for look in looks(page):
        accessible(page, f"copy as {look}")
    page.get_by_role("link", name="Lineage").last.click()
    graph = page.get_by_role("group", name=f"Lineage of {name}")
    expect(graph.get_by_role("list", name="Read by").get_by_role("link")).to_have_attribute("title", reader)
    page.get_by_text("Copy as", exact=True).press("Enter")
    expect(page.get_by_role("group", name="Command line")).to_have_text(f"rat table neighbours {name}")


def test_a_table_that_is_not_there_is_explained(page: Page) -> None:
    page.goto("/explorer/shop/gold/nothing_here/columns")
    expect(page.get_by_role("alert").first).to_contain_text("There is no table shop.gold.nothing_here.")
    expect(page.get_by_role("link", name="All tables")).to_be_visible()
