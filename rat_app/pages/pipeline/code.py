"""The Code page: files, editor, what the compiler says, preview, release, run."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button
from rat_app.components.conflict import conflict_dialog
from rat_app.components.editor.code_editor import code_editor, command
from rat_app.components.empty import skeleton
from rat_app.components.error import failure_panel
from rat_app.components.split import split
from rat_app.components.tree import tree
from rat_app.pages.frame import page
from rat_app.pages.pipeline.aside import aside
from rat_app.pages.pipeline.code_head import head
from rat_app.pages.pipeline.dialogs import new_test_dialog, release_dialog, run_dialog
from rat_app.pages.pipeline.panels import panels
from rat_app.state.pipeline.draft import SOURCE_FILE, DraftState
from rat_app.state.pipeline.editor import EditorState
from rat_app.state.pipeline.plan import PlanState
from rat_app.state.pipeline.preview import PreviewState
from rat_app.state.pipeline.release import ReleaseState
from rat_app.state.pipeline.tests import NewTestState

ADDRESS: Any = DraftState.router.url.path
PATH: Any = DraftState.path
MISSING: Any = DraftState.missing
VERSION: Any = DraftState.version
API: Any = "/api/v1/pipelines/" + DraftState.name.to(str).replace(".", "/")


@page(
    routes.PIPELINE_CODE,
    rx.cond(DraftState.name, DraftState.name.to(str) + " code", "Pipeline code"),
    heading=rx.cond(DraftState.name, DraftState.name, "Pipeline"),
    on_load=[ReleaseState.close, NewTestState.cancel, DraftState.follow, EditorState.begin, PlanState.follow],
    above=[("Pipelines", routes.PIPELINES)],
)
def code() -> rx.Component:
    """The whole page. The editor stays mounted whatever happens to the server, so that whoever types in it goes on typing."""
    middle = split(_editor(), panels(), storage_key="rat-code-split", start=50, label="Height of the editor")
    bench = rx.el.div(_files(), middle, aside(), class_name="bench bench-code")
    content = rx.el.div(head(), bench, class_name=rx.cond(DraftState.loaded, "work", "work work-loading"))
    shown = rx.cond(DraftState.failure.title, rx.fragment(), rx.fragment(rx.cond(DraftState.loaded, rx.fragment(), skeleton(12)), content))
    dialogs = rx.fragment(new_test_dialog(), release_dialog(), run_dialog(), conflict_dialog("this draft", DraftState))
    return rx.el.div(failure_panel(DraftState.failure, DraftState.follow), shown, dialogs, class_name="full stack")


def _files() -> rx.Component:
    add = [button("Add test", icon_name="plus", on_click=NewTestState.begin)]
    missing = rx.foreach(MISSING, lambda path: button("Add " + path.to(str), icon_name="plus", on_click=DraftState.add_file(path)))
    delete = rx.cond(
        PATH != SOURCE_FILE,
        button("Delete " + PATH.split("/")[-1], icon_name="trash-2", custom_attrs=command("remove")),
    )
    return rx.el.div(
        rx.el.h2("Files", class_name="unseen"),
        tree(nodes=DraftState.nodes, label="Files of the pipeline", selected=DraftState.path, on_pick=DraftState.open_file),
        rx.el.div(*add, missing, delete, class_name="bench-actions"),
        class_name="bench-side",
    )


def _editor() -> rx.Component:
    return code_editor(
        # Until the draft of this address is read, the editor waits: what it holds belongs to the address.
        files=rx.cond(DraftState.address == ADDRESS, DraftState.files, {}),
        revision=DraftState.revision,
        removed=DraftState.removed.to(dict[str, str]),
        path=DraftState.path,
        label="Text of the open file",
        problems=DraftState.problems,
        target=DraftState.target,
        names=DraftState.names,
        words=EditorState.words,
        scope=EditorState.scope,
        edit=EditorState.edit,
        released=rx.cond(VERSION, API + "/versions/" + VERSION.to(str), ""),
        templated=True,
        key=ADDRESS,
        storage_key="rat-draft" + ADDRESS,
        on_dirty=DraftState.mark_dirty,
        on_open=DraftState.open_file,
        on_check=EditorState.check,
        on_format=EditorState.lay_out,
        on_save=DraftState.save,
        on_submit=PreviewState.preview,
        on_submit_part=PreviewState.preview_part,
        on_compile=PreviewState.compile_sql,
        on_release=ReleaseState.release,
        on_run=ReleaseState.run,
        on_release_and_run=ReleaseState.release_and_run,
        on_run_draft=ReleaseState.run_draft,
        on_remove=DraftState.remove_file,
    )
