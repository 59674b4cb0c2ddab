"""Text that is typed and not saved, in the editor, on the Query page and in the forms: nothing but its own window ends it (P10-78, F16)."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import Noise
from tests.browser.site import Site
from tests.browser.test_explorer import published
from tests.browser.test_pipeline_tabs import save
from tests.browser.test_shell import GONE, portal_process
from tests.browser.working_screens import Api, accessible, accessible_everywhere, looks, open_editor, text_of, write


def unsaved(page: Page) -> Locator:
    return page.get_by_text("● unsaved")


def crashed(page: Page) -> Page:
    """A new window, after ``page`` could not say goodbye."""
    again = page.context.new_page()
    page.close(run_before_unload=False)
    return again


def test_two_windows_on_one_draft_keep_each_its_own(page: Page, api: Api) -> None:
    """A window with nothing typed, or one that is left on purpose, takes nothing from the other."""
    address = api.pipeline("select 1 as id")
    open_editor(page, address)
    write(page, "select 'fifty lines' as id")
    other = page.context.new_page()
    expect(open_editor(other, address)).to_have_text("select 1 as id")
    api.pipeline("select 2 as id")  # an event that both hear of
    write(other, "select 'thrown away' as id")
    other.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    other.get_by_role("dialog").get_by_role("button", name="Leave").click()
    other.wait_for_url("**/runs")
    again = crashed(page)
    expect(open_editor(again, address)).to_have_text("select 'fifty lines' as id")
    expect(unsaved(again)).to_be_visible()
    open_editor(other, address)
    assert text_of(other) == "select 1 as id", "it belongs to the window that took it over"


def test_a_file_that_is_deleted_here_or_elsewhere_keeps_what_is_on_the_screen(page: Page, api: Api) -> None:
    address = api.pipeline("select 1 as id", none="select * from {{ this }} where id = 2")
    open_editor(page, address)
    tree = page.get_by_role("tree", name="Files of the pipeline")
    tree.get_by_role("treeitem", name="none.sql").click()
    expect(page.locator(".cm-content")).to_contain_text("id = 2")
    write(page, "select 'typed' as bad")
    expect(unsaved(page)).to_be_visible()
    page.get_by_role("button", name="Delete none.sql").click()
    expect(tree).not_to_contain_text("none.sql")
    expect(unsaved(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".cm-content")).to_have_text("select 'typed' as bad")
    expect(unsaved(page)).to_have_count(0)

    write(page, "select 'typed again' as bad")
    expect(unsaved(page)).to_be_visible()
    draft = api.get(f"{address}/files")
    api.put(f"{address}/files", {"revision": draft["revision"], "files": {"pipeline.sql": "select 3 as id"}})
    expect(page.get_by_text("saved this draft elsewhere")).to_be_visible()
    expect(tree.get_by_role("treeitem", name="none.sql")).to_contain_text("deleted elsewhere")
    for look in looks(page):
        accessible(page, f"deleted elsewhere {look}")
    page.set_viewport_size({"width": 1440, "height": 900})
    again = crashed(page)
    open_editor(again, address)
    again.get_by_role("treeitem", name="none.sql").click()
    expect(again.locator(".cm-content")).to_have_text("select 'typed again' as bad")
    expect(again.get_by_role("list", name="Open files").get_by_role("button", name="none.sql unsaved")).to_be_visible()
    again.get_by_role("button", name="Save", exact=True).click()
    again.get_by_role("dialog").get_by_role("button", name="Save mine over theirs").click()
    expect(unsaved(again)).to_have_count(0)
    assert api.get(f"{address}/files")["files"] == {"pipeline.sql": "select 3 as id", "tests/quality/none.sql": "select 'typed again' as bad"}


def test_what_is_typed_during_a_save_can_be_saved(page: Page, api: Api, noise: Noise) -> None:
    """And a comparison with the released version that fails says so."""
    noise.expect("500")
    address = api.pipeline("select 1 as id")
    open_editor(page, address)
    write(page, "select 2 as id")
    expect(unsaved(page)).to_be_visible()
    page.locator(".cm-content").evaluate("""content => {
        content.dispatchEvent(new KeyboardEvent("keydown", { key: "s", code: "KeyS", ctrlKey: true, bubbles: true, cancelable: true }));
        document.execCommand("insertText", false, " -- more");
    }""")
    expect(page.locator(".cm-content")).to_have_text("select 2 as id -- more")
    expect(page.get_by_text("changed since v1")).to_be_visible()
    expect(unsaved(page)).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(unsaved(page)).to_have_count(0)
    assert api.get(f"{address}/files")["files"]["pipeline.sql"] == "select 2 as id -- more"

    page.route("**/versions/*", lambda route: route.fulfill(status=500, json={"error": {"message": "The disk is full."}}))
    page.get_by_role("button", name="Changes").click()
    expect(page.get_by_role("alert").filter(has_text="The disk is full.")).to_be_visible()
    page.unroute("**/versions/*")
    page.get_by_role("button", name="Changes").click()
    expect(page.locator(".cm-deletedChunk")).to_contain_text("select 1 as id")


def test_the_settings_show_both_when_two_saved_and_never_wipe_what_is_typed(page: Page, api: Api) -> None:
    address = api.pipeline("select 1 as id")
    page.goto(f"{address}/settings")
    owner, description = page.get_by_label("Owner"), page.get_by_label("Description")
    expect(owner).to_be_editable()
    owner.fill("mine")
    save(api, address, {"config.yaml": "description: From elsewhere\n"})
    expect(description).to_have_value("From elsewhere")
    expect(owner).to_have_value("mine")
    page.get_by_role("button", name="Save to the draft").click()
    expect(unsaved(page)).to_have_count(0)
    assert api.get(f"{address}/files")["files"]["config.yaml"] == "description: From elsewhere\nowner: mine\n"

    owner.fill("mine again")
    save(api, address, {"config.yaml": "owner: theirs\n"})
    expect(page.get_by_text("Somebody changed the same meanwhile.")).to_be_visible()
    page.get_by_role("button", name="Save to the draft").click()
    dialog = page.get_by_role("dialog", name="Somebody saved these settings meanwhile")
    expect(dialog).to_contain_text("theirs")
    accessible_everywhere(page, "conflict")
    dialog.get_by_role("button", name="Keep editing").click()
    save(api, address, {"config.yaml": "owner: theirs\ndescription: Third\n"})
    expect(description).to_have_value("Third")
    expect(owner).to_have_value("mine again")
    again = crashed(page)
    again.goto(f"{address}/settings")
    expect(again.get_by_label("Owner")).to_have_value("mine again")
    again.get_by_role("button", name="Save to the draft").click()
    again.get_by_role("dialog").get_by_role("button", name="Take theirs, drop mine").click()
    expect(again.get_by_label("Owner")).to_have_value("theirs")
    expect(unsaved(again)).to_have_count(0)
    again.reload()
    expect(again.get_by_label("Owner")).to_have_value("theirs")


def test_a_restart_of_the_server_takes_nothing_from_any_page(fresh_site: Site, new_context: Callable[..., BrowserContext], noise: Noise) -> None:
    """P6-23: also not from an editor in which a text was dropped before; whoever types goes on typing."""
    noise.expect("WebSocket|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|Failed to load resource")
    page = new_context(fresh_site).new_page()
    api = Api(page, fresh_site.base)
    table = published(api)
    address = table.replace("/explorer/", "/pipelines/")
    open_editor(page, address)
    write(page, "select 'mine' as id")
    expect(unsaved(page)).to_be_visible()
    save(api, address, {"pipeline.sql": "select 'theirs' as id", "tests/quality/none.sql": "select 1"})
    expect(page.get_by_text("saved this draft elsewhere")).to_be_visible()
    page.keyboard.press("ControlOrMeta+s")
    page.get_by_role("dialog").get_by_role("button", name="Take theirs, drop mine").click()
    expect(page.locator(".cm-content")).to_have_text("select 'theirs' as id")
    page.get_by_role("treeitem", name="none.sql").click()
    expect(page.locator(".cm-content")).to_have_text("select 1")
    write(page, "select 'kept'")

    settings, docs = page.context.new_page(), page.context.new_page()
    settings.goto(f"{address}/settings")
    settings.get_by_label("Owner").fill("an owner")
    docs.goto(f"{table}/docs")
    docs.get_by_label("Description").fill("A description")
    os.kill(portal_process(fresh_site), signal.SIGKILL)
    expect(page.get_by_text(GONE)).to_be_visible()
    fields = ((page, page.locator(".cm-content")), (settings, settings.get_by_label("Owner")), (docs, docs.get_by_label("Description")))
    for each, field in fields:
        field.press("ControlOrMeta+End")
        each.keyboard.type(" and")
    for each, _ in fields:
        expect(each.get_by_text(GONE)).to_have_count(0, timeout=60_000)
        expect(unsaved(each)).to_be_visible()
        each.keyboard.type(" more")
    expect(page.locator(".cm-content")).to_have_text("select 'kept' and more")
    for each, button in ((page, "Save"), (settings, "Save to the draft"), (docs, "Save documentation")):
        each.get_by_role("button", name=button, exact=True).click()
        expect(unsaved(each)).to_have_count(0)
    files = api.get(f"{address}/files")["files"]
    assert (files["tests/quality/none.sql"], files["pipeline.sql"]) == ("select 'kept' and more", "select 'theirs' as id")
    assert "an owner and more" in files["config.yaml"]
    assert "A description and more" in files["table.yaml"]


def test_the_texts_of_two_query_windows_stay_apart(page: Page, api: Api) -> None:
    """Each shows what the other typed until something is typed in it here; a tab that is closed elsewhere stays while text of this window is in it."""
    open_editor(page, "/query")
    write(page, "select 'first'")
    other = page.context.new_page()
    expect(open_editor(other, "/query")).to_have_text("select 'first'")
    other.get_by_role("button", name="New query").click()
    expect(other.locator(".cm-content")).to_have_text("")
    write(page, "select 'two hundred lines'")
    write(other, "x")
    page.reload()
    query = page.get_by_role("group", name="Queries")
    query.get_by_role("button", name="Query 1", exact=True).click()
    expect(page.locator(".cm-content")).to_have_text("select 'two hundred lines'")

    theirs = other.get_by_role("group", name="Queries")
    theirs.get_by_role("button", name="Query 1", exact=True).click()
    expect(other.locator(".cm-content")).to_have_text("select 'two hundred lines'")
    write(other, "select 'another text of the same tab'")
    theirs.get_by_role("button", name="Close Query 1").click()
    expect(query.get_by_role("button", name="Query 1", exact=True)).to_be_visible()
    expect(page.locator(".cm-content")).to_have_text("select 'two hundred lines'")
    write(page, "select 'the last'")
    again = crashed(page)
    other.close()
    open_editor(again, "/query")
    again.get_by_role("group", name="Queries").get_by_role("button", name="Query 1", exact=True).click()
    expect(again.locator(".cm-content")).to_have_text("select 'the last'")
    again.get_by_role("button", name="Bring back the closed query").click()
    expect(again.locator(".cm-content")).to_have_text("select 'another text of the same tab'")


def test_what_could_not_be_read_is_tried_again_once_and_not_without_end(page: Page, api: Api, noise: Noise) -> None:
    """The documentation by its button, a window of rows by itself; and copying works where the browser has no clipboard."""
    noise.expect("500|429")
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=429 if "rows" in route.request.url else 500, json={"error": {"message": "Not now."}})

    table = published(api)
    page.route(re.compile(r"/api/v1/tables/[^?]*/metadata"), refuse)
    page.goto(f"{table}/docs")
    expect(page.get_by_role("alert").filter(has_text="Not now.")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Owner")).to_be_editable()
    page.get_by_role("button", name="Copy name").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    asked.clear()
    page.route(re.compile(r"/rows\?"), refuse)
    open_editor(page, "/query?namespace=shop")
    write(page, "select 1 as one")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_role("alert").filter(has_text="Not now.")).to_be_visible()
    page.locator(".result-grid").hover()
    page.mouse.wheel(0, 40)
    assert len(asked) < 4
    page.unroute_all()
    expect(page.locator(".result-grid [role=gridcell]").filter(has_text=re.compile("^1$")).first).to_be_attached()
