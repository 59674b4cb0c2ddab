"""What stands around a result's rows in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rat_app.theme import DARK, LIGHT
from tests.browser.conftest import Noise
from tests.browser.site import Site
from tests.browser.working_screens import Api, accessible, accessible_everywhere, looks, open_editor, write

FORMULAS = "select i as n, '=1+1' as formula from range(3000) t(i) order by i"
ODD = "select 12345.50 as amount, 2013 as year, {'a': [1, null], 'b': 'x|y'} as nested, null as nothing, '' as hollow, 'one\ttwo' as words"


@pytest.fixture
def clipboard(page: Page) -> Page:
    """The page, allowed to write to the clipboard and read it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def ask(page: Page, text: str, rows: int) -> Locator:
    """Run a query; the grid of its rows."""
    open_editor(page, "/query")
    write(page, text)
    page.keyboard.press("ControlOrMeta+Enter")
    grid = page.locator(".result-grid")
    expect(grid).to_have_attribute("data-rows", str(rows))
    expect(grid.locator("[role=gridcell]").nth(1)).to_be_attached()
    return grid


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize(("kind", "ending"), [("CSV", "csv"), ("Parquet", "parquet"), ("XLSX", "xlsx")])
def test_all_rows_of_a_result_are_taken_away_as_a_file(page: Page, api: Api, tmp_path: Path, kind: str, ending: str) -> None:
    """P10-79: the name of the file is ours."""
    grid = ask(page, FORMULAS, 3000)
    with page.expect_download() as waiting:
        grid.get_by_role("link", name=f"Export all rows as {kind}").click()
    assert re.fullmatch(rf"query-[0-9a-z]+\.{ending}", waiting.value.suggested_filename)
    path = tmp_path / "taken"
    waiting.value.save_as(path)
    if kind == "CSV":
        lines = path.read_text().splitlines()
        assert lines[:2] == ["n,formula", "0,'=1+1"]
        assert len(lines) == 3_001


def test_all_rows_are_copied_those_the_grid_has_not_loaded_too(clipboard: Page, api: Api) -> None:
    grid = ask(clipboard, FORMULAS, 3000)
    grid.get_by_role("button", name="TSV").click()
    expect(grid.get_by_role("status")).to_have_text("3,000 rows copied as TSV.")
    assert copied(clipboard) == "\n".join(["n\tformula", *(f"{n}\t=1+1" for n in range(3000))])


def test_of_more_rows_than_fit_the_clipboard_the_first_are_copied_and_that_is_said(clipboard: Page, api: Api) -> None:
    write_limit = "select i as n from range(10000) t(i) order by i"
    grid = ask(clipboard, write_limit, 10_000)
    grid.get_by_role("button", name="JSON").click()
    expect(grid.get_by_role("status")).to_have_text("10,000 rows copied as JSON.")
    assert [row["n"] for row in json.loads(copied(clipboard))] == list(range(10_000))


def test_ctrl_c_copies_the_selection_beyond_what_is_loaded(clipboard: Page, api: Api) -> None:
    grid = ask(clipboard, FORMULAS, 3000)
    grid.locator(".dvn-scroller").click(position={"x": 90, "y": 50})
    expect(grid.get_by_text("Copy", exact=True)).to_be_visible()
    clipboard.keyboard.press("ControlOrMeta+Shift+ArrowDown")
    expect(grid.get_by_text("Copy selection", exact=True)).to_be_visible()
    clipboard.keyboard.press("ControlOrMeta+c")
    expect(grid.get_by_role("status")).to_have_text("3,000 rows copied.")
    assert copied(clipboard) == "\n".join(map(str, range(3000)))


def test_odd_values_keep_what_they_are_on_the_clipboard_and_in_the_grid(clipboard: Page, api: Api) -> None:
    grid = ask(clipboard, ODD, 1)
    expect(grid.locator("[role=gridcell]").get_by_text("2013")).to_be_attached()
    cells = grid.locator("[role=gridcell]").all_text_contents()
    assert [text for text in cells if text] == ["12,345.50", "2013", '{"a":[1,null],"b":"x|y"}', "null", "''", "one\ttwo"]
    grid.get_by_role("button", name="TSV").click()
    expect(grid.get_by_role("status")).to_have_text("1 row copied as TSV.")
    assert copied(clipboard).splitlines()[1] == '12345.50\t2013\t"{""a"":[1,null],""b"":""x|y""}"\t\t\t"one\ttwo"'
    grid.get_by_role("button", name="JSON").click()
    expect(grid.get_by_role("status")).to_have_text("1 row copied as JSON.")
    assert json.loads(copied(clipboard))[0]["nested"] == {"a": [1, None], "b": "x|y"}
    grid.get_by_role("button", name="Markdown").click()
    expect(grid.get_by_role("status")).to_have_text("1 row copied as Markdown.")
    heads, rule, row = copied(clipboard).splitlines()
    assert heads == "| amount | year | nested | nothing | hollow | words |"
    assert rule.startswith("| ---: | ---: | --- |")
    assert '{"a":[1,null],"b":"x\\|y"}' in row


