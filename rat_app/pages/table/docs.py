"""The Docs tab: what is written about the table, to read and to write."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.conflict import conflict_dialog
from rat_app.components.docs_form import docs_form
from rat_app.components.error import failure_panel
from rat_app.pages.table.head import TABLE, table_page
from rat_app.state.explorer.docs import DocsState

ADDRESS: Any = DocsState.router.url.path


@table_page(routes.TABLE_DOCS, "Docs", on_load=[DocsState.follow], typed_in=True)
def docs() -> rx.Component:
    """The form, and both texts when two people wrote at once."""
    files = (rx.el.code("table.yaml"), " of the pipeline (owner and tags: ", rx.el.code("config.yaml"), ")")
    told = rx.cond(
        TABLE.pipeline,
        rx.el.p("Written into ", *files, " and released at once as a version of its own.", class_name="muted panel-note"),
        rx.el.p("The table's pipeline is gone; what is written here stays with the table.", class_name="muted panel-note"),
    )
    form = docs_form(
        key=ADDRESS,
        subject="rat-docs" + ADDRESS,
        # Until the texts of this address are read, the form waits with what it has.
        url=rx.cond(DocsState.address == ADDRESS, DocsState.url, ""),
        revision=DocsState.revision,
        reading=DocsState.reading,
        failed=DocsState.failure.title != "",
        saved=DocsState.saved,
        on_save=DocsState.save,
        on_problem=DocsState.cannot_read,
    )
    content = rx.el.div(told, failure_panel(DocsState.refusal), form, class_name="section docs")
    return rx.el.div(failure_panel(DocsState.failure, DocsState.follow), content, conflict_dialog("the documentation", DocsState), class_name="stack")
