"""The frame around every page: themes, sidebar, keyboard, faults, a lost connection."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.conftest import Noise
from tests.browser.site import PORTAL_ALONE, Site, running
from tests.browser.working_screens import Api, accessible, looks, open_editor, text_of, write

PAGES = ("/", "/pipelines", "/pipelines/deleted", "/runs", "/runs?status=failed", "/runs?status=nonsense", "/pipelines?search=nothing-like-it", "/no/such/page")
THEMES = ("dark", "light")
BREAKABLE = """
const format = Intl.NumberFormat.prototype.__lookupGetter__("format");
Object.defineProperty(Intl.NumberFormat.prototype, "format", { get() {
  if (window.broken) throw new Error("broken on purpose");
  return format.call(this);
} });
"""
# A fault in the frame itself: its icons are drawn with it.
BREAKABLE_FRAME = """
const trim = String.prototype.trim;
String.prototype.trim = function () {
  if (window.broken) throw new Error("broken on purpose");
  return trim.call(this);
};
"""
LOST = "WebSocket|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|Failed to load resource"
GONE = "The connection to RAT is gone"
SMALL = {"width": 400, "height": 800}


def opened(page: Page, path: str) -> None:
    """Go to ``path`` and wait until its data are there."""
    page.goto(path)
    expect(page.locator(".health .dot-ok")).to_be_attached()
    expect(page.locator(".skeleton")).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_at_every_size(path: str, theme: str, site: Site, new_context: Callable[..., BrowserContext], noise: Noise) -> None:
    """P9-01, P9-03, P9-05, P9-06, P10-71."""
    noise.expect("status of 404")
    for viewport in ({"width": 1440, "height": 900}, SMALL, {"width": 320, "height": 800}):
        page = new_context(site, color_scheme=theme, viewport=viewport).new_page()
        opened(page, path)
        accessible(page, f"{path} {theme} {viewport['width']}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{path} scrolls sideways at {viewport['width']}"


@pytest.mark.parametrize("path", ["/", "/pipelines", "/runs", "/query", "/no/such/page"])
def test_the_title_of_the_tab_is_the_pages(path: str, page: Page, noise: Noise) -> None:
    """P10-67."""
    noise.expect("status of 404")
    titles = {"/": "Home", "/pipelines": "Pipelines", "/runs": "Runs", "/query": "Query", "/no/such/page": "Page not found"}
    page.goto(path)
    expect(page).to_have_title(f"{titles[path]} · RAT")


def test_the_theme_is_chosen_remembered_and_there_before_the_first_paint(site: Site, new_context: Callable[..., BrowserContext], noise: Noise) -> None:
    """P9-01."""
    context = new_context(site, color_scheme="light")
    page = context.new_page()
    opened(page, "/")
    expect(page.locator("html")).to_have_class(re.compile("light"))
    page.get_by_role("group", name="Theme").get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    later = context.new_page()
    noise.expect("ERR_FAILED")
    later.route("**/*.js", lambda route: route.abort())
    later.goto("/")
    assert later.evaluate("getComputedStyle(document.body).color") == page.evaluate("getComputedStyle(document.body).color")
    later.close()


def test_the_system_theme_follows_the_system(page: Page) -> None:
    opened(page, "/")
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_class(re.compile(theme))


def test_the_sidebar_leads_everywhere_without_loading_anew_and_says_where_one_is(page: Page) -> None:
    opened(page, "/")
    page.evaluate("window.same = true")
    navigation = page.get_by_role("navigation", name="Main")
    for name, path in (("Pipelines", "/pipelines"), ("Runs", "/runs"), ("Query", "/query"), ("Home", "/")):
        navigation.get_by_role("link", name=name).click()
        expect(page).to_have_url(re.compile(f"{path}/?$"))
        expect(navigation.locator("[aria-current=page]")).to_have_text(name)
        expect(page.locator("#content")).to_be_focused()
    assert page.evaluate("window.same")


def test_a_new_page_is_there_at_once_and_waits_with_a_skeleton(page: Page, api: Api) -> None:
    """P10-66, P3-06: loading is neither empty nor wrong."""
    api.pipeline()
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    holding = False

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: held.append((socket, message)) if holding else socket.send(message))

    page.route_web_socket("**/_event/**", relay)
    opened(page, "/")
    holding = True
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipelines").click()
    expect(page).to_have_title("Pipelines · RAT")
    expect(page.get_by_role("status", name="Loading")).to_be_visible()
    accessible(page, "loading")
    holding = False
    for socket, message in held:
        socket.send(message)
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)


def test_what_is_not_built_has_no_link(page: Page) -> None:
    opened(page, "/")
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    assert links.all_inner_texts() == ["Home", "Pipelines", "Runs", "Query", "Explorer", "Lineage", "Settings"]


def test_the_sidebar_narrows_and_stays_narrow(page: Page) -> None:
    opened(page, "/")
    page.get_by_role("button", name="Narrow the sidebar").click()
    assert page.locator("#sidebar").bounding_box()["width"] < 60  # pyright: ignore[reportOptionalSubscript]
    opened(page, "/runs")
    expect(page.get_by_role("button", name="Widen the sidebar")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipelines")).to_be_visible()


def test_on_a_small_screen_the_sidebar_is_a_sheet_that_closes_in_every_way(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(site, viewport=SMALL).new_page()
    opened_sheet = page.locator("#sidebar")
    page.goto("/")
    expect(opened_sheet).to_be_hidden()
    menu = page.get_by_role("button", name="Open the menu")
    menu.click()
    expect(opened_sheet).to_be_visible()
    # The page behind cannot be reached, its heading and its main part included.
    accessible(page, "sheet", without=("landmark-one-main", "page-has-heading-one"))
    page.keyboard.press("Escape")
    expect(opened_sheet).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.mouse.click(390, 400)
    expect(opened_sheet).to_be_hidden()
    menu.click()
    opened_sheet.get_by_role("link", name="Runs").click()
    expect(page).to_have_url(re.compile("/runs/?$"))
    expect(opened_sheet).to_be_hidden()


def test_the_first_tab_stop_leads_past_the_sidebar(page: Page) -> None:
    opened(page, "/pipelines")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_the_focus_is_always_seen(page: Page) -> None:
    opened(page, "/pipelines")
    for _ in range(14):
        page.keyboard.press("Tab")
        outline = page.evaluate("(e => [getComputedStyle(e).outlineStyle, getComputedStyle(e, '::after').outlineStyle].join())(document.activeElement)")
        assert "solid" in outline, page.evaluate("document.activeElement.outerHTML")


def test_nothing_moves_for_those_who_asked_for_less_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, "/")
    longest = page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(e => parseFloat(getComputedStyle(e).animationDuration)))")
    assert longest <= 0.01


def test_nothing_smaller_than_12_pixels_is_drawn(page: Page) -> None:
    """P10-72."""
    for path in ("/", "/pipelines", "/runs"):
        opened(page, path)
        assert page.evaluate("Math.min(...[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize)))") >= 12


def test_an_address_that_leads_nowhere_says_so_and_offers_ways_out(page: Page, noise: Noise) -> None:
    noise.expect("status of 404")
    answer = page.goto("/no/such/page")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("link", name="Go home").click()
    expect(page).to_have_title("Home · RAT")


def test_a_fault_in_one_part_leaves_the_rest_alive_and_is_logged(page: Page, api: Api, site: Site, noise: Noise) -> None:
    """P3-04, P6-22."""
    api.pipeline()
    noise.expect(".")
    page.add_init_script(BREAKABLE)
    opened(page, "/runs")
    page.evaluate("window.broken = true")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This part of the page could not be shown")
    expect(page.get_by_text("broken on purpose")).to_be_hidden()
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_text("broken on purpose")).to_be_visible()
    assert "Built with" not in page.content()
    page.evaluate("window.broken = false")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".skeleton")).to_have_count(0)
    assert "broken on purpose" in site.log.read_text()


def test_a_fault_in_the_frame_shows_a_page_that_says_what_to_do(page: Page, site: Site, noise: Noise) -> None:
    """P3-04, P6-22, P9-01, P9-03."""
    noise.expect(".")
    page.add_init_script(BREAKABLE_FRAME)
    opened(page, "/runs")
    page.evaluate("window.broken = true")
    page.get_by_role("link", name="Pipelines", exact=True).click()
    expect(page.get_by_role("heading", name="The page broke")).to_be_visible()
    expect(page.get_by_text("broken on purpose")).to_be_hidden()
    page.evaluate("window.broken = false")
    for look in looks(page):
        accessible(page, f"crash {look}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), look
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_text("broken on purpose")).to_be_visible()
    accessible(page, "crash with details")
    page.get_by_role("button", name="Load the page again").click()
    expect(page).to_have_title("Pipelines · RAT")
    expect(page.locator(".health .dot-ok")).to_be_attached()
    assert "broken on purpose" in site.log.read_text()


def portal_process(site: Site) -> int:
    """The pid of the portal under `rat up`."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (process / "cmdline").read_text(), (process / "stat").read_text()
        except OSError:
            continue
        if "rat_app.serve" in command and int(status.rpartition(")")[2].split()[1]) == site.pid:
            return int(process.name)
    raise AssertionError("no portal")


