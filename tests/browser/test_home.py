"""Home in a real browser: from nothing to a loaded demo in one click, and what the first page costs."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.browser.site import Site
from tests.browser.working_screens import Api, accessible

MOST_JAVASCRIPT = 450 * 1024


def test_the_demo_is_loaded_by_one_click_and_its_runs_turn_green(fresh_site: Site, new_context: Callable[..., BrowserContext]) -> None:
    """P10-76, P3-06: visible without reload, and usable within the half minute a person waits."""
    page = new_context(fresh_site).new_page()
    watching = new_context(fresh_site, color_scheme="light", viewport={"width": 400, "height": 800}).new_page()
    for each in (page, watching):
        each.goto("/")
        expect(each.get_by_text("RAT turns files and SQL into tested Iceberg tables")).to_be_visible()
        accessible(each, "empty")
    page.get_by_role("button", name="Load the demo").click()
    progress = page.get_by_role("progressbar")
    expect(progress).to_be_visible()
    runs = page.locator(".demo-run")
    expect(runs).not_to_have_count(0)
    accessible(page, "loading")
    total = runs.count()
    expect(page.get_by_text(f"{total} of {total} runs ended")).to_be_visible(timeout=120_000)
    expect(page.locator(".demo-run .status-success")).to_have_count(total - 1)
    expect(page.locator(".demo-run .status-failed")).to_have_count(1)
    expect(page.get_by_text("One was stopped by its quality test, on purpose")).to_be_visible()
    expect(page.get_by_role("link", name="Open it to see why.")).to_have_attribute("href", re.compile(r"^/runs/\w+$"))
    expect(page.get_by_role("link", name="Query the tables")).to_be_visible()
    accessible(page, "loaded")
    expect(page.locator(".tile", has_text="Tables").locator(".tile-value")).to_have_text(str(total - 1))
    # The other person saw it happen.
    expect(watching.locator(".tile", has_text="Pipelines").locator(".tile-value")).to_have_text(str(total))
    expect(watching.locator(".status-pending")).to_have_count(0)
    accessible(watching, "loaded, seen by another")
    page.reload()
    expect(page.get_by_text(f"{total} of {total} runs ended")).to_be_visible()
    page.get_by_role("button", name="Hide the demo's progress").click()
    expect(progress).to_have_count(0)


def test_the_latest_runs_and_pipelines_lead_to_their_pages(page: Page, api: Api) -> None:
    address = api.pipeline("select 1 as one")
    run = api.run(address)
    page.goto("/")
    section = page.locator("section", has=page.get_by_role("heading", name="Latest runs"))
    name = address.split("/")[-1]
    row = section.get_by_role("row").filter(has_text=name).first
    expect(row.locator(".status-success")).to_be_visible()
    box = row.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 5, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(f"/runs/{run}/?$"))


def test_home_needs_little_javascript_and_nothing_from_elsewhere(page: Page, site: Site) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks the function it is given
    page.goto("/")
    expect(page.locator(".health .dot-ok")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert all(answer.url.startswith(site.base) for answer in answers)
    scripts = [answer.body() for answer in answers if "javascript" in answer.headers.get("content-type", "")]
    assert scripts
    assert sum(len(gzip.compress(script)) for script in scripts) <= MOST_JAVASCRIPT
