"""The Versions page: what was released when, by whom and why; any two beside each other; roll back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.compare import compare_table
from rat_app.components.dialog import dialog
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.field import select_field, text_field
from rat_app.components.format import time_ago
from rat_app.components.table import Column, data_table, pager
from rat_app.pages.pipeline.head import PIPELINE, pipeline_page
from rat_app.state.pipeline.versions import VersionsState

ROLLING: Any = VersionsState.rolling


@pipeline_page(routes.PIPELINE_VERSIONS, "Versions", on_load=[VersionsState.follow])
def versions() -> rx.Component:
    """The list, and below it the comparison."""
    shown = rx.cond(VersionsState.versions, rx.el.div(_list(), _comparison(), class_name="stack stack-wide"), _nothing())
    return rx.el.div(
        failure_panel(VersionsState.failure, VersionsState.follow), loaded(VersionsState.loaded, shown, lines=6), _dialog(), _release(), class_name="stack"
    )


def _nothing() -> rx.Component:
    return empty(
        "A version is what runs use: the draft as it was when somebody released it. Nothing was released yet.",
        _release_button(),
        link_button("Open the code", to=VersionsState.router.url.path.replace("/versions", "/code")),
        icon_name="tag",
    )


def _list() -> rx.Component:
    columns = (
        Column("Version", lambda item: rx.el.span("v", item.number, rx.cond(item.number == PIPELINE.version, " · current", ""), class_name="tag")),
        Column("What changed", lambda item: rx.cond(item.message, item.message, rx.el.span("no message", class_name="muted")), grows=True),
        Column("Files", _files, optional=True),
        Column("Released", lambda item: time_ago(item.created_at), optional=True),
        Column("By", lambda item: item.created_by, optional=True),
        Column("Actions", _actions),
    )
    table = data_table("Versions, newest first", columns, VersionsState.versions, key=lambda item: item.number)
    turn = pager(VersionsState.pager.words, previous=VersionsState.pager.previous, following=VersionsState.pager.following)
    release = rx.el.div(rx.el.p("The draft differs from the version that runs use.", class_name="muted grow"), _release_button(), class_name="row")
    return rx.el.section(rx.cond(PIPELINE.draft_changed, release), table, turn, class_name="section", aria_label="Versions")


def _release_button() -> rx.Component:
    return button("Release the draft", icon_name="tag", kind="primary", on_click=VersionsState.ask_release)


def _files(item: Any) -> rx.Component:
    paths = item.changed.join(", ")
    few = rx.cond(item.changed.length() > 2, item.changed.length().to(str) + " files", paths)
    return rx.el.span(few, title=paths, class_name="muted mono")


def _actions(item: Any) -> rx.Component:
    number = item.number.to(int)
    label = "v" + number.to(str)
    changes = rx.cond(number > 1, button("Changes", aria_label="Changes of " + label, on_click=VersionsState.show_changes(number)))
    back = rx.cond(number != PIPELINE.version, button("Roll back", icon_name="undo-2", aria_label="Roll back to " + label, on_click=VersionsState.ask(number)))
    return rx.el.div(changes, back, class_name="row-actions")


def _comparison() -> rx.Component:
    before, after = VersionsState.before, VersionsState.after
    choose = rx.el.div(
        select_field("From", "compare-before", VersionsState.sides, value=before, on_change=VersionsState.choose_before),
        select_field("To", "compare-after", VersionsState.sides, value=after, on_change=VersionsState.choose_after),
        class_name="row",
    )
    same = rx.el.p("Nothing differs.", class_name="muted")
    table = rx.cond(VersionsState.rows, compare_table(VersionsState.rows, "What differs", _side(before), _side(after)), same)
    return rx.el.section(rx.el.h2("Compare"), choose, rx.cond(VersionsState.compared, table), class_name="section versions", aria_label="Compare")


def _side(side: Any) -> Any:
    return rx.cond(side == "draft", "draft", "v" + side.to(str))


def _release() -> rx.Component:
    form = rx.el.form(
        rx.el.p("The draft, as it was saved last, becomes the version that runs use.", class_name="muted"),
        text_field("What changed", "release-message", hint="Optional. Shown in the list of versions.", max_length=1000),
        rx.el.div(button("Cancel", on_click=VersionsState.close), button("Release", icon_name="tag", kind="primary", type="submit"), class_name="dialog-foot"),
        on_submit=VersionsState.release,
        class_name="stack",
    )
    return dialog("Release the draft", form, is_open=VersionsState.releasing, on_close=VersionsState.close)


def _dialog() -> rx.Component:
    edited = rx.el.label(rx.el.input(type="checkbox", name="replace-draft"), " Replace the draft too: its edits are lost", class_name="row-tight")
    kept = rx.cond(PIPELINE.draft_changed, rx.el.div(rx.el.p("The draft has edits. It stays as it is."), edited), rx.el.p("The draft follows."))
    form = rx.el.form(
        rx.el.p("The files of version ", ROLLING, " become a new version, and runs use it from then on. No version is lost.", class_name="muted"),
        kept,
        text_field("Why", "rollback-message", hint="Optional. Shown in the list of versions.", max_length=1000),
        rx.el.div(
            button("Cancel", on_click=VersionsState.close),
            button("Roll back", icon_name="undo-2", kind="primary", type="submit"),
            class_name="dialog-foot",
        ),
        on_submit=VersionsState.roll_back,
        class_name="stack",
    )
    return dialog("Roll back to version " + ROLLING.to(str), form, is_open=ROLLING > 0, on_close=VersionsState.close)