def test_a_cell_is_opened_in_full_by_keyboard_and_gives_the_focus_back(clipboard: Page, api: Api) -> None:
    grid = ask(clipboard, ODD, 1)
    grid.locator(".dvn-scroller").click(position={"x": 90, "y": 50})
    for _ in range(2):
        clipboard.keyboard.press("ArrowRight")
    clipboard.keyboard.press("Enter")
    dialog = clipboard.get_by_role("dialog", name="nested")
    expect(dialog.get_by_role("group", name="Value of nested")).to_contain_text('"b": "x|y"')
    accessible_everywhere(clipboard, "a cell")
    dialog.get_by_role("button", name="Copy value").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    assert json.loads(copied(clipboard)) == {"a": [1, None], "b": "x|y"}
    clipboard.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    clipboard.keyboard.press("ArrowRight")
    clipboard.keyboard.press("Enter")
    expect(clipboard.get_by_role("dialog", name="nothing")).to_contain_text("No value.")


def test_the_result_is_accessible_in_both_themes_on_a_desk_and_on_a_phone(page: Page, api: Api) -> None:
    ask(page, FORMULAS, 3000)
    for look in looks(page):
        accessible(page, f"result, {look}")


def test_the_grid_follows_the_theme_without_motion_too(page: Page, api: Api) -> None:
    """A transition, however short, hides a new colour from who asks for it at once, as the grid does."""
    ask(page, FORMULAS, 3000)
    drawn = """surface => {
        const canvas = document.querySelector('.result-rows canvas');
        return String(canvas.getContext('2d').getImageData(canvas.width - 40, canvas.height >> 1, 1, 1).data.slice(0, 3)) === surface;
    }"""
    for scheme, surface in (("dark", DARK["surface"]), ("light", LIGHT["surface"])):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # pyright: ignore[reportArgumentType]
        page.wait_for_function(drawn, arg=",".join(str(part) for part in bytes.fromhex(surface[1:])))


TRIPS = """
select i % 500 as delay, case when i % 4 = 0 then null else 'AA' || i % 3 end as carrier, date '2026-01-01' + (i // 100)::int as day, [i] as list
from range(3000) t(i)"""


def test_what_is_in_the_columns_is_computed_when_it_is_looked_at(page: Page, api: Api) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/statistics") else None)
    grid = ask(page, TRIPS, 3000)
    assert not asked
    grid.get_by_role("tab", name="Rows").press("ArrowRight")
    expect(grid.get_by_role("tab", name="Statistics")).to_be_focused()
    row = grid.get_by_role("row", name="delay")
    expect(row.get_by_role("cell")).to_have_text(["BIGINT", "none", "500", "0 … 499", "249.5", ""])
    expect(row.get_by_role("img", name="Histogram: most rows, 150, at 0 … 25")).to_be_visible()
    carrier = grid.get_by_role("row", name="carrier")
    expect(carrier).to_contain_text("750 (25 %)")
    expect(carrier.get_by_role("img", name=re.compile("Most common values: most rows, 750, at AA"))).to_be_visible()
    expect(grid.get_by_role("row", name="list")).to_contain_text("not counted")
    for look in looks(page):
        accessible(page, f"columns, {look}")
    grid.get_by_role("button", name="carrier").click()
    dialog = page.get_by_role("dialog", name="carrier")
    expect(dialog.get_by_role("row")).to_have_count(4)
    accessible(page, "a column")
    page.keyboard.press("Escape")
    expect(grid.get_by_role("button", name="carrier")).to_be_focused()
    page.reload()
    expect(page.locator(".result-grid").get_by_role("tab", name="Statistics")).to_have_attribute("aria-selected", "true")


def test_a_columns_header_opens_what_is_in_it(page: Page, api: Api) -> None:
    grid = ask(page, TRIPS, 3000)
    grid.locator(".dvn-scroller").click(position={"x": 80, "y": 12})
    column = page.get_by_role("dialog", name="delay")
    expect(column).to_contain_text("Distinct values500")
    page.keyboard.press("Escape")
    expect(column).to_have_count(0)


