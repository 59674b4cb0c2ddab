"""The command palette and the keys, in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.test_shell import opened
from tests.browser.working_screens import Api, accessible, looks, open_editor


def test_everything_is_reached_by_its_name_with_the_keyboard_alone(page: Page, api: Api) -> None:
    address = api.pipeline("SELECT 1 AS n")
    name = address.removeprefix("/pipelines/").replace("/", ".")
    opened(page, "/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search and commands")
    expect(field).to_be_focused()
    page.keyboard.type(name, delay=5)
    option = page.get_by_role("option", name=name)
    expect(option).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    for look in looks(page):
        accessible(page, f"palette {look}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{address}/?$"))
    expect(page.get_by_role("dialog")).to_have_count(0)


def noted(page: Page, address: str) -> None:
    """Stay on the page until it counts as looked at."""
    page.wait_for_function("(address) => (localStorage.getItem('rat-recent') ?? '').includes(address)", arg=address)


def test_what_was_looked_at_last_comes_first_and_columns_are_found(page: Page, api: Api) -> None:
    address = api.pipeline("SELECT 1 AS weight_of_parcels")
    name = address.removeprefix("/pipelines/").replace("/", ".")
    opened(page, f"/runs/{api.run(address)}")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    noted(page, "/runs/")
    opened(page, f"{address}/versions")
    noted(page, "/pipelines/")
    opened(page, "/")
    page.keyboard.press("Control+k")
    recent = page.get_by_role("group", name="Recent").get_by_role("option")
    expect(recent).to_have_text([f"{name}Pipeline", re.compile("^Run of ")])
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    for look in looks(page):
        accessible(page, f"recent objects {look}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page.get_by_role("link", name="Versions")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(recent).to_have_text([re.compile("^Run of ")])
    page.keyboard.type("weight parcels")
    column = page.get_by_role("group", name="Columns").get_by_role("option")
    expect(column).to_contain_text(f"weight_of_parcels{name}, INTEGER")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(address.replace("/pipelines", "/explorer") + "/columns$"))


def test_arrows_choose_escape_closes_and_nothing_found_is_said(page: Page) -> None:
    opened(page, "/runs")
    page.get_by_role("button", name="Search and commands").click()
    options = page.get_by_role("listbox", name="Found").get_by_role("option")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.get_by_role("combobox", name="Search and commands").fill("nothing-like-it")
    expect(page.get_by_role("status").filter(has_text="Nothing is called")).to_be_visible()
    accessible(page, "nothing found")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Search and commands")).to_be_focused()


def test_commands_act_and_pipelines_run_from_anywhere(page: Page, api: Api) -> None:
    address = api.pipeline("SELECT 1 AS n")
    name = address.removeprefix("/pipelines/").replace("/", ".")
    open_editor(page, "/query")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("light th")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_class(re.compile("light"))
    page.keyboard.press("Control+k")
    page.keyboard.type(f"run {name}")
    expect(page.get_by_role("option", name=f"Run {name}")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Running {name}")).to_be_visible()
    page.get_by_role("link", name="Watch the run").click()
    expect(page.get_by_role("log", name="Run log")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("new pipe")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="New pipeline")).to_be_visible()


def test_single_keys_lead_everywhere_and_are_shown_by_a_question_mark(page: Page) -> None:
    opened(page, "/")
    page.keyboard.press("?")
    overlay = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overlay).to_contain_text("Preview, or run the query")
    for look in looks(page):
        accessible(page, f"shortcuts {look}")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_title("Pipelines · RAT")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search pipelines")
    expect(search).to_be_focused()
    page.keyboard.type("g?")
    expect(search).to_have_value("g?")
    expect(overlay).to_have_count(0)


def test_single_keys_can_be_switched_off_and_the_palette_shows_them_still(page: Page) -> None:
    """P9-03."""
    opened(page, "/settings")
    page.get_by_role("group", name="Single-key shortcuts").get_by_role("radio", name="Off").check()
    opened(page, "/runs")
    for key in ("?", "g", "h"):
        page.keyboard.press(key)
    expect(page).to_have_title("Runs · RAT")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
