"""Every page at 320 px and at 200 % zoom, and with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from rat_app import routes
from tests.browser.working_screens import Api

ROUTES = tuple(
    path for name, path in vars(routes).items() if name.isupper() and isinstance(path, str) and path.startswith("/") and not path.startswith("/api/")
)
SIZES = {"320 px": (320, 640), "200 %": (720, 450)}
MOST_STOPS = 400
SOURCE = "SELECT i AS order_id, 'c' || i % 3 AS customer FROM range(20) AS r(i)"
WITHIN = "() => document.documentElement.scrollWidth <= innerWidth"
# What observers of sizes and animations do to the layout has been done two frames later.
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
LISTEN = "() => { window.reached = new Set(); document.addEventListener('focusin', ({ target }) => window.reached.add(target)); }"
# What can be used, is seen, and was not stopped at. Of radio buttons, tabs and rows of a tree one each is a stop; that is said by tabindex.
MISSED = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && element.getClientRects().length && !window.reached.has(element)
        && !(element.type === 'radio' && !element.checked) && !element.closest('[inert], [aria-hidden="true"]'))
    .map((element) => element.outerHTML.slice(0, 160))"""
HERE = """() => { const { activeElement: at } = document; return at === document.body ? 'nowhere' : at.closest('.cm-content') ? 'editor' : 'somewhere'; }"""


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """What the first test made for all of them: the address of a pipeline, and a run."""
    return {}


@pytest.fixture
def addresses(api: Api, made: dict[str, str]) -> dict[str, str]:
    """The address of a pipeline that has run, and its run's."""
    if not made:
        pipeline = api.pipeline(SOURCE, sane="SELECT * FROM {{ this }} WHERE order_id < 0")
        made.update(pipeline=pipeline, run=api.succeed(pipeline))
    return made


def visit(page: Page, route: str, addresses: dict[str, str]) -> None:
    """Open the page of ``route`` and wait until it has read what it shows."""
    _, _, namespace, layer, name = addresses["pipeline"].split("/")
    parts = {"route_namespace": namespace, "route_layer": layer, "route_name": name, "route_run": addresses["run"]}
    page.goto(re.sub(r"\[(\w+)\]", lambda match: parts[match[1]], route))
    expect(page.get_by_text("engine ok").or_(page.get_by_role("button", name="Menu"))).not_to_have_count(0)
    # The style page has one to show.
    expect(page.locator("main .skeleton:not(.sample *)")).to_have_count(0)


def tab_through(page: Page) -> None:
    """Press Tab until the page is left."""
    page.evaluate(LISTEN)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        where = page.evaluate(HERE)
        if where == "nowhere":
            return
        if where == "editor":
            page.keyboard.press("Escape")  # the way out of a text in which Tab indents
    raise AssertionError("Tab never leaves the page")


def reach(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    """Press Tab until what has ``role`` and ``name`` has the focus."""
    wanted = page.get_by_role(role, name=name)  # pyright: ignore[reportArgumentType]
    expect(wanted).to_be_visible()
    for _ in range(MOST_STOPS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        if page.evaluate(HERE) == "editor":
            page.keyboard.press("Escape")
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name}")


@pytest.mark.parametrize("route", ROUTES)
def test_no_page_scrolls_sideways_when_it_is_small_or_large_type(page: Page, addresses: dict[str, str], route: str) -> None:
    """320 px wide, and 1440 px at 200 %."""
    visit(page, route, addresses)
    for look, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("(width) => innerWidth === width", arg=width)
        page.evaluate(SETTLED)
        assert page.evaluate(WITHIN), look


@pytest.mark.parametrize("route", ROUTES)
def test_everything_that_is_seen_is_reached_by_tab(page: Page, addresses: dict[str, str], route: str) -> None:
    visit(page, route, addresses)
    tab_through(page)
    assert page.evaluate(MISSED) == []


def test_a_pipeline_is_found_and_run_by_keyboard_alone(page: Page, addresses: dict[str, str]) -> None:
    name = addresses["pipeline"].split("/")[-1]
    page.goto("/")
    reach(page, "link", "Skip to content")
    reach(page, "link", re.compile("^Pipelines$"))
    page.keyboard.press("Enter")
    reach(page, "searchbox", "Search pipelines")
    page.keyboard.type(name)
    expect(page).to_have_url(re.compile(rf"search={name}$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    reach(page, "link", re.compile(rf"{name}$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/{name}$"))
    reach(page, "button", "Run")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/"))


def test_a_table_is_found_and_profiled_by_keyboard_alone(page: Page, addresses: dict[str, str]) -> None:
    name = addresses["pipeline"].split("/")[-1]
    page.goto("/explorer")
    reach(page, "searchbox", "Search tables, columns and documentation")
    page.keyboard.type(f"{name} customer")
    # The list is read anew; until then the table may be the only one of an unfiltered list.
    expect(page.locator("tbody .explorer-hits")).to_contain_text("customer")
    expect(page.locator("tbody tr")).to_have_count(1)
    reach(page, "link", re.compile(rf"{name}$"))
    page.keyboard.press("Enter")
    reach(page, "link", "Columns")
    page.keyboard.press("Enter")
    reach(page, "button", "Profile columns")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every row was looked at.")).to_be_visible()


def test_a_query_is_written_and_run_by_keyboard_alone(page: Page, addresses: dict[str, str]) -> None:
    _, _, _, layer, name = addresses["pipeline"].split("/")
    page.goto("/query?namespace=shop")
    expect(page.locator('.code-editor[data-ready="true"]')).to_be_visible()
    reach(page, "textbox", re.compile("SQL|Query|Statement", re.IGNORECASE))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(f"SELECT count(*) AS n FROM {layer}.{name}")
    reach(page, "button", "Run")
    page.keyboard.press("Enter")
    expect(page.locator('.result-grid[data-rows="1"]')).to_be_visible()


def test_the_query_page_leads_to_the_table_that_one_is_at(page: Page, addresses: dict[str, str]) -> None:
    _, _, _, layer, name = addresses["pipeline"].split("/")
    page.goto("/query?namespace=shop")
    expect(page.get_by_role("link", name="All tables")).to_be_visible()
    page.get_by_role("treeitem", name=re.compile(rf"^{name}\b")).focus()
    reach(page, "link", f"Open {layer}.{name}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/explorer/shop/{layer}/{name}$"))
