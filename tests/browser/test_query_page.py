"""The Query page in a real browser on the real engine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.working_screens import ENDLESS, Api, accessible, accessible_everywhere, looks, open_editor, text_of, write

# Whether a corner of the grid is at least and at most so bright.
DRAWN = """([least, most]) => {
    const grid = document.querySelector('.result-grid canvas');
    const [red, green, blue] = grid.getContext('2d').getImageData(grid.width - 40, grid.height - 20, 1, 1).data;
    return least < red + green + blue && red + green + blue < most;
}"""


@pytest.fixture
def table(page: Page, api: Api) -> str:
    """A published table of 3,000 rows, as a two-part name."""
    address = api.pipeline("select i as id, case when i % 2 = 0 then null else '' end as note, i * 1.5 as amount from range(3000) t(i)")
    run = api.run(address)
    page.goto(f"/runs/{run}")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    return f"silver.{address.split('/')[-1]}"


def ask(page: Page, text: str) -> None:
    write(page, text)
    page.keyboard.press("ControlOrMeta+Enter")


def test_rows_come_by_window_and_the_grid_knows_null_from_empty(page: Page, table: str) -> None:
    """P6-13, P10-80: a window at a time; what is not looked at is never fetched."""
    windows: list[str] = []
    page.on("request", lambda request: windows.append(request.url) if "/rows?" in request.url else None)
    open_editor(page, "/query?namespace=shop")
    expect(page.get_by_text("Runs on real data and writes nothing.")).to_be_visible()
    ask(page, f"select * from {table} order by id")
    grid = page.locator(".result-grid")
    expect(grid).to_have_attribute("data-rows", "3000")
    expect(page.locator(".tally")).to_contain_text(re.compile(r"3,000 rows · \d"))
    expect(grid.locator("canvas").first).to_be_visible()
    # The grid draws on a canvas; its hidden table is what a screen reader gets.
    cells = grid.locator("[role=gridcell]")
    expect(cells.filter(has_text="null").first).to_be_attached()
    expect(cells.filter(has_text="''").first).to_be_attached()
    # Asked for while the query ran, and taken from there: once.
    assert [url.partition("?")[2] for url in windows] == ["offset=0&limit=500&wait=30"]
    grid.hover()
    page.mouse.wheel(0, 60_000)
    expect(cells.filter(has_text=re.compile(r"^2\d\d\d$")).first).to_be_attached()
    assert len(windows) < 6


def test_an_error_is_shown_with_its_line_and_a_caret_and_underlined(page: Page, table: str) -> None:
    open_editor(page, "/query?namespace=shop")
    ask(page, f"select id,\n  amuont\nfrom {table}")
    expect(page.get_by_role("button", name="line 2, column 3")).to_be_visible()
    expect(page.locator(".excerpt")).to_have_text("  amuont\n  ^")
    expect(page.locator(".cm-lintRange-error")).to_have_text("amuont")
    expect(page.locator(".panel")).to_contain_text("amount")
    page.get_by_role("button", name="line 2, column 3").click()
    expect(page.locator(".cm-activeLine")).to_have_text("  amuont")
    accessible(page, "query error")


def test_a_selection_runs_alone_and_its_error_is_where_it_stands(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    write(page, "select 1 as one;\nselect nope")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_role("button", name="line 1, column 8")).to_be_visible()
    expect(page.locator(".cm-lintRange-error")).to_have_text("nope")


def test_an_endless_query_is_cancelled(page: Page, api: Api) -> None:
    """P2-12: real interruption, and the next query works."""
    open_editor(page, "/query")
    ask(page, ENDLESS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".tally .status-cancelled")).to_be_visible()
    ask(page, "select 42 as answer")
    expect(page.locator(".tally")).to_contain_text("1 row")


@pytest.mark.parametrize("statement", ["create table t as select 1", "copy (select 1) to '/tmp/x'", "select * from read_csv('/etc/passwd')"])
def test_what_is_not_one_select_over_published_tables_is_refused_with_a_reason(page: Page, api: Api, statement: str) -> None:
    """P1-03."""
    open_editor(page, "/query")
    ask(page, statement)
    expect(page.get_by_role("alert").filter(has_text="The query failed")).to_be_visible()


def test_of_several_statements_the_one_under_the_cursor_runs_and_all_of_them_are_refused(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    ask(page, "select 1 as one;\nselect 2 as two, 3 as three")
    expect(page.locator(".result-grid [role=columnheader]").filter(has_text="three")).to_be_attached()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_role("alert").filter(has_text="There are 2 statements")).to_be_visible()


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Queries").get_by_role("button", name=name, exact=True)


def test_tabs_keep_their_texts_and_results_over_a_reload_and_a_killed_page(page: Page, table: str) -> None:
    """F16: what was typed is in the browser before anything else."""
    open_editor(page, "/query?namespace=shop")
    ask(page, f"select id from {table} limit 7")
    expect(page.locator(".tally")).to_contain_text("7 rows")
    page.get_by_role("button", name="New query").click()
    expect(page.locator(".cm-content")).to_have_text("")
    ask(page, "select 1 as one union all select 2")
    expect(page.locator(".tally")).to_contain_text("2 rows")
    page.reload()
    expect(tab(page, "Query 2")).to_have_attribute("aria-current", "true")
    expect(page.locator(".tally")).to_contain_text("2 rows")
    tab(page, "Query 1").click()
    expect(page.locator(".cm-content")).to_contain_text("limit 7")
    expect(page.locator(".tally")).to_contain_text("7 rows")
    write(page, "select 'typed a moment ago'")
    page.close()
    again = page.context.new_page()
    again.goto("/query")
    expect(again.locator(".cm-content")).to_have_text("select 'typed a moment ago'")
    tab(again, "Query 2").click()
    expect(again.locator(".tally")).to_contain_text("2 rows")


def test_a_closed_tab_is_brought_back_and_a_tab_is_renamed_by_keyboard(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    write(page, "select 'kept'")
    tab(page, "Query 1").focus()
    page.keyboard.press("F2")
    page.keyboard.insert_text("Mine")
    page.keyboard.press("Enter")
    expect(tab(page, "Mine")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator(".cm-content")).to_have_text("")
    page.get_by_role("button", name="Bring back the closed query").click()
    expect(tab(page, "Mine")).to_have_attribute("aria-current", "true")
    expect(page.locator(".cm-content")).to_have_text("select 'kept'")


def test_a_query_goes_on_in_its_tab_while_another_one_runs(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    ask(page, ENDLESS)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the query")).to_be_visible()
    page.get_by_role("button", name="New query").click()
    ask(page, "select 42 as answer")
    expect(page.locator(".tally")).to_contain_text("1 row")
    tab(page, "Query 1").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".tally .status-cancelled")).to_be_visible()


def test_what_will_be_read_is_said_before_it_runs(page: Page, table: str) -> None:
    """N9."""
    open_editor(page, "/query?namespace=shop")
    write(page, f"select id from {table}")
    said = page.locator(".query-estimate")
    expect(said).to_contain_text(re.compile(r"Reads at most 3,000 rows, [\d.]+ (B|KiB)"))
    write(page, f"select id from {table} where")
    expect(said).to_have_count(0)
    write(page, f"select id from {table} where id > 5000")
    expect(said).to_contain_text("Reads at most 0 rows")
    assert page.locator(".tally").inner_text().strip() == ""


def test_the_history_is_searched_and_run_again(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    ask(page, "select 4711 as remembered")
    expect(page.locator(".tally")).to_contain_text("1 row")
    ask(page, "select 2 as other")
    page.get_by_role("tab", name="History").click()
    page.get_by_role("searchbox", name="Search the history").fill("REMEMBERED")
    lines = page.get_by_role("list", name="History of queries").get_by_role("listitem")
    expect(lines).to_have_count(1)
    accessible(page, "history")
    lines.get_by_role("button", name=re.compile("^Run again")).click()
    expect(tab(page, "Query 2")).to_have_attribute("aria-current", "true")
    expect(page.locator(".cm-content")).to_have_text("select 4711 as remembered")
    expect(page.locator(".tally")).to_contain_text("1 row")


def test_a_query_is_saved_changed_deleted_and_brought_back(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    write(page, "select 1 as one")
    page.keyboard.press("ControlOrMeta+s")
    accessible_everywhere(page, "save dialog")
    page.get_by_role("textbox", name="Name").fill("Late carriers")
    page.keyboard.press("Enter")
    expect(tab(page, "Late carriers")).to_be_visible()
    write(page, "select 2 as two")
    expect(page.locator(".query-tab-changed")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".query-tab-changed")).to_have_count(0)
    assert api.get("/saved-queries/Late carriers")["sql"] == "select 2 as two"
    page.get_by_role("tab", name="Saved").click()
    page.get_by_role("button", name="Delete Late carriers").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Open Late carriers").or_(page.locator(".query-line", has_text="Late carriers"))).to_be_visible()
    accessible(page, "saved")
    open_editor(page, "/query?saved=Late+carriers")
    expect(page.locator(".cm-content")).to_have_text("select 2 as two")
    expect(page.locator(".query-tab")).to_have_count(1)


def test_a_query_becomes_a_pipeline_by_keyboard_alone(page: Page, table: str) -> None:
    """P3-05: a name that cannot be is said while it is typed."""
    open_editor(page, "/query?namespace=shop")
    ask(page, f"select id from {table}")
    expect(page.locator(".tally")).to_contain_text("3,000 rows")
    page.get_by_role("button", name="Turn into pipeline").focus()
    page.keyboard.press("Enter")
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(page.get_by_role("combobox", name="Namespace").last).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(name).to_be_focused()
    page.keyboard.insert_text("From-Query")
    expect(page.get_by_text("Did you mean 'from_query'?")).to_be_visible()
    accessible_everywhere(page, "turn dialog")
    page.get_by_role("button", name="Use from_query").click()
    expect(name).to_have_value("from_query")
    expect(page.get_by_text("Did you mean")).to_be_hidden()
    name.fill(f"from_{table.split('.')[1]}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    expect(page.locator(".cm-content")).to_contain_text(f"from {{{{ ref('{table}') }}}}")


def test_tables_are_found_by_the_names_of_their_columns(page: Page, table: str) -> None:
    open_editor(page, "/query?namespace=shop")
    page.get_by_role("searchbox", name="Search tables and columns").fill("amou")
    expect(page.get_by_role("treeitem", name=re.compile("^amount")).first).to_be_visible()
    expect(page.get_by_role("treeitem", name=re.compile("^note"))).to_have_count(0)
    page.get_by_role("searchbox", name="Search tables and columns").fill("nothing like it")
    expect(page.get_by_text("No table or column has")).to_be_visible()


def test_text_survives_a_reload_and_a_link_brings_its_own(page: Page, api: Api) -> None:
    open_editor(page, "/query")
    write(page, "select 'kept'")
    page.reload()
    expect(page.locator(".cm-content")).to_have_text("select 'kept'")
    open_editor(page, "/query?sql=select+%27linked%27")
    expect(page.locator(".cm-content")).to_have_text("select 'linked'")


def test_the_tree_of_tables_is_worked_by_keyboard_and_writes_names(page: Page, table: str) -> None:
    """P9-02: tree roles, expanded state, arrow keys."""
    open_editor(page, "/query?namespace=shop")
    write(page, "select ")
    tree = page.get_by_role("tree", name="Tables and columns")
    item = tree.get_by_role("treeitem", name=re.compile(table.split(".")[1] + r"\b"))
    expect(item).to_have_attribute("aria-expanded", "false")
    item.focus()
    page.keyboard.press("ArrowRight")
    expect(item).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert text_of(page) == "select id"
    page.keyboard.insert_text(" from ")
    item.click()
    assert text_of(page) == f"select id from {table}"
    accessible(page, "tree")


def test_a_table_published_meanwhile_appears_in_the_tree(page: Page, api: Api) -> None:
    """P10-76."""
    open_editor(page, "/query?namespace=shop")
    address = api.pipeline("select 1 as id")
    api.run(address)
    expect(page.get_by_role("treeitem", name=re.compile(address.split("/")[-1] + r"\b"))).to_be_visible()


def test_empty_and_loaded_are_accessible_in_both_themes_and_widths(page: Page, table: str) -> None:
    """P3-06, P9-03."""
    for look in looks(page):
        open_editor(page, "/query?namespace=shop")
        accessible(page, f"empty {look}")
        ask(page, f"select * from {table}")
        expect(page.locator(".result-grid canvas").first).to_be_visible()
        accessible(page, f"rows {look}")
        ask(page, f"select * from {table} where false")
        expect(page.get_by_text("returns no rows")).to_be_visible()
        accessible(page, f"no rows {look}")


def test_the_grid_follows_the_theme(page: Page, table: str) -> None:
    """P10-71: a canvas knows no CSS variables; it is drawn anew when the theme changes."""
    open_editor(page, "/query?namespace=shop")
    ask(page, f"select * from {table}")
    canvas = page.locator(".result-grid canvas").first
    expect(canvas).to_be_visible()
    for theme, brightness in (("Dark", [0, 150]), ("Light", [600, 766])):
        page.get_by_role("button", name=f"{theme} theme").click()
        page.wait_for_function(DRAWN, arg=brightness)
