"""The Query page: one SELECT over published tables in each tab, and its rows."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.editor.code_editor import command
from rat_app.components.empty import empty
from rat_app.components.error import failure_panel
from rat_app.components.format import counted, size
from rat_app.components.grid.query_result import outcome, tally
from rat_app.components.plan.plan_view import plan_view
from rat_app.components.query.query_editor import query_editor
from rat_app.components.split import split
from rat_app.pages.frame import page
from rat_app.pages.query.dialogs import save_dialog, turn_dialog
from rat_app.pages.query.side import side
from rat_app.state.query.console import ROW_LIMITS, QueryState
from rat_app.state.query.keeping import SaveState, TurnState
from rat_app.state.query.side import SchemaState, SideState

QUERY: Any = QueryState.query
ESTIMATE: Any = QueryState.estimate
PERCENT: Any = QueryState.percent
EXPLAINED: Any = QueryState.explained
RUN_TITLE = "Ctrl+Enter or ⌘+Enter; a selection runs alone, of several statements the one under the cursor"


@page(routes.QUERY, "Query", on_load=[QueryState.load, SchemaState.follow, SideState.follow])
def query() -> rx.Component:
    """Tables, saved queries and history on the left; on the right the editors above the rows."""
    middle = split(_editor(), _result(), storage_key="rat-query-split", start=42, label="Height of the editor")
    return rx.el.div(rx.el.div(side(), middle, class_name="bench bench-query"), save_dialog(), turn_dialog(), class_name="full work")


def _editor() -> rx.Component:
    editor = query_editor(
        namespace=QueryState.namespace,
        version=SchemaState.version,
        last=QueryState.last,
        incoming=QueryState.incoming,
        linked=QueryState.linked,
        problems=QueryState.problems,
        target=QueryState.target,
        on_pick=QueryState.pick,
        on_run=QueryState.run,
        on_estimate=QueryState.weigh,
        on_save=SaveState.save,
        on_turn=TurnState.show,
        on_explain=QueryState.explain,
        note="Runs on real data and writes nothing.",
    )
    return rx.el.div(editor, _bar(), class_name="bench-stack")


def _bar() -> rx.Component:
    run = button("Run", icon_name="play", kind="primary", title=RUN_TITLE, disabled=QueryState.busy, custom_attrs=command("submit"))
    return rx.el.div(
        run,
        _row_limit(),
        button("Explain", icon_name="list-tree", title="How the statement would be carried out; nothing runs", custom_attrs=command("explain")),
        button("Save", icon_name="save", title="Ctrl+S or ⌘+S", custom_attrs=command("save")),
        button("Turn into pipeline", icon_name="workflow", title="A draft that selects what the statement does", custom_attrs=command("turn")),
        rx.cond(QueryState.busy, _going(), rx.cond(ESTIMATE.known, _estimate())),
        tally(QUERY, QueryState.going, QueryState.busy, QueryState.cancel),
        class_name="row bench-bar query-bar",
    )


def _row_limit() -> rx.Component:
    options = [rx.el.option(f"{rows:,} rows", value=str(rows)) for rows in ROW_LIMITS]
    return rx.el.select(
        *options,
        value=QueryState.limit.to(str),
        on_change=QueryState.choose_limit,
        aria_label="Most rows of the result",
        title="Most rows of the result",
        class_name="input input-fit",
    )


def _estimate() -> rx.Component:
    """What the statement will read, said before it runs."""
    return rx.el.span(
        "Reads at most ",
        counted(ESTIMATE.rows, "row", "rows"),
        rx.cond(ESTIMATE.size > 0, rx.fragment(", ", size(ESTIMATE.size))),
        class_name="muted query-estimate",
        title=ESTIMATE.detail,
    )


def _going() -> rx.Component:
    bar = rx.el.progress(value=PERCENT, max=100, aria_label="Progress of the query", class_name="query-progress")
    return rx.cond(PERCENT >= 0, rx.el.span(bar, rx.el.span(PERCENT, " %", class_name="number"), class_name="row-tight"))


def _result() -> rx.Component:
    nothing = empty("The query works and returns no rows.", icon_name="table")
    start = empty(
        "Ask anything of the published tables: write one SELECT and press Run. Names of tables and columns are completed while you type.",
        link_button("See the pipelines", to=routes.PIPELINES),
        icon_name="square-terminal",
    )
    grid: dict[str, Any] = {"kept_as": QueryState.tab, "on_again": QueryState.again}
    ended = outcome(QUERY, label="Rows of the query", nothing=nothing, on_problem=QueryState.cannot_read, jump=QueryState.jump, **grid)
    shown = rx.cond(QUERY.status | QueryState.failure.title, ended, start)
    plan = plan_view(sql=EXPLAINED["sql"], namespace=EXPLAINED["namespace"], key_of=EXPLAINED["key"], on_close=QueryState.close_plan)
    shown = rx.cond(EXPLAINED["key"], plan, shown)
    return rx.el.div(failure_panel(QueryState.failure), shown, class_name=rx.cond(QueryState.busy, "panel panel-busy", "panel"))