def test_what_is_in_a_column_is_reached_and_heard_from_the_keyboard(page: Page, api: Api) -> None:
    grid = ask(page, TRIPS, 3000)
    grid.locator(".dvn-scroller").click(position={"x": 80, "y": 60})
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    column = page.get_by_role("dialog", name="carrier")
    expect(column.get_by_role("status")).to_have_text(re.compile(r"^carrier: 3,000 rows, NULL .*, distinct values \d+, from "))
    expect(column.get_by_role("img", name=re.compile("^(Histogram|Most common)"))).to_be_visible()
    for look in looks(page):
        accessible(page, f"a column from the keyboard, {look}")
    page.keyboard.press("Escape")
    expect(column).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    what = grid.get_by_role("button", name=re.compile("^What is in"))
    expect(what).not_to_have_text("What is in carrier")
    what.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(re.compile("3,000 rows"))


def test_a_result_is_drawn_and_the_choice_stays_with_the_tab(page: Page, api: Api) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    grid = ask(page, TRIPS, 3000)
    assert not [url for url in loaded if "/chart?" in url or "chart_view" in url]
    grid.get_by_role("tab", name="Chart").click()
    # Days along a line, the first column of numbers added up.
    picture = grid.get_by_role("group", name="Chart (line) of delay by day.")
    picture.focus()
    page.keyboard.press("Home")
    expect(picture.get_by_role("status")).to_have_text("day 2026-01-01: delay 4,950")
    page.keyboard.press("End")
    expect(picture.get_by_role("status")).to_have_text("day 2026-01-30: delay 44,950")
    form = grid.get_by_role("group", name="What is drawn")
    form.get_by_label("Chart").select_option("bar")
    form.get_by_label("Along").select_option("carrier")
    form.get_by_label("Value").select_option("count")
    bars = grid.get_by_role("group", name="Chart (bars) of rows by carrier.")
    expect(bars.locator("rect")).to_have_count(4)
    bars.hover(position={"x": 70, "y": 60})
    expect(bars.get_by_role("status")).to_have_text("carrier null: rows 750")
    grid.get_by_role("button", name="As a table").click()
    expect(grid.get_by_role("table").get_by_role("row").nth(2)).to_have_text("AA1rows750")
    page.reload()
    expect(page.get_by_label("Along")).to_have_value("1")
    expect(page.locator(".chart-plot rect")).to_have_count(4)


# The upper line of each area is where the next one begins: compared at the first place along x.
STANDS = """svg => {
  const points = path => path.getAttribute('d').slice(1, -1).split('L').map(point => point.split(' ').map(Number));
  const areas = [...svg.querySelectorAll('path[fill-opacity]')].map(points);
  return areas.length === 4 && areas.slice(1).every((area, i) => Math.abs(area.at(-1)[1] - areas[i][0][1]) < 0.2 && area[0][1] < area.at(-1)[1]);
}"""


@pytest.mark.parametrize("kind", ["bar", "line", "area", "stacked", "scatter", "pie", "number"])
def test_every_kind_of_chart_is_accessible(page: Page, api: Api, kind: str) -> None:
    grid = ask(page, TRIPS, 3000)
    grid.get_by_role("tab", name="Chart").click()
    form = grid.get_by_role("group", name="What is drawn")
    form.get_by_label("Chart").select_option(kind)
    expect(grid.locator(".chart")).to_have_attribute("aria-busy", "false")
    if kind == "number":
        expect(grid.locator(".chart-numbers")).to_have_text("delay748,500")
    else:
        expect(grid.get_by_role("group", name=re.compile(r"^Chart \("))).to_be_visible()
    if kind in ("line", "area", "stacked", "bar", "scatter"):
        form.get_by_label("Coloured by").select_option("carrier")
        expect(grid.locator(".chart-legend > li")).to_have_count(4)
    if kind == "stacked":
        expect(form.get_by_label("Value").locator("option")).to_have_text(["Sum", "Number of rows"])
        assert grid.locator(".chart-plot").evaluate(STANDS), "each area begins where the one below ends"
    for look in looks(page) if kind in ("bar", "pie", "stacked") else [kind]:
        accessible(page, f"{kind}, {look}")


def test_a_chart_that_cannot_be_drawn_says_why(page: Page, api: Api) -> None:
    grid = ask(page, "select [1] as list from range(2)", 2)
    grid.get_by_role("tab", name="Chart").click()
    expect(grid.get_by_role("alert")).to_contain_text("No column of this result can stand along a chart")


JOIN = "select a.i % 7 as k, count(*) as n from range(2000) a(i) join range(500) b(i) on a.i = b.i where a.i > 3 group by 1 order by n desc"


