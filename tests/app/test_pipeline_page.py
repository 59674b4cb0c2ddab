"""The state of a pipeline's Code page, over real events and a real engine without workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import reflex as rx

from rat_app import routes
from rat_app.engine import Portal
from rat_app.pages.pipeline import code
from rat_app.state.pipeline.draft import PROBLEMS, DraftState
from rat_app.state.pipeline.editor import EditorState
from rat_app.state.pipeline.preview import PreviewState
from rat_app.state.pipeline.release import RUN, ReleaseState
from rat_app.state.pipeline.runs import PipelineRunsState
from rat_app.state.pipeline.tests import NewTestState
from rat_engine import LOCAL_USER, PipelineFiles, TableName
from tests.app.tab import Browser, Tab

TABLE = TableName.parse("shop.silver.orders")
SOURCE = "pipeline.sql"
NOTHING: dict[str, Any] = {"text": "", "line": 1, "column": 1}


def edit(text: str, revision: int = 1, path: str = SOURCE) -> dict[str, Any]:
    """What the editor sends with a command."""
    return {"changed": {path: text}, "_selection": NOTHING, "revision": revision}


def look(text: str) -> dict[str, Any]:
    """What the editor sends with a command that saves nothing."""
    return {"changed": {SOURCE: text} if text else {}, "_selection": NOTHING, "_revision": 1}


@pytest.fixture
async def page(browser: Browser, portal: Portal) -> Tab:
    """A tab on the Code page of a new pipeline."""
    portal.engine.pipelines.create(LOCAL_USER, TABLE)
    portal.engine.pipelines.create(LOCAL_USER, TableName.parse("shop.bronze.raw_orders"))
    return await opened(browser)


async def opened(browser: Browser) -> Tab:
    """A tab on the Code page, once it is loaded."""
    tab = await browser.open(routes.pipeline("shop", "silver", "orders", "code"))
    await tab.start(DraftState.follow)
    await tab.wait_for(DraftState, lambda state: state.loaded)
    return tab


async def test_the_page_shows_the_draft_with_its_files_and_what_refs_may_name(page: Tab, portal: Portal) -> None:
    state = await page.state(DraftState)
    assert state.name == "shop.silver.orders"
    assert [node["id"] for node in state.nodes] == ["pipeline.sql", "tests/quality/"]
    assert state.missing == ["config.yaml", "table.yaml"]
    assert "silver.orders" in state.names["tables"]


async def test_a_pipeline_that_does_not_exist_says_so_in_place(browser: Browser) -> None:
    tab = await browser.open(routes.pipeline("shop", "silver", "nowhere", "code"))
    await tab.send(DraftState.follow)
    failure = (await tab.state(DraftState)).failure
    assert failure.title == "Could not open the pipeline"
    assert "shop.silver.nowhere" in failure.message


async def test_saving_stores_the_text_and_says_what_the_compiler_says(page: Tab, portal: Portal) -> None:
    await page.send(DraftState.save, **edit("select * from {{ ref('bronze.raw_order') }}"))
    draft, state = portal.engine.pipelines.draft(LOCAL_USER, TABLE), await page.state(DraftState)
    assert (draft.revision, draft.files.source) == (2, "select * from {{ ref('bronze.raw_order') }}")
    assert (state.revision, state.files[SOURCE]) == (2, draft.files.source)
    problem = state.problems[0]
    assert (problem["file"], problem["line"]) == (SOURCE, 1)
    assert "bronze.raw_orders" in str(problem["hint"])


async def test_what_is_typed_is_checked_without_being_saved(page: Tab, portal: Portal) -> None:
    await page.send(DraftState.mark_dirty, paths=[SOURCE])
    await page.send(EditorState.check, **look("select {{ oops }}"))
    assert "oops" in str((await page.state(DraftState)).problems[0]["message"])
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).revision == 1


async def test_two_saves_that_meet_are_both_shown_and_nothing_is_lost(page: Tab, browser: Browser, portal: Portal) -> None:
    other = await opened(browser)
    await other.send(DraftState.save, **edit("select 'theirs' as id"))
    await page.send(DraftState.save, **edit("select 'mine' as id"))
    state = await page.state(DraftState)
    assert state.conflict.who == "local"
    assert next(row for row in state.conflict.rows if row.kind == "changed").left == "select 'mine' as id"
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.source == "select 'theirs' as id"

    await page.send(DraftState.keep_mine)
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.source == "select 'mine' as id"
    assert not (await page.state(DraftState)).conflict.who


async def test_saves_sent_before_the_first_is_answered_do_not_meet_each_other(page: Tab, browser: Browser, portal: Portal) -> None:
    """P10-78: only a save of somebody else is a conflict."""
    for text in ("select 1 as id", "select 12 as id", "select 123 as id"):
        await page.send(DraftState.save, **edit(text, revision=1))
    draft = portal.engine.pipelines.draft(LOCAL_USER, TABLE)
    assert ((await page.state(DraftState)).conflict.who, draft.files.source) == ("", "select 123 as id")

    other = await opened(browser)
    await other.send(DraftState.save, **edit("select 'theirs' as id", revision=draft.revision))
    for revision in (1, draft.revision):
        await page.send(DraftState.save, **edit("select 1234 as id", revision=revision))
        assert (await page.state(DraftState)).conflict.who == "local"
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.source == "select 'theirs' as id"


async def test_the_other_version_can_be_taken_instead(page: Tab, browser: Browser) -> None:
    other = await opened(browser)
    await other.send(DraftState.save, **edit("select 'theirs' as id"))
    await page.send(DraftState.save, **edit("select 'mine' as id"))
    await page.send(DraftState.take_theirs)
    state = await page.state(DraftState)
    assert (state.files[SOURCE], state.dirty, state.conflict.who) == ("select 'theirs' as id", [], "")


async def test_a_third_save_that_nobody_was_shown_is_shown_before_it_is_overwritten(page: Tab, browser: Browser, portal: Portal) -> None:
    """P10-78: with its other files too."""
    other = await opened(browser)
    await other.send(DraftState.save, **edit("select 'theirs' as id"))
    await page.send(DraftState.save, **edit("select 'mine' as id"))
    await other.send(DraftState.save, **edit("select 'third' as id", revision=2))
    await other.send(DraftState.save, **edit("owner: them", revision=3, path="config.yaml"))
    await page.send(DraftState.keep_mine)
    conflict = (await page.state(DraftState)).conflict
    assert [row.right for row in conflict.rows if row.kind == "changed"] == ["select 'third' as id"]
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.source == "select 'third' as id"
    await page.send(DraftState.keep_mine)
    draft = portal.engine.pipelines.draft(LOCAL_USER, TABLE)
    assert (draft.files.source, draft.files.texts["config.yaml"]) == ("select 'mine' as id", "owner: them")


async def test_what_a_tab_does_not_know_of_the_draft_is_never_saved_away(browser: Browser, page: Tab, portal: Portal) -> None:
    """The server restarted or forgot the tab, and somebody saves before the draft is read again."""
    await page.send(DraftState.add_file, path="config.yaml")
    again = await browser.open(page.address)
    await again.send(DraftState.save, **edit("select 2 as id", revision=2))
    draft = portal.engine.pipelines.draft(LOCAL_USER, TABLE)
    assert (draft.files.source, sorted(draft.files.texts)) == ("select 2 as id", ["config.yaml", SOURCE, "tests/quality/id_not_null.sql"])


async def test_unsaved_text_of_a_file_that_was_deleted_elsewhere_stays_in_the_tree(page: Tab, browser: Browser, portal: Portal) -> None:
    """P10-78: it is open, marked, and can be saved again."""
    path = "tests/quality/id_not_null.sql"
    await page.send(DraftState.open_file, path=path)
    await page.send(DraftState.mark_dirty, paths=[path])
    other = await opened(browser)
    await other.send(DraftState.open_file, path=path)
    await other.send(DraftState.remove_file, changed={}, _selection=NOTHING, revision=1)
    state = await page.wait_for(DraftState, lambda state: path not in state.files)
    node = state.nodes[-1]["children"][0]
    assert (state.path, state.overtaken, node["mark"], node["detail"]) == (path, "local", "unsaved", "deleted elsewhere")
    await page.send(DraftState.save, **edit("select 1", path=path))
    assert (await page.state(DraftState)).conflict.who
    await page.send(DraftState.keep_mine)
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.texts[path] == "select 1"


async def test_saves_of_other_drafts_send_this_page_nothing(page: Tab, portal: Portal) -> None:
    other = TableName.parse("shop.bronze.raw_orders")
    revision = portal.engine.pipelines.draft(LOCAL_USER, other).revision
    page.deltas.clear()
    portal.engine.pipelines.save_draft(LOCAL_USER, other, PipelineFiles({SOURCE: "select 5 as id"}), revision)
    portal.engine.pipelines.create(LOCAL_USER, TableName.parse("shop.bronze.later"))
    await page.wait_for(DraftState, lambda state: "bronze.later" in state.names["tables"])
    sent = {name for delta in page.deltas for values in delta.values() for name in values}
    assert "names_rx_state_" in sent
    assert "files_rx_state_" not in sent


async def test_a_save_in_another_tab_is_seen_and_unsaved_text_is_announced_as_overtaken(page: Tab, browser: Browser) -> None:
    await page.send(DraftState.mark_dirty, paths=[SOURCE])
    other = await opened(browser)
    await other.send(DraftState.save, **edit("select 2 as id"))
    state = await page.wait_for(DraftState, lambda state: state.revision == 2)
    assert (state.files[SOURCE], state.overtaken) == ("select 2 as id", "local")


async def test_a_test_is_added_under_a_checked_name_deleted_and_brought_back(page: Tab, portal: Portal) -> None:
    """P3-05: the name is checked while it is typed."""
    await page.send(NewTestState.begin)
    await page.send(NewTestState.type_name, name="No Gaps")
    assert "no_gaps" in (await page.state(NewTestState)).problem
    await page.send(NewTestState.type_name, name="id_not_null")
    assert "already" in (await page.state(NewTestState)).problem
    await page.send(NewTestState.type_name, name="no_gaps")
    await page.send(NewTestState.create, _form={})
    path = "tests/quality/no_gaps.sql"
    assert (await page.state(DraftState)).path == path
    assert path in portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.texts

    on_screen = {"changed": {path: "select 'unsaved'"}, "_selection": NOTHING, "revision": 2}
    await page.send(DraftState.remove_file, **on_screen)
    assert path not in portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.texts
    await page.send(DraftState.bring_back)
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.texts[path] == "select 'unsaved'"
    assert (await page.state(DraftState)).path == path


async def test_the_source_itself_cannot_be_deleted_nor_a_strange_file_be_added(page: Tab) -> None:
    await page.send(DraftState.remove_file, changed={}, _selection=NOTHING, revision=1)
    await page.send(DraftState.add_file, path="../../etc/passwd")
    await page.send(DraftState.save, **edit("select 1", path="../escape.sql"))
    assert await page.failures() == ["Could not delete the file", "Could not add the file", "Could not save the draft"]


async def test_a_release_of_broken_text_is_refused_and_shows_the_problems(page: Tab, portal: Portal) -> None:
    await page.send(ReleaseState.release, **edit("select {{ nothing_like_it }}"))
    state = await page.state(DraftState)
    assert state.panel == PROBLEMS
    assert state.problems
    assert await page.failures() == ["Could not release"]
    assert portal.engine.pipelines.get(LOCAL_USER, TABLE).version is None


async def test_run_asks_while_the_draft_is_not_what_is_released_and_then_goes_to_the_run(page: Tab, portal: Portal) -> None:
    await page.send(ReleaseState.run, **look(""))
    assert (await page.state(ReleaseState)).dialog == RUN
    await page.send(ReleaseState.type_message, message="the first")
    await page.send(ReleaseState.release_and_run, **edit("select 7 as id"))
    (run,) = portal.engine.runs.list(LOCAL_USER).items
    assert page.redirects() == [routes.run(run.id)]
    assert portal.engine.pipelines.version(LOCAL_USER, TABLE, 1).message == "the first"

    await page.send(ReleaseState.run, **look(""))
    assert len(page.redirects()) == 2
    assert not (await page.state(ReleaseState)).dialog


async def test_with_unsaved_text_on_the_screen_a_run_does_not_take_the_page_away(page: Tab, portal: Portal) -> None:
    """P10-78: whoever has unsaved text stays where it is."""
    portal.engine.pipelines.release(LOCAL_USER, TABLE)
    await page.send(DraftState.mark_dirty, paths=[SOURCE])
    await page.send(ReleaseState.run_released)
    assert page.redirects() == []
    assert portal.engine.runs.list(LOCAL_USER).total == 1


async def test_a_draft_run_is_of_what_is_on_the_screen_and_never_a_version(page: Tab, portal: Portal) -> None:
    await page.send(ReleaseState.run_draft, **edit("select 8 as id"))
    (run,) = portal.engine.runs.list(LOCAL_USER).items
    assert (run.draft, run.version) == (True, None)
    assert portal.engine.pipelines.draft(LOCAL_USER, TABLE).files.source == "select 8 as id"


async def test_the_compiled_sql_is_that_of_the_screen(page: Tab) -> None:
    await page.send(PreviewState.compile_sql, **look("-- @description: x\nselect * from {{ ref('bronze.raw_orders') }}"))
    state = await page.state(PreviewState)
    assert state.sql == 'select * from "shop"."bronze"."raw_orders"'


async def test_a_preview_of_a_broken_template_shows_the_problems_and_runs_nothing(page: Tab) -> None:
    await page.send(PreviewState.preview, **look("select {{ broken }}"))
    assert (await page.state(DraftState)).panel == PROBLEMS
    state = await page.state(PreviewState)
    assert not state.busy
    assert state.failure.title == "Could not preview"
    assert not state.query.id


async def test_a_waiting_preview_can_be_cancelled(page: Tab) -> None:
    await page.start(PreviewState.preview, **look(""))
    await page.wait_for(PreviewState, lambda state: bool(state.going.id))
    await page.send(PreviewState.cancel)
    state = await page.wait_for(PreviewState, lambda state: not state.busy)
    assert state.query.status == "cancelled"


async def test_recent_runs_appear_without_asking_again(page: Tab, portal: Portal) -> None:
    """P10-76: what another front end starts is seen here."""
    portal.engine.pipelines.release(LOCAL_USER, TABLE)
    await page.start(PipelineRunsState.follow)
    await page.wait_for(PipelineRunsState, lambda state: state.loaded)
    run = portal.engine.runs.submit(LOCAL_USER, TABLE)
    state = await page.wait_for(PipelineRunsState, lambda state: bool(state.runs))
    assert [shown.id for shown in state.runs] == [run.id]
    portal.engine.runs.cancel(LOCAL_USER, run.id)
    await page.wait_for(PipelineRunsState, lambda state: state.runs[0].status == "cancelled")


async def test_a_deleted_optional_file_is_offered_again(page: Tab, portal: Portal) -> None:
    await page.send(DraftState.add_file, path="table.yaml")
    state = await page.state(DraftState)
    assert (state.path, state.missing) == ("table.yaml", ["config.yaml"])
    compilation = portal.engine.pipelines.compile(LOCAL_USER, TABLE)
    assert not compilation.errors


async def test_the_files_of_the_tree_say_what_is_unsaved_and_what_is_wrong(page: Tab) -> None:
    await page.send(DraftState.mark_dirty, paths=[SOURCE, "not/a/file"])
    await page.send(EditorState.check, **look("select {{ broken }}"))
    state = await page.state(DraftState)
    node = state.nodes[0]
    assert state.dirty == [SOURCE]
    assert (node["mark"], node["detail"]) == ("unsaved", "1 problem")


async def test_drawing_what_is_shown_changes_nothing(page: Tab) -> None:
    """P2-11: state changes in events only; what is computed for the screen is a function of it."""
    await page.send(EditorState.check, **look("select {{ broken }}"))
    state = await page.state(DraftState)
    before = {name: getattr(state, name) for name in ("files", "problems", "dirty", "revision", "path")}
    assert (state.nodes, state.missing) == (state.nodes, state.missing)
    assert before == {name: getattr(state, name) for name in before}
    assert not state.dirty_vars


def test_the_page_is_made_of_small_parts() -> None:
    """P3-01: the head, the panels, the dialogs, the runs and the editor are modules and states of their own."""
    states = (DraftState, NewTestState, PreviewState, ReleaseState, PipelineRunsState)
    assert all(len(state.get_fields()) - len(rx.State.get_fields()) <= 20 for state in states)
    modules = list(Path(code.__file__).parent.glob("*.py"))
    assert len(modules) >= 5
    assert all(len(module.read_text().splitlines()) <= 150 for module in modules)


def test_the_starting_texts_of_added_files_compile() -> None:
    from rat_app.state.pipeline.draft import NEW_FILES
    from rat_app.state.pipeline.tests import NEW_TEST

    assert PipelineFiles({SOURCE: "select 1 as id", "tests/quality/t.sql": NEW_TEST, **NEW_FILES})
