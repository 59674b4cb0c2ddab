"""The Code page in a real browser on the real engine: edit, save, preview, release, run, and everything that can go wrong."""

from __future__ import annotations

import re

from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Noise
from tests.browser.working_screens import Api, accessible, accessible_everywhere, looks, open_editor, text_of, write


def test_from_an_edit_to_rows_in_the_query_page(page: Page, api: Api) -> None:
    """P7-01, P10-67, P10-80: edit, save, preview, release, run, watch the log, see the rows."""
    address = api.pipeline()
    open_editor(page, address)
    expect(page).to_have_title(re.compile(re.escape(address.removeprefix("/pipelines/").replace("/", "."))))
    write(page, "-- @description: Numbers\nselect i as id, 'row ' || i as label from range(1234) t(i)")
    expect(page.get_by_text("● unsaved")).to_be_visible()

    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "100")
    expect(page.get_by_text("Runs on real data; nothing is written.")).to_be_visible()

    page.keyboard.press("ControlOrMeta+s")
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    page.get_by_role("button", name="Release", exact=True).click()
    page.get_by_label("What changed").fill("numbers")
    page.get_by_role("button", name="Release v1").click()
    expect(page.get_by_text("Released version 1")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    expect(page.locator(".run-status .status-success")).to_be_visible()
    expect(page.locator(".log-view-line").last).to_contain_text("1,234 rows")
    expect(page.get_by_text("complete", exact=True)).to_be_visible()

    open_editor(page, f"/query?namespace=shop&sql=select+count(*)+as+n+from+silver.{address.split('/')[-1]}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".tally")).to_contain_text("1 row")


def test_the_problem_of_a_broken_template_is_shown_underlined_and_jumped_to(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline())
    write(page, "select 1 as id\nfrom {{ ref('silver.ordres_1') }}")
    expect(page.locator(".cm-lintRange-error")).to_have_text("'silver.ordres_1'")
    page.get_by_role("tab", name="Problems").click()
    problem = page.locator(".problem")
    expect(problem).to_contain_text("pipeline.sql:2:")
    expect(problem).to_contain_text("Did you mean")
    accessible(page, "problems")
    problem.click()
    expect(page.locator(".cm-activeLine")).to_contain_text("ordres_1")

    page.get_by_role("button", name="Release", exact=True).click()
    page.get_by_role("button", name="Release v1").click()
    expect(page.get_by_text("Could not release")).to_be_visible()


def test_two_tabs_that_save_see_both_texts(page: Page, api: Api) -> None:
    """P10-78, F16: nothing is lost when two tabs edit one draft."""
    address = api.pipeline()
    open_editor(page, address)
    other = page.context.new_page()
    open_editor(other, address)
    write(page, "select 'mine' as id")
    write(other, "select 'theirs' as id")
    other.keyboard.press("ControlOrMeta+s")
    expect(page.get_by_text("saved this draft elsewhere")).to_be_visible()
    assert text_of(page) == "select 'mine' as id"
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("select 'mine' as id")
    expect(dialog).to_contain_text("select 'theirs' as id")
    accessible_everywhere(page, "conflict")
    dialog.get_by_role("button", name="Keep editing").click()
    assert text_of(page) == "select 'mine' as id"
    page.get_by_role("button", name="Compare").click()
    dialog.get_by_role("button", name="Save mine over theirs").click()
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    expect(other.locator(".cm-content")).to_have_text("select 'mine' as id")


def test_unsaved_text_is_guarded_and_outlives_a_reload(page: Page, api: Api) -> None:
    """P10-78: leaving asks; a reload brings the text back; leaving on purpose forgets it."""
    address = api.pipeline()
    open_editor(page, address)
    write(page, "select 2 as id")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("pipeline.sql will be lost")
    dialog.get_by_role("button", name="Stay").click()
    assert text_of(page) == "select 2 as id"

    asked: list[str] = []

    def accept(question: Dialog) -> None:
        asked.append(question.type)
        question.accept()

    page.on("dialog", accept)
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator(".cm-content")).to_have_text("select 2 as id")
    expect(page.get_by_text("● unsaved")).to_be_visible()

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    dialog.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/runs")
    open_editor(page, address)
    assert "select 2 as id" not in text_of(page)


def test_typing_never_moves_the_cursor(page: Page, api: Api) -> None:
    """P6-14: checks, saves and completions that come in while one types leave text and cursor alone."""
    open_editor(page, api.pipeline())
    write(page, "")
    typed = "select 1 as id -- " + "abcdefghij" * 12
    for index, character in enumerate(typed):
        page.keyboard.press("Escape") if index % 40 == 39 else None
        page.locator(".cm-content").press_sequentially(character)
        if index % 30 == 29:
            page.keyboard.press("ControlOrMeta+s")
    assert text_of(page) == typed


def test_without_codemirror_a_text_area_edits_saves_and_previews(page: Page, api: Api, noise: Noise) -> None:
    """P10-74."""
    noise.expect("code_mirror|ERR_FAILED")
    page.route("**/code_mirror-*.js", lambda route: route.abort())
    page.goto(f"{api.pipeline()}/code")
    area = page.locator("textarea.code-editor-plain")
    expect(area).to_have_value(re.compile("select"))
    area.fill("select 3 as id")
    area.press("ControlOrMeta+Enter")
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "1")
    area.press("ControlOrMeta+s")
    expect(page.get_by_text("● unsaved")).to_be_hidden()
    accessible(page, "text area")


