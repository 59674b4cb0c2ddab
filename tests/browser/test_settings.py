"""The Settings page in a browser: choices that stay in it, namespaces, what is in force."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_shell import opened
from tests.browser.working_screens import ENDLESS, Api, accessible, accessible_everywhere, looks

TABS = ("appearance", "namespaces", "engine", "api", "about")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_is_accessible_and_fits_at_every_size(tab: str, page: Page) -> None:
    """P9-01, P9-03."""
    opened(page, f"/settings?tab={tab}")
    expect(page.get_by_role("tab", selected=True)).to_be_in_viewport()
    for look in looks(page):
        accessible(page, f"settings {tab} {look}")
        expect(page.get_by_role("tab", selected=True)).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{tab} scrolls sideways at {look}"


def test_the_style_page_shows_every_component_and_is_accessible_in_every_look(page: Page) -> None:
    opened(page, "/settings?tab=about")
    page.get_by_role("link", name="The components of the portal").click()
    page.wait_for_url("**/settings/style")
    for heading in ("Buttons", "Status", "Fields", "Table", "Failed"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    for look in looks(page):
        accessible(page, f"style {look}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), look


def test_the_look_is_chosen_and_remembered_by_this_browser(page: Page) -> None:
    opened(page, "/settings")
    page.get_by_role("radio", name="Light").check()
    expect(page.locator("html")).to_have_class(re.compile("light"))
    page.get_by_role("radio", name="Compact").check()
    opened(page, "/settings?tab=engine")
    assert page.locator("html").get_attribute("data-density") == "compact"
    page.get_by_role("tab", name="Appearance").click()
    expect(page.get_by_role("radio", name="Compact")).to_be_checked()
    expect(page.get_by_role("radio", name="Light")).to_be_checked()
    page.get_by_role("radio", name="Comfortable").check()
    assert page.locator("html").get_attribute("data-density") == "comfortable"


def test_a_namespace_is_created_described_deleted_and_brought_back(page: Page) -> None:
    """P3-05: the name is checked while it is typed."""
    opened(page, "/settings?tab=namespaces")
    page.get_by_role("button", name="New namespace").click()
    form = page.get_by_role("dialog", name="New namespace")
    form.get_by_label("Name").press_sequentially("Web shop")
    expect(form.get_by_text("web_shop")).to_be_visible()
    accessible_everywhere(page, "new namespace")
    form.get_by_label("Name").fill("web_shop")
    expect(form.locator(".field-problem")).to_have_count(0)
    form.get_by_label("Description").fill("Orders")
    form.get_by_role("button", name="Create namespace").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="web_shop"))
    expect(row).to_contain_text("Orders")
    row.get_by_role("button", name="Describe web_shop").click()
    described = page.get_by_role("dialog", name="Describe web_shop")
    described.get_by_label("Description").fill("Orders and returns")
    described.get_by_role("button", name="Save the description").click()
    expect(row).to_contain_text("Orders and returns")
    row.get_by_role("button", name="Delete web_shop").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo: Deleted the namespace web_shop").click()
    expect(row).to_contain_text("Orders and returns")


def test_a_namespace_that_holds_pipelines_stays_and_leads_to_them(page: Page, api: Api) -> None:
    api.pipeline()
    opened(page, "/settings?tab=namespaces")
    page.get_by_role("button", name="Delete shop").click()
    expect(page.get_by_role("alert")).to_contain_text("pipelines")
    accessible(page, "a namespace that stays")
    page.get_by_role("link", name="See its pipelines").click()
    expect(page).to_have_url(re.compile(r"/pipelines\?namespace=shop"))


def test_the_engine_and_its_api_say_what_is_in_force(page: Page, api: Api) -> None:
    opened(page, "/settings?tab=engine")
    expect(page.locator(".check").filter(has_text="database")).to_contain_text("ok")
    expect(page.get_by_role("row").filter(has_text="RAT_WORKERS")).to_be_visible()
    working = page.get_by_role("table", name="Workers").get_by_role("row")
    expect(working.filter(has_text="interactive")).to_contain_text("idle")
    address = api.pipeline(ENDLESS)
    run = api.run(address)
    expect(working.filter(has_text="running").get_by_role("link", name=re.compile(address.split("/")[-1]))).to_have_attribute("href", f"/runs/{run}")
    api.post(f"/runs/{run}/cancel")
    expect(working.filter(has_text="running")).to_have_count(0)
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("button", name="Check again")).to_be_enabled()
    page.get_by_role("tab", name="API").click()
    expect(page).to_have_url(re.compile("tab=api"))
    assert page.get_by_role("link", name="Every route, described").get_attribute("href") == "/api/v1/docs"
    expect(page.locator("pre").first).to_contain_text(f"curl {page.evaluate('location.origin')}/api/v1/pipelines")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("tab", name="Appearance", selected=True)).to_be_visible()
