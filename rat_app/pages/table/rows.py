"""The Preview tab: first rows in the grid."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.empty import empty, skeleton
from rat_app.components.error import failure_panel
from rat_app.components.format import count
from rat_app.components.grid.query_result import outcome
from rat_app.pages.table.head import TABLE, table_page
from rat_app.state.explorer.table import TableRowsState

LOOK: Any = TableRowsState.look


@table_page(routes.TABLE, "Preview", on_load=[TableRowsState.follow])
def rows() -> rx.Component:
    """At most 1,000 rows; the old ones stay while new ones are read."""
    nothing = empty("The table is published and has no rows.", icon_name="table")
    said = rx.el.p(
        rx.cond(
            TABLE.rows > LOOK.rows,
            rx.fragment("The first ", count(LOOK.rows), " rows, in no particular order."),
            rx.fragment("All rows, in no particular order."),
        ),
        class_name="muted panel-note",
        role="status",
    )
    shown = outcome(LOOK, label="First rows of the table", nothing=nothing, on_problem=TableRowsState.cannot_read)
    return rx.el.div(
        failure_panel(TableRowsState.failure, TableRowsState.follow),
        rx.cond((LOOK.status == "success") & (LOOK.rows > 0), said),
        rx.cond(LOOK.status, shown, rx.cond(TableRowsState.failure.title, rx.fragment(), skeleton(8))),
        class_name=rx.cond(TableRowsState.busy & (LOOK.status != ""), "panel panel-busy table-rows", "panel table-rows"),
    )
