"""The Query page: one SELECT over published tables, and its rows."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.editor.code_editor import code_editor, command
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.grid.query_result import outcome, tally
from rat_app.components.split import split
from rat_app.components.tree import tree
from rat_app.pages.frame import page
from rat_app.state.query.console import QUERY_FILE, QueryState, SchemaState

QUERY: Any = QueryState.query
NODES: Any = SchemaState.nodes
RUN_TITLE = "Ctrl+Enter or ⌘+Enter; a selection runs alone"


@page(routes.QUERY, "Query", on_load=[QueryState.load, SchemaState.follow])
def query() -> rx.Component:
    """Tables on the left, text above its rows on the right."""
    middle = split(_editor(), _result(), storage_key="rat-query-split", start=38, label="Height of the editor")
    return rx.el.div(rx.el.div(_tables(), middle, class_name="bench bench-query"), class_name="full work")


def _tables() -> rx.Component:
    none_yet = rx.el.p("Nothing is published in this namespace yet. Run a pipeline, or load the demo on Home.", class_name="muted")
    more = rx.cond(SchemaState.total > 500, rx.el.p("The first 500 of ", SchemaState.total, " tables.", class_name="muted"))
    return rx.el.div(
        rx.el.label("Namespace", html_for="query-namespace", class_name="field-label"),
        rx.el.select(
            rx.foreach(QueryState.namespaces, lambda name: rx.el.option(name, value=name)),
            id="query-namespace",
            value=QueryState.namespace,
            on_change=SchemaState.choose,
            class_name="input",
        ),
        rx.el.h2("Tables", class_name="bench-title"),
        failure_panel(SchemaState.failure, SchemaState.follow),
        loaded(SchemaState.loaded, rx.cond(NODES.length() > 0, rx.fragment(tree(nodes=NODES, label="Tables and columns"), more), none_yet), lines=6),
        class_name="bench-side",
    )


def _editor() -> rx.Component:
    bar = rx.el.div(
        button(
            "Run",
            icon_name="play",
            kind="primary",
            title="Ctrl+Enter or ⌘+Enter; a selection runs alone",
            disabled=QueryState.busy,
            custom_attrs=command("submit"),
        ),
        tally(QUERY, QueryState.going, QueryState.busy, QueryState.cancel),
        rx.el.span("Runs on real data and writes nothing.", class_name="muted bench-note"),
        class_name="row bench-bar",
    )
    editor = code_editor(
        files=QueryState.files,
        revision=0,
        discard=0,
        path=QUERY_FILE,
        label="SQL",
        problems=QueryState.problems,
        target=QueryState.target,
        names=SchemaState.names,
        templated=False,
        storage_key="rat-query",
        on_submit=QueryState.run,
    )
    return rx.el.div(bar, rx.el.div(editor, class_name="bench-editor"), class_name="bench-stack")


def _result() -> rx.Component:
    nothing = empty("The query works and returns no rows.", icon_name="table")
    start = empty(
        "Ask anything of the published tables: write one SELECT and press Run. Names of tables and columns are completed while you type.",
        link_button("See the pipelines", to=routes.PIPELINES),
        icon_name="square-terminal",
    )
    ended = outcome(QUERY, label="Rows of the query", nothing=nothing, on_problem=QueryState.cannot_read, jump=QueryState.jump)
    shown = rx.cond(QUERY.status | QueryState.failure.title, ended, start)
    return rx.el.div(failure_panel(QueryState.failure), shown, class_name=rx.cond(QueryState.busy, "panel panel-busy", "panel"))