def test_a_lost_connection_is_said_and_comes_back_by_itself(fresh_site: Site, new_context: Callable[..., BrowserContext], noise: Noise) -> None:
    """P6-23, P10-68: the portal is killed, the launcher starts it again, the open page goes on, and a page asked for meanwhile opens then."""
    noise.expect(LOST)
    page = new_context(fresh_site).new_page()
    opened(page, "/pipelines")
    os.kill(portal_process(fresh_site), signal.SIGKILL)
    expect(page.get_by_text(GONE)).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    expect(page.get_by_text("the page you asked for")).to_be_visible()
    expect(page).to_have_title("Pipelines · RAT")
    expect(page).to_have_title("Runs · RAT", timeout=60_000)
    expect(page.get_by_text(GONE)).to_have_count(0)
    opened(page, "/pipelines")
    created = httpx.post(f"{fresh_site.base}/api/v1/pipelines", json={"namespace": "shop", "layer": "gold", "name": "orders"}, timeout=30)
    assert created.status_code < 300, created.text
    expect(page.get_by_role("link", name="shop.gold.orders")).to_be_visible()


def test_as_long_as_there_is_no_connection_the_page_can_be_read(page: Page, api: Api, noise: Noise) -> None:
    """P6-23, P9-01, P9-03: and what is pressed several times meanwhile is done once."""
    noise.expect(LOST)
    address = api.pipeline("select 1 as n")
    sockets: list[WebSocketRoute] = []
    refused = False

    def gate(socket: WebSocketRoute) -> None:
        if refused:
            socket.close()
        else:
            socket.connect_to_server()
            sockets.append(socket)

    page.route_web_socket("**/_event/**", gate)
    opened(page, "/pipelines")
    rows = page.locator("tbody tr").count()
    refused = True
    sockets[-1].close()
    expect(page.get_by_role("alert")).to_contain_text(GONE)
    for look in looks(page):
        accessible(page, f"no connection {look}")
        expect(page.locator(".offline")).to_be_in_viewport(ratio=1)
        assert page.locator("tbody tr").count() == rows
    expect(page.get_by_role("alert")).to_contain_text("rat up")
    refused = False
    expect(page.get_by_text("The connection to RAT is back")).to_be_visible()
    expect(page.get_by_text(GONE)).to_have_count(0)

    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, address)
    refused = True
    sockets[-1].close()
    expect(page.get_by_role("alert")).to_contain_text(GONE)
    for _ in range(3):
        page.get_by_role("button", name="Run", exact=True).click()
    refused = False
    page.wait_for_url("**/runs/*")
    namespace, layer, name = address.split("/")[2:]
    assert api.get(f"/runs?namespace={namespace}&layer={layer}&pipeline={name}")["total"] == 1


