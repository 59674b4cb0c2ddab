"""The main journeys with nothing but a keyboard: no pointer, and the focus goes only where keys take it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_zoom_and_keyboard import MOST_STOPS, reach
from tests.browser.working_screens import Api

FIRST = "select i as id from range(20) r(i)"
SECOND = "select i as id, 'row ' || i as words from range(25) r(i)"


def published(api: Api) -> str:
    """The address of a pipeline with one published run."""
    address = api.pipeline(FIRST, sane="select * from {{ this }} where id < 0")
    api.succeed(address)
    return address


def press(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    """Go to it by Tab and press Enter."""
    reach(page, role, name)
    page.keyboard.press("Enter")


def step_to(page: Page, wanted: Locator, key: str) -> None:
    """Press an arrow until ``wanted`` has the focus."""
    for _ in range(MOST_STOPS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never reaches it")


def test_a_pipeline_is_edited_released_run_watched_and_queried(page: Page, api: Api) -> None:
    address = published(api)
    name = address.split("/")[-1]
    page.goto(f"{address}/code")
    expect(page.locator('.code-editor[data-ready="true"]')).to_be_visible()
    expect(page.locator(".cm-content")).to_have_text(FIRST)
    reach(page, "textbox", "Text of the open file")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(SECOND)
    unsaved = page.get_by_text("● unsaved")
    expect(unsaved).to_be_visible()
    page.keyboard.press("ControlOrMeta+s")
    expect(unsaved).to_be_hidden()
    # The panels below the editor are tabs: one stop, arrows from one to the next.
    reach(page, "tab", "Preview")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Problems", selected=True)).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Compiled SQL", selected=True)).to_be_focused()
    expect(page.get_by_role("group", name="Compiled SQL")).to_contain_text("range(25)")
    press(page, "button", re.compile("^Run$"))
    expect(page.get_by_role("dialog", name="Run the pipeline")).to_be_visible()
    reach(page, "textbox", "What changed")
    page.keyboard.type("Five more")
    press(page, "button", "Release and run")
    page.wait_for_url("**/runs/*")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    reach(page, "tab", "Log")
    expect(page.locator(".log-view")).to_contain_text("25")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name=re.compile("^Tests"), selected=True)).to_be_focused()
    press(page, "link", re.compile(rf"silver\.{name}$"))
    expect(page).to_have_url(re.compile(rf"{address}$"))
    press(page, "link", "Query the table")
    page.wait_for_url("**/query?sql=*")
    reach(page, "textbox", re.compile("SQL|Query|Statement", re.IGNORECASE))
    expect(page.locator(".cm-content")).to_contain_text(name)
    page.keyboard.press("ControlOrMeta+Enter")
    grid = page.locator(".result-grid")
    expect(grid).to_have_attribute("data-rows", "25")
    # What stands left of the editor are tabs as well.
    reach(page, "tab", "Tables")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="History", selected=True)).to_be_focused()
    press(page, "button", re.compile(f"^select.*{name}", re.IGNORECASE))
    page.keyboard.press("Escape")
    reach(page, "tab", "Rows")
    page.keyboard.press("Tab")
    for _ in range(MOST_STOPS):
        if page.evaluate("() => document.activeElement.closest('.dvn-scroller, canvas, [role=grid]') !== null"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+End")
    expect(grid.locator("[role=gridcell]").get_by_text("row 24", exact=True)).to_be_attached()


def test_a_table_is_documented(page: Page, api: Api) -> None:
    address = published(api)
    _, _, namespace, layer, name = address.split("/")
    page.goto(f"/explorer/{namespace}/{layer}/{name}")
    press(page, "link", "Docs")
    reach(page, "textbox", "Description")
    page.keyboard.type("One row a parcel.")
    reach(page, "textbox", re.compile("^id"))
    page.keyboard.type("Its number.")
    press(page, "button", "Save documentation")
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    found = api.get(f"/tables/{namespace}/{layer}/{name}/metadata")
    assert (found["description"], found["columns"]["id"]) == ("One row a parcel.", "Its number.")


def test_versions_are_compared_and_rolled_back(page: Page, api: Api) -> None:
    address = api.pipeline(FIRST)
    draft = api.get(f"{address}/files")
    api.put(f"{address}/files", {"revision": draft["revision"], "files": draft["files"] | {"pipeline.sql": SECOND}})
    api.post(f"{address}/publish", {"message": "The second"})
    page.goto(address)
    press(page, "link", "Versions")
    press(page, "button", "Changes of v2")
    expect(page.locator(".compare")).to_contain_text(SECOND)
    # From the comparison back to the list: Shift+Tab goes the other way.
    step_to(page, page.get_by_role("button", name="Roll back to v1"), "Shift+Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Roll back to version 1")
    expect(dialog).to_be_visible()
    reach(page, "textbox", "Why")
    page.keyboard.type("The first was right")
    press(page, "button", re.compile("^Roll back$"))
    expect(page.get_by_text("v3 · current")).to_be_visible()
    expect(page.get_by_role("table", name="Versions").get_by_text("The first was right")).to_be_visible()
    assert api.get(f"{address}/files")["files"]["pipeline.sql"] == FIRST
