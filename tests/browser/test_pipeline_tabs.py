"""The tabs of a pipeline beside its code, in a real browser on the real engine."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.working_screens import Api, accessible, accessible_everywhere, looks

SOURCE = "select i as id, i * 2.5 as price from range(1000) t(i)"
ABOUT = "description: |\n  One row for each *order*.\n\n  - cheap\n  - dear <script>window.bad = 1</script>, see [prices](https://prices.example)\n"
TESTS = {"dear": "-- @severity: warn\nselect * from {{ this }} where price > 2400", "has_id": "select * from {{ this }} where id is null"}


def save(api: Api, address: str, files: dict[str, str]) -> None:
    """Save ``files`` over those of the draft."""
    draft = api.get(f"{address}/files")
    api.put(f"{address}/files", {"revision": draft["revision"], "files": draft["files"] | files})


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
    save(api, address, {"pipeline.sql": "select 'second' as id"})
    api.post(f"{address}/publish", {"message": "The second"})
    page.get_by_role("button", name="Changes of v2").click()
    expect(page.locator(".compare")).to_contain_text("select 'second' as id")
    page.get_by_role("button", name="Roll back to v1").click()
    accessible_everywhere(page, "roll back")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("v3 · current")).to_be_visible()
    assert api.get(f"{address}/files")["files"]["pipeline.sql"] == SOURCE


def test_settings_are_guarded_saved_and_keep_their_comments(page: Page, api: Api) -> None:
    """P10-78."""
    address = api.pipeline(SOURCE)
    page.goto(f"{address}/settings")
    save(api, address, {"config.yaml": "# Ours\nowner: ann # she knows\n"})
    owner = page.get_by_label("Owner")
    expect(owner).to_have_value("ann")
    owner.fill("bob")
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("dialog").get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Save to the draft").click()
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    assert api.get(f"{address}/files")["files"]["config.yaml"] == "# Ours\nowner: bob # she knows\n"
    for typed in ("bobby", "bob"):
        owner.fill(typed)
        expect(page.get_by_text("● unsaved")).to_have_count(int(typed != "bob"))
    owner.fill("bob  ")
    page.get_by_role("button", name="Save to the draft").click()
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    expect(owner).to_have_value("bob")
    owner.fill("nobody")
    page.get_by_role("button", name="Discard").click()
    expect(owner).to_have_value("bob")
    # What an annotation decides cannot be changed here, and what the file says of it stays.
    save(api, address, {"pipeline.sql": f"-- @description: Orders\n-- @merge_strategy: append_only\n{SOURCE}", "config.yaml": "description: Mine\n"})
    description = page.get_by_label("Description")
    expect(description).to_have_value("Orders")
    expect(description).not_to_be_editable()
    expect(page.get_by_label("Merge strategy")).to_be_disabled()
    expect(page.get_by_label("Merge strategy")).to_have_value("append_only")
    expect(page.get_by_text("The annotation @description in pipeline.sql says it; change it there.")).to_be_visible()
    owner.fill("eve")
    page.get_by_role("button", name="Save to the draft").click()
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    assert api.get(f"{address}/files")["files"]["config.yaml"] == "description: Mine\nowner: eve\n"
    accessible(page, "locked settings")


def test_a_pipeline_is_renamed_deleted_and_brought_back(page: Page, api: Api) -> None:
    address = api.pipeline(SOURCE)
    old = address.removeprefix("/pipelines/").replace("/", ".")
    page.goto(f"{address}/settings")
    expect(page.get_by_label("Owner")).to_be_editable()
    page.get_by_role("button", name="Rename or move").click()
    page.get_by_label("New name").fill(f"{old}_new")
    accessible_everywhere(page, "rename")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    page.wait_for_url(f"**{address}_new/settings")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**{address}_new")
    expect(page.get_by_text(f"{old}_new").first).to_be_visible()
    assert page.request.delete(f"{urljoin(page.url, '/api/v1')}{address}_new", headers={"origin": urljoin(page.url, "/").rstrip("/")}).ok
    page.goto("/pipelines")
    page.get_by_role("link", name="Deleted").click()
    page.wait_for_url("**/pipelines/deleted")
    row = page.get_by_role("row", name=re.compile(f"{old}_new"))
    expect(row).to_contain_text("local")
    expect(row).to_contain_text("in 24 hours")
    for look in looks(page):
        accessible(page, f"deleted pipelines {look}")
    row.get_by_role("button", name="Restore").press("Enter")
    page.wait_for_url(f"**{address}_new")


def test_the_overview_of_a_table_that_is_published_reads_well_in_every_look(page: Page, api: Api) -> None:
    address = published(api, page)
    save(api, address, {"table.yaml": ABOUT})
    expect(page.locator(".prose em")).to_have_text("order")
    expect(page.locator(".prose")).to_contain_text("<script>window.bad = 1</script>")
    assert page.evaluate("window.bad") is None
    expect(page.locator(".trend").first).to_contain_text("1,000")
    expect(page.locator(".trend .trend-bar")).to_have_count(2)
    expect(page.locator("section", has_text="Tests of the last run").last).to_contain_text("39 bad rows")
    for look in looks(page):
        page.goto(address)
        expect(page.locator(".mini-graph")).to_be_visible()
        expect(page.locator(".trend").first).to_be_visible()
        accessible(page, look)
    page.get_by_role("link", name="Query the table").click()
    page.wait_for_url("**/query?sql=*")


def test_a_pipeline_lists_its_own_runs_filtered_by_its_address(page: Page, api: Api) -> None:
    address = published(api, page)
    api.run(api.pipeline(SOURCE))
    page.get_by_role("link", name="Runs", exact=True).last.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("navigation", name="Filter by status").get_by_role("link", name="success").click()
    page.wait_for_url(f"**{address}/runs?status=success")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{address}/runs?status=failed")
    expect(page.get_by_text("No run matches these filters.")).to_be_visible()
    page.get_by_role("link", name="Show all runs").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    for look in looks(page):
        accessible(page, f"runs {look}")


def test_the_draft_is_released_with_a_message_from_the_versions(page: Page, api: Api) -> None:
    address = api.pipeline(SOURCE)
    page.goto(f"{address}/versions")
    save(api, address, {"pipeline.sql": "select 'second' as id"})
    page.get_by_role("button", name="Release the draft").click()
    page.get_by_label("What changed").fill("Only the second")
    accessible_everywhere(page, "release")
    page.get_by_role("dialog").get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("v2 · current")).to_be_visible()
    expect(page.get_by_role("table", name="Versions").get_by_text("Only the second")).to_be_visible()
    expect(page.get_by_role("button", name="Release the draft")).to_be_hidden()


@pytest.mark.parametrize("tab", ["", "/quality", "/runs", "/versions", "/settings"])
def test_every_tab_is_accessible_in_both_themes_and_widths(page: Page, api: Api, tab: str) -> None:
    address = api.pipeline(SOURCE, **TESTS)
    for look in looks(page):
        page.goto(f"{address}{tab}")
        expect(page.locator(".page-tab[aria-current=page]")).to_have_attribute("href", f"{address}{tab}")
        accessible(page, f"{tab} {look}")