def test_what_is_typed_outlives_a_restart_of_the_server(fresh_site: Site, new_context: Callable[..., BrowserContext], noise: Noise) -> None:
    """P6-23: the text stays, in the editor and in the forms; it is saved into the server that came back, and the pages are the present ones again."""
    noise.expect(LOST)
    context = new_context(fresh_site)
    page, form, docs = (context.new_page() for _ in range(3))
    api = Api(page, fresh_site.base)
    address = api.pipeline("select 1 as n")
    run = api.run(address)
    while api.get(f"/runs/{run}")["finished_at"] is None:
        time.sleep(0.1)
    opened(form, f"{address}/settings")
    form.get_by_label("Owner").fill("the shop")
    opened(docs, address.replace("/pipelines/", "/explorer/") + "/docs")
    docs.get_by_label("Description").fill("One row is a number.")
    open_editor(page, address)
    write(page, "select 2 as n")
    os.kill(portal_process(fresh_site), signal.SIGKILL)
    expect(page.get_by_text(GONE)).to_be_visible()
    page.locator(".cm-content").press_sequentially(" -- typed meanwhile")
    for each in (page, form, docs):
        expect(each.get_by_text(GONE)).to_have_count(0, timeout=60_000)
        expect(each.get_by_text("● unsaved").first).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    assert text_of(page) == "select 2 as n -- typed meanwhile"
    expect(form.get_by_label("Owner")).to_have_value("the shop")
    form.get_by_role("button", name="Discard").click()
    expect(form.get_by_label("Owner")).to_have_value("")
    docs.get_by_role("button", name="Save documentation").click()
    expect(docs.get_by_text("● unsaved")).to_have_count(0)
    opened(docs, docs.url)
    expect(docs.get_by_label("Description")).to_have_value("One row is a number.")
    opened(page, f"{address}/code")
    expect(page.locator(".cm-line").first).to_have_text("select 2 as n -- typed meanwhile")