def test_a_plan_is_shown_before_anything_runs_and_measured_when_asked(page: Page, api: Api) -> None:
    asked = api.get("/queries")["total"]
    open_editor(page, "/query")
    write(page, JOIN)
    page.get_by_role("button", name="Explain", exact=True).click()
    plan = page.get_by_role("region", name="Plan of the query")
    steps = plan.get_by_role("listitem")
    expect(steps.filter(has_text="Hash join").first).to_be_visible()
    # A list in a list: what a step reads from is inside it.
    expect(steps.first.locator("ul li").filter(has_text="Hash join").first).to_be_attached()
    expect(plan.locator(".plan-share")).to_have_count(0)
    assert api.get("/queries")["total"] == asked
    plan.get_by_role("button", name="Measure").click()
    expect(plan.get_by_role("status")).to_have_text(re.compile(r"^Measured: it ran for \d.* and wrote nothing\.$"))
    expect(steps.filter(has_text="Hash join").last).to_contain_text("496 rows")
    for look in looks(page):
        accessible(page, f"plan, {look}")
    plan.get_by_role("button", name="Close the plan").click()
    expect(plan).to_be_hidden()


def test_a_plan_says_what_is_read_at_most_before_it_is_measured(page: Page, api: Api) -> None:
    address = api.pipeline("select i as id, i % 7 as day from range(1000) t(i)")
    run = api.run(address)
    page.goto(f"/runs/{run}")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    open_editor(page, "/query")
    write(page, f"select day, count(*) as n from {address.removeprefix('/pipelines/').replace('/', '.')} group by 1")
    page.get_by_role("button", name="Explain", exact=True).click()
    plan = page.get_by_role("region", name="Plan of the query")
    expect(plan.get_by_role("status")).to_have_text(re.compile(r"^Reads at most 1,000 rows, [\d.,]+ (B|KiB)\. The last step is on top\."))
    expect(plan.get_by_role("listitem").filter(has_text="Read parquet").last).to_contain_text("at most 1,000 rows")
    for look in looks(page):
        accessible(page, f"plan with estimates, {look}")


def test_a_plan_says_what_is_wrong_and_goes_when_the_query_runs(page: Page, api: Api, noise: Noise) -> None:
    noise.expect("422")
    open_editor(page, "/query")
    write(page, "select nope from range(3)")
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.get_by_role("region", name="Plan of the query").get_by_role("alert")).to_contain_text("nope")
    write(page, "select i as n from range(3) t(i)")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "3")


@pytest.mark.parametrize("view", ["Rows", "Statistics", "Chart"])
def test_rows_that_are_no_longer_kept_say_so_and_come_again(page: Page, api: Api, site: Site, noise: Noise, view: str) -> None:
    noise.expect("404")
    ask(page, FORMULAS, 3000).get_by_role("tab", name=view).click()
    for result in site.settings.results.iterdir():
        result.unlink()
    page.reload()
    expect(page.get_by_text("The rows of this query are no longer kept: old results are removed.")).to_be_visible()
    accessible(page, "rows that are gone")
    page.get_by_role("button", name="Run again").click()
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "3000")


def test_a_million_rows_are_looked_at_by_keyboard_within_bounds(clipboard: Page, api: Api) -> None:
    """P6-13: the end is one key away, and the tab holds a few windows of rows, whatever it has scrolled past."""
    page, windows = clipboard, list[str]()
    page.on("request", lambda request: windows.append(request.url) if "/rows?" in request.url else None)
    open_editor(page, "/query")
    page.get_by_label("Most rows of the result").select_option("1000000")
    write(page, "select i as n, 'row ' || i as words from range(1000000) t(i)")
    page.keyboard.press("ControlOrMeta+Enter")
    grid = page.locator(".result-grid")
    expect(grid).to_have_attribute("data-rows", "1000000")
    cells = grid.locator("[role=gridcell]")
    expect(cells.get_by_text("row 3", exact=True)).to_be_attached()
    assert len(windows) == 1
    session = page.context.new_cdp_session(page)

    def held() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    before = held()
    grid.locator(".dvn-scroller").click(position={"x": 120, "y": 50})
    page.keyboard.press("ControlOrMeta+ArrowDown")
    expect(cells.get_by_text("row 999999", exact=True)).to_be_attached()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ControlOrMeta+c")
    expect(grid.get_by_role("status")).to_have_text("2 rows copied.")
    assert copied(page) == "999998\trow 999998\n999999\trow 999999"
    scroller = grid.locator(".dvn-scroller")
    # Each step is further than a window is long.
    for step in range(1, 120):
        with page.expect_request("**/rows?*"):
            scroller.evaluate("(box, share) => { box.scrollTop = box.scrollHeight * share; }", step / 120)
    page.keyboard.press("ControlOrMeta+ArrowUp")
    expect(cells.get_by_text("row 3", exact=True)).to_be_attached()
    assert len(windows) > 60
    assert held() - before < 30e6
