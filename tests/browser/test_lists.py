"""The lists in a real browser: filters in the address, rows that are links, statuses that change, a pipeline created."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.working_screens import ENDLESS, Api, accessible, accessible_everywhere


def test_searching_keeps_the_focus_and_puts_the_text_into_the_address(page: Page, api: Api) -> None:
    address = api.pipeline()
    name = address.split("/")[-1]
    page.goto("/pipelines")
    expect(page.locator("tbody tr").first).to_be_visible()
    search = page.get_by_role("searchbox", name="Search pipelines")
    search.press_sequentially(name, delay=20)
    expect(page).to_have_url(re.compile(f"search={name}$"))
    expect(search).to_be_focused()
    expect(search).to_have_value(name)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.reload()
    expect(search).to_have_value(name)
    expect(page.locator("tbody tr")).to_have_count(1)


def test_filters_narrow_the_list_and_a_link_brings_everything_back(page: Page, api: Api) -> None:
    """P3-06: nothing found is not nothing there."""
    name = api.pipeline().split("/")[-1]
    page.goto(f"/pipelines?search={name}")
    page.get_by_role("combobox", name="Layer").select_option("bronze")
    expect(page).to_have_url(re.compile("layer=bronze"))
    expect(page.get_by_text("No pipeline matches this search.")).to_be_visible()
    page.get_by_role("link", name="Show all pipelines").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    page.get_by_role("combobox", name="Namespace").select_option("shop")
    expect(page).to_have_url(re.compile("namespace=shop$"))


def test_a_head_sorts_the_pipelines_and_says_so(page: Page, api: Api) -> None:
    api.pipeline()
    page.goto("/pipelines?namespace=shop")
    head = page.get_by_role("columnheader", name="Rows")
    for direction, address in (("descending", "sort=-row_count$"), ("ascending", "sort=row_count$"), ("none", "namespace=shop$")):
        head.get_by_role("link").click()
        expect(page).to_have_url(re.compile(address))
        expect(head).to_have_attribute("aria-sort", direction)
    expect(page.get_by_role("columnheader", name="Pipeline")).to_have_attribute("aria-sort", "ascending")
    accessible(page, "sorted")


def test_a_changed_draft_is_told_from_the_version(page: Page, api: Api) -> None:
    new, released = api.pipeline(), api.pipeline("select 1 as one")
    page.goto("/pipelines?namespace=shop")
    for address, words in ((new, "not released"), (released, "v1")):
        expect(page.get_by_role("row").filter(has_text=re.compile(f"{address.split('/')[-1]}(?!\\d)"))).to_contain_text(words)


def test_a_pipeline_is_created_by_keyboard_alone_with_its_name_checked_while_it_is_typed(page: Page, api: Api) -> None:
    """P3-05, P9-06."""
    api.pipeline()
    page.goto("/pipelines")
    button = page.get_by_role("button", name="New pipeline").first
    expect(page.locator("tbody tr").first).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New pipeline")
    expect(dialog).to_be_visible()
    accessible_everywhere(page, "dialog")
    namespace, name = dialog.get_by_label("Namespace"), dialog.get_by_label("Name", exact=True)
    expect(namespace).to_be_focused()
    page.keyboard.type("my shop")
    expect(dialog.get_by_text("Did you mean 'my_shop'?")).to_be_visible()
    expect(namespace).to_have_attribute("aria-invalid", "true")
    namespace.fill("bakery")
    expect(dialog.get_by_text("Did you mean")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(name).to_be_focused()
    page.keyboard.type("Daily-Bread")
    expect(dialog.get_by_text("Did you mean 'daily_bread'?")).to_be_visible()
    accessible_everywhere(page, "dialog with a problem")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("daily_bread")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/pipelines/bakery/bronze/daily_bread/code/?$"))


def test_escape_leaves_the_dialog_and_gives_the_focus_back(page: Page, api: Api) -> None:
    api.pipeline()
    page.goto("/pipelines")
    button = page.get_by_role("button", name="New pipeline").first
    expect(page.locator("tbody tr").first).to_be_visible()
    for _ in range(2):
        button.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(button).to_be_focused()


def test_a_run_changes_on_the_open_list_and_the_browser_never_asks(page: Page, api: Api) -> None:
    """P10-76."""
    page.goto("/runs")
    expect(page.locator(".health .dot-ok")).to_be_visible()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = api.pipeline(ENDLESS)
    run = api.run(address)
    row = page.get_by_role("row").filter(has_text=address.split("/")[-1]).first
    expect(row.locator(".status-running")).to_be_visible()
    api.post(f"/runs/{run}/cancel")
    expect(row.locator(".status-cancelled")).to_be_visible()
    assert asked == []


def test_the_status_filter_lives_in_the_address_and_works_with_back(page: Page, api: Api) -> None:
    address = api.pipeline("select 1 as one")
    api.run(address)
    page.goto("/runs")
    chips = page.get_by_role("navigation", name="Filter by status")
    chips.get_by_role("link", name="success").click()
    expect(page).to_have_url(re.compile("status=success$"))
    expect(page.locator("tbody .status-success").first).to_be_visible()
    expect(page.locator("tbody tr .status:not(.status-success)")).to_have_count(0)
    expect(chips.get_by_role("link", name="success")).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(chips.get_by_role("link", name="success")).to_have_attribute("aria-current", "false")


def test_a_period_of_ones_own_is_typed_by_keyboard(page: Page) -> None:
    """P9-06."""
    page.goto("/runs")
    page.get_by_role("combobox", name="Started").select_option("custom")
    field = page.get_by_label("From")
    field.focus()
    page.keyboard.type("01022026")
    page.keyboard.press("Tab")
    page.keyboard.type("0930AM")
    expect(page).to_have_url(re.compile("/runs$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("from=2026-01-0"))
    expect(field).to_have_value("2026-01-02T09:30")


@pytest.mark.parametrize("path", ["/runs", "/pipelines"])
def test_every_table_has_a_caption_and_its_rows_are_reached_by_keyboard(page: Page, api: Api, path: str) -> None:
    """P9-03."""
    api.run(api.pipeline("select 1 as one"))
    page.goto(path)
    row = page.locator("tbody tr").first
    expect(row).to_be_visible()
    assert page.locator("table caption").count() == page.locator("table").count()
    row.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{path}/.+"))


def test_times_say_the_zone_and_numbers_have_separators(page: Page, api: Api) -> None:
    """P6-05."""
    api.run(api.pipeline("select i from range(1234567) t(i)"))
    page.goto("/runs?status=success")
    expect(page.get_by_text("1,234,567").first).to_be_visible()
    title = page.locator("tbody time").first.get_attribute("title") or ""
    assert re.search(r"\d{4}, \d\d:\d\d:\d\d \(.+\)", title), title
