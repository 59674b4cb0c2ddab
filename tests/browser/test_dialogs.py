"""What opens over a page is as accessible as the page, in both themes and on a phone. Dialogs that another test opens are looked at there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.test_shell import opened
from tests.browser.working_screens import Api, accessible_everywhere, open_editor, write

SOURCE = "select 1 as id"


def seen(page: Page, title: str) -> None:
    """Look at the open dialog of this title, and close it by Escape."""
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    accessible_everywhere(page, title)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_dialogs_of_the_code_page(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline(SOURCE))
    write(page, "select 2 as id")
    page.get_by_role("button", name="Add test").click()
    page.get_by_label("Name").fill("No Twos")
    expect(page.locator(".field-problem")).to_be_visible()
    seen(page, "Add a quality test")
    page.get_by_role("button", name="Release", exact=True).click()
    seen(page, "Release the draft")
    page.get_by_role("button", name="Run", exact=True).click()
    seen(page, "Run the pipeline")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    seen(page, "Leave without saving?")


def test_what_opens_within_the_editor(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline(SOURCE))
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".cm-search")).to_be_visible()
    accessible_everywhere(page, "find")
    page.keyboard.press("Escape")
    write(page, "-- @merge_strategy: ap")
    page.keyboard.press("End")
    page.locator(".cm-content").press_sequentially("p")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("append_only")
    accessible_everywhere(page, "completion")


def test_the_dialogs_of_a_pipelines_other_pages(page: Page, api: Api) -> None:
    address = api.pipeline(SOURCE)
    name = address.removeprefix("/pipelines/").replace("/", ".")
    page.goto(f"{address}/settings")
    expect(page.get_by_label("Owner")).to_be_editable()
    page.get_by_role("button", name="Copy", exact=True).click()
    seen(page, "Copy the pipeline")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Nothing reads its table.")
    seen(page, f"Delete {name}")
    api.pipeline("select * from {{ ref('" + name.partition(".")[2] + "') }}")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("It cannot be deleted while these read its table.")
    seen(page, f"Delete {name}")
    page.goto(api.pipeline())
    page.get_by_role("button", name="Run", exact=True).click()
    seen(page, "Run the pipeline")


def test_the_dialog_that_describes_a_namespace(page: Page, api: Api) -> None:
    api.pipeline(SOURCE)
    opened(page, "/settings?tab=namespaces")
    page.get_by_role("button", name=re.compile("^Describe shop")).click()
    seen(page, "Describe shop")