def test_a_test_is_added_previewed_deleted_and_brought_back(page: Page, api: Api) -> None:
    """P3-05, P9-02, P9-05: by keyboard where a tree is one."""
    open_editor(page, api.pipeline("select i as id from range(5) t(i)"))
    page.get_by_role("button", name="Add test").click()
    page.get_by_label("Name").fill("No Twos")
    expect(page.get_by_text("no_twos")).to_be_visible()
    page.get_by_label("Name").fill("no_twos")
    page.get_by_role("dialog").get_by_role("button", name="Add test").click()
    tree = page.get_by_role("tree", name="Files of the pipeline")
    expect(tree.get_by_role("treeitem", name="no_twos.sql")).to_have_attribute("aria-selected", "true")

    tree.get_by_role("treeitem", selected=True).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(tree.get_by_role("treeitem", name="pipeline.sql")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem", name="tests/quality")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Delete no_twos.sql").click()
    expect(tree).not_to_contain_text("no_twos.sql")
    page.get_by_role("button", name="Undo").click()
    expect(tree).to_contain_text("no_twos.sql")


def test_a_failed_preview_points_at_the_place(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline())
    write(page, "select 1 as id,\n  nope as other")
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator(".excerpt")).to_have_text("  nope as other\n  ^")
    expect(page.locator(".cm-lintRange-error")).to_have_text("nope")
    accessible(page, "failed preview")


def test_the_completion_knows_tables_and_annotations(page: Page, api: Api) -> None:
    table = api.pipeline("select 1 as id").split("/")[-1]
    open_editor(page, api.pipeline())
    write(page, "")
    page.locator(".cm-content").press_sequentially("select * from {{ ref('silver.")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text(f"silver.{table}")
    page.keyboard.press("Escape")
    write(page, "")
    page.locator(".cm-content").press_sequentially("-- @merge")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("merge_strategy")


def test_escape_leaves_the_editor_by_keyboard(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline()).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("separator", name="Height of the editor")).to_be_focused()


def test_loaded_and_missing_pipelines_are_accessible_in_both_themes_and_widths(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline("select i as id from range(50) t(i)"))
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator(".result-grid canvas").first).to_be_visible()
    for look in looks(page):
        accessible(page, f"code {look}")
    page.goto("/pipelines/shop/silver/nowhere/code")
    expect(page.get_by_text("Could not open the pipeline")).to_be_visible()
    for look in looks(page):
        accessible(page, f"missing {look}")


CTES = """with first as (
    select i as id, 'row ' || i as label from range(7) t(i)
),
second as (select id, label from first where id > 4)
select * from second
"""


def test_the_editor_knows_the_columns_of_its_ctes_and_previews_the_one_under_the_cursor(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline(CTES))
    page.locator(".cm-content").get_by_text("range").click()
    page.keyboard.press("ControlOrMeta+Shift+Enter")
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "7")
    expect(page.locator(".tabs-row")).to_contain_text("CTE first")
    page.locator(".cm-content").get_by_text("first where").click()
    page.get_by_role("button", name="Preview CTE").click()
    expect(page.locator(".result-grid")).to_have_attribute("data-rows", "2")

    page.locator(".cm-content").get_by_text("label from first").hover(position={"x": 10, "y": 5})
    expect(page.locator(".cm-hover")).to_contain_text("label")
    write(page, CTES)
    page.keyboard.press("ControlOrMeta+End")
    page.locator(".cm-content").press_sequentially("where lab")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("label")
    page.keyboard.press("Escape")
    page.locator(".cm-content").press_sequentially("el is not null and second.i")
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_have_text("id")


