"""The tabs of a pipeline beside its code, in a real browser on the real engine."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.working_screens import Api, accessible, looks

SOURCE = "select i as id, i * 2.5 as price from range(1000) t(i)"
TESTS = {"dear": "-- @severity: warn\nselect * from {{ this }} where price > 2400", "has_id": "select * from {{ this }} where id is null"}


def save(api: Api, page: Page, address: str, files: dict[str, str]) -> None:
    """Save ``files`` over those of the draft."""
    draft = api.get(f"{address}/files")
    body = {"revision": draft["revision"], "files": draft["files"] | files}
    base = page.url.split("/pipelines")[0]
    assert page.request.put(f"{base}/api/v1{address}/files", data=body, headers={"origin": base}).ok


def published(api: Api, page: Page) -> str:
    """The address of a pipeline with one successful run, seen on its Overview."""
    address = api.pipeline(SOURCE, **TESTS)
    page.goto(address)
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("row")).to_have_count(2)
    return address


def test_the_published_table_is_tested_without_a_run(page: Page, api: Api) -> None:
    address = published(api, page)
    page.goto(f"{address}/quality")
    page.get_by_role("button", name="Run all now").click()
    expect(page.get_by_text("In the published table now")).to_have_count(2)
    page.get_by_role("button", name="Show what dear found").click()
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "39")
    accessible(page, "tests that ran")


def test_a_version_is_compared_and_rolled_back(page: Page, api: Api) -> None:
    address = api.pipeline(SOURCE)
    page.goto(f"{address}/versions")
    save(api, page, address, {"pipeline.sql": "select 'second' as id"})
    api.post(f"{address}/publish", {"message": "The second"})
    page.get_by_role("button", name="Changes of v2").click()
    expect(page.locator(".compare")).to_contain_text("select 'second' as id")
    page.get_by_role("button", name="Roll back to v1").click()
    accessible(page, "roll back")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("v3 · current")).to_be_visible()
    assert api.get(f"{address}/files")["files"]["pipeline.sql"] == SOURCE


def test_settings_are_guarded_saved_and_keep_their_comments(page: Page, api: Api) -> None:
    """P10-78."""
    address = api.pipeline(SOURCE)
    page.goto(f"{address}/settings")
    save(api, page, address, {"config.yaml": "# Ours\nowner: ann # she knows\n"})
    owner = page.get_by_label("Owner")
    expect(owner).to_have_value("ann")
    owner.fill("bob")
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("dialog").get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Save to the draft").click()
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    assert api.get(f"{address}/files")["files"]["config.yaml"] == "# Ours\nowner: bob # she knows\n"


def test_a_pipeline_is_renamed_deleted_and_brought_back(page: Page, api: Api) -> None:
    address = api.pipeline(SOURCE)
    old = address.removeprefix("/pipelines/").replace("/", ".")
    page.goto(f"{address}/settings")
    page.get_by_role("button", name="Rename or move").click()
    page.get_by_label("New name").fill(f"{old}_new")
    accessible(page, "rename")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    page.wait_for_url(f"**{address}_new/settings")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**{address}_new")
    expect(page.get_by_text(f"{old}_new").first).to_be_visible()


@pytest.mark.parametrize("tab", ["", "/quality", "/versions", "/settings"])
def test_every_tab_is_accessible_in_both_themes_and_widths(page: Page, api: Api, tab: str) -> None:
    address = api.pipeline(SOURCE, **TESTS)
    for look in looks(page):
        page.goto(f"{address}{tab}")
        expect(page.locator(".page-tab[aria-current=page]")).to_be_visible()
        accessible(page, f"{tab} {look}")