def test_a_page_of_another_version_offers_to_load_itself_anew_and_keeps_what_is_typed(page: Page, api: Api, noise: Noise) -> None:
    """P6-23: with unsaved text nothing is loaded anew by itself."""
    noise.expect(LOST)
    sockets: list[WebSocketRoute] = []
    other = False

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)
        socket.on_message(lambda message: server.send(re.sub('"state_schema":"[^"]*"', '"state_schema":"other"', str(message)) if other else message))

    page.route_web_socket("**/_event/**", relay)
    open_editor(page, api.pipeline("select 1 as n"))
    write(page, "select 2 as n")
    page.keyboard.press("Escape")
    other = True
    sockets[-1].close()
    banner = page.get_by_role("alert").filter(has_text="A new version of this app is available")
    expect(banner).to_be_visible()
    for look in looks(page):
        accessible(page, f"another version {look}")
    assert text_of(page) == "select 2 as n"
    other = False
    page.on("dialog", lambda dialog: dialog.accept())
    banner.get_by_role("button", name="Reload").click()
    expect(banner).to_have_count(0)
    expect(page.locator(".cm-line").first).to_have_text("select 2 as n")
    expect(page.get_by_text("● unsaved").first).to_be_visible()


def test_without_an_engine_every_page_says_what_to_do(front_end: None, tmp_path: Path, new_context: Callable[..., BrowserContext]) -> None:
    with running(tmp_path, PORTAL_ALONE) as alone:
        page = new_context(alone).new_page()
        page.goto("/runs")
        expect(page.get_by_role("alert")).to_contain_text("rat up")
        expect(page.locator(".health")).to_contain_text("engine down · 0 queued")
        accessible(page, "engine down")
        page.close()