def test_files_open_in_tabs_worked_by_mouse_and_keys(page: Page, api: Api) -> None:
    """P9-05."""
    open_editor(page, api.pipeline("select 1 as id", no_twos="select * from {{ this }} where id = 2"))
    tabs = page.get_by_role("list", name="Open files")
    page.get_by_role("treeitem", name="no_twos.sql").click()
    expect(tabs.get_by_role("listitem")).to_have_count(2)
    expect(tabs.get_by_role("button", name="no_twos.sql", exact=True)).to_have_attribute("aria-current", "true")
    write(page, "select * from {{ this }} where id = 22")
    expect(tabs.get_by_role("button", name="no_twos.sql unsaved")).to_be_visible()
    accessible(page, "tabs")
    page.get_by_role("button", name="Preview", exact=True).first.click()
    expect(page.locator(".panel")).to_contain_text("has no published table yet: run it first")
    expect(page.locator(".panel")).not_to_contain_text("Did you mean")
    expect(page.locator(".panel-note")).to_contain_text("tests/quality/no_twos.sql")

    tabs.get_by_role("button", name="no_twos.sql unsaved").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-content")).to_have_text("select 1 as id")
    page.reload()
    expect(tabs.get_by_role("listitem")).to_have_count(2)
    expect(tabs.get_by_role("button", name="no_twos.sql unsaved")).to_be_visible()
    tabs.get_by_role("button", name="Close pipeline.sql").click()
    expect(tabs.get_by_role("listitem")).to_have_count(1)
    expect(page.locator(".cm-content")).to_contain_text("id = 22")


def test_layout_changes_only_white_space_and_is_undone_like_typing(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline("select 1 as id,\n2 as n"))
    page.get_by_role("button", name="Format").click()
    expect(page.locator(".cm-line")).to_have_text(["select", "    1 as id,", "    2 as n", ""])
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+z")
    expect(page.locator(".cm-line")).to_have_text(["select 1 as id,", "2 as n"])
    write(page, "select (1 as id")
    page.get_by_role("button", name="Format").click()
    expect(page.get_by_text("is never closed")).to_be_visible()
    assert text_of(page) == "select (1 as id"


def test_changes_against_the_released_version_are_shown_and_brought_back(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline("select 1 as id,\n    'kept' as word\nfrom range(3)"))
    write(page, "select 1 as id,\n    'changed' as word\nfrom range(3)")
    page.get_by_role("button", name="Changes").click()
    expect(page.locator(".cm-deletedChunk")).to_contain_text("'kept' as word")
    accessible(page, "changes")
    page.get_by_role("button", name="Revert").dispatch_event("mousedown")
    expect(page.locator(".cm-content")).to_contain_text("'kept' as word")
    expect(page.get_by_text("● unsaved")).to_be_hidden()


def test_beside_the_editor_stands_the_plan_of_the_next_run(page: Page, api: Api) -> None:
    table = api.pipeline("select 1 as id").split("/")[-1]
    open_editor(page, api.pipeline(f"select * from {{{{ ref('silver.{table}') }}}}", positive="select * from {{ this }} where id < 0"))
    plan = page.get_by_role("region", name="Plan, lineage and columns")
    expect(plan).to_contain_text("version 1")
    expect(plan).to_contain_text("full_refresh")
    expect(plan).to_contain_text(f"There is no table shop.silver.{table} yet")
    expect(plan).to_contain_text("positive")
    expect(plan.get_by_role("link", name=f"silver.{table}").first).to_have_attribute("href", f"/pipelines/shop/silver/{table}")
    plan.get_by_text("Columns in scope").click()
    expect(plan).to_contain_text(f"shop.silver.{table}")
    accessible(page, "plan")


def test_words_are_completed_with_their_values_and_explained(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline("-- @merge_strategy: append_only\nselect 1 as id\n{% if is_incremental() %}\nwhere 1 = 0\n{% endif %}"))
    page.locator(".cm-content").get_by_text("merge_strategy").hover(position={"x": 60, "y": 5})
    expect(page.locator(".cm-hover")).to_contain_text("full_refresh · append_only")
    write(page, "")
    page.locator(".cm-content").press_sequentially("-- @merge_strategy: ap")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("append_only")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add config.yaml").click()
    expect(page.locator(".cm-content")).to_contain_text("merge_strategy: full_refresh")
    page.keyboard.press("ControlOrMeta+End")
    write(page, "")
    page.locator(".cm-content").press_sequentially("own")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("owner")


def test_a_problem_is_said_within_a_moment_of_the_last_key(page: Page, api: Api) -> None:
    open_editor(page, api.pipeline())
    write(page, "select {{ oops }}")
    expect(page.locator(".cm-lintRange-error")).to_have_text("oops", timeout=5_000)
    write(page, "select 1 as id")
    expect(page.locator(".cm-lintRange-error")).to_have_count(0, timeout=5_000)


def test_unsaved_text_survives_the_browsers_crash(page: Page, api: Api) -> None:
    """P10-78: nothing is lost even when no page can say goodbye."""
    address = api.pipeline()
    open_editor(page, address)
    write(page, "select 'not lost' as id")
    expect(page.get_by_text("● unsaved")).to_be_visible()
    again = page.context.new_page()
    page.close(run_before_unload=False)
    open_editor(again, address)
    expect(again.locator(".cm-content")).to_have_text("select 'not lost' as id")
