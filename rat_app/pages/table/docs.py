"""The Docs tab: what is written about the table, to read and to write."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button
from rat_app.components.compare import compare_table
from rat_app.components.dialog import dialog
from rat_app.components.docs_form import docs_form
from rat_app.components.empty import loaded
from rat_app.components.error import failure_panel
from rat_app.pages.table.head import TABLE, table_page
from rat_app.state.explorer.docs import DocsState

CONFLICT: Any = DocsState.conflict


@table_page(routes.TABLE_DOCS, "Docs", on_load=[DocsState.follow])
def docs() -> rx.Component:
    """The form, and both texts when two people wrote at once."""
    files = (rx.el.code("table.yaml"), " of the pipeline (owner and tags: ", rx.el.code("config.yaml"), ")")
    told = rx.cond(
        TABLE.pipeline,
        rx.el.p("Written into ", *files, " and released at once as a version of its own.", class_name="muted panel-note"),
        rx.el.p("The table's pipeline is gone; what is written here stays with the table.", class_name="muted panel-note"),
    )
    form = docs_form(
        key=DocsState.name, url=DocsState.url, revision=DocsState.revision, saved=DocsState.saved, on_save=DocsState.save, on_problem=DocsState.cannot_read
    )
    content = rx.el.div(told, failure_panel(DocsState.refusal), form, class_name="section docs")
    return rx.el.div(failure_panel(DocsState.failure, DocsState.follow), loaded(DocsState.loaded, content, lines=8), _conflict(), class_name="stack")


def _conflict() -> rx.Component:
    who = rx.cond(CONFLICT.who, CONFLICT.who, "Somebody")
    return dialog(
        "The documentation was changed meanwhile",
        rx.el.p(who, " changed it while you were writing. Nothing was overwritten; choose which texts to keep."),
        compare_table(CONFLICT.rows, "Your texts and the saved ones", "Yours", "Saved"),
        rx.el.div(
            button("Keep editing", on_click=DocsState.keep_editing),
            button("Take theirs", on_click=DocsState.take_theirs),
            button("Save mine", kind="primary", on_click=DocsState.keep_mine),
            class_name="dialog-foot",
        ),
        is_open=CONFLICT.revision != "",
        on_close=DocsState.keep_editing,
    )
