"""The left side of the Query page: tables, saved queries, history."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button, icon_button
from rat_app.components.empty import loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, counted, duration, time_ago
from rat_app.components.query.query_editor import schema_tree
from rat_app.components.search import search_field
from rat_app.components.status import status
from rat_app.components.tabs import tab, tab_list
from rat_app.state.query.console import QueryState
from rat_app.state.query.side import HISTORY, SAVED, TABLES, SchemaState, SideState

PANELS = ((TABLES, "Tables"), (SAVED, "Saved"), (HISTORY, "History"))


def side() -> rx.Component:
    """Tabs over the list that is shown."""
    heads = [tab(words, chosen=SideState.panel == panel, panel="query-side", on_click=SideState.show(panel)) for panel, words in PANELS]
    lists = rx.match(SideState.panel, (SAVED, _saved()), (HISTORY, _history()), _tables())
    shown = rx.el.div(failure_panel(SideState.failure), lists, id="query-side", role="tabpanel", aria_label=SideState.panel, class_name="query-side")
    return rx.el.div(rx.el.div(tab_list("Beside the editor", *heads), class_name="tabs-row"), shown, class_name="bench-side")


def _tables() -> rx.Component:
    return rx.fragment(
        rx.el.label("Namespace", html_for="query-namespace", class_name="field-label"),
        rx.el.select(
            rx.foreach(QueryState.namespaces, lambda name: rx.el.option(name, value=name)),
            id="query-namespace",
            value=QueryState.namespace,
            on_change=SchemaState.choose,
            class_name="input",
        ),
        failure_panel(SchemaState.failure, SchemaState.follow),
        schema_tree(namespace=QueryState.namespace, version=SchemaState.version),
    )


def _saved() -> rx.Component:
    none_yet = rx.cond(
        SideState.saved_search,
        rx.el.p("No saved query has this text.", class_name="muted"),
        rx.el.p("Nothing is saved yet. Save gives the query on the screen a name, under which everybody finds it here.", class_name="muted"),
    )
    rows: Any = SideState.saved
    listed = rx.el.ul(rx.foreach(rows, _saved_line), class_name="query-list", aria_label="Saved queries")
    more = rx.cond(SideState.saved_total > rows.length(), rx.el.p("The first ", rows.length(), " of ", SideState.saved_total, ". Search finds the others."))
    return rx.fragment(
        search_field("Search saved queries", text=SideState.saved_search, on_search=SideState.find_saved),
        loaded(SideState.loaded, rx.cond(rows.length() > 0, rx.fragment(listed, more), none_yet), lines=4),
    )


def _saved_line(saved: Any) -> rx.Component:
    about = rx.cond(saved.description, saved.description, rx.cond(saved.namespace, "in " + saved.namespace, "no description"))
    open_it = rx.el.button(
        rx.el.span(saved.name, class_name="query-line-main"),
        rx.el.span(about, class_name="query-line-more"),
        type="button",
        class_name="query-line",
        title="Open " + saved.name,
        on_click=SideState.open_saved(saved.id),
    )
    return rx.el.li(open_it, icon_button("trash-2", "Delete " + saved.name, on_click=SideState.delete_saved(saved.id)), key=saved.id)


def _history() -> rx.Component:
    none_yet = rx.cond(
        SideState.history_search,
        rx.el.p("No query of the last 90 days has this text.", class_name="muted"),
        rx.el.p("Every query that is run is kept here for 90 days.", class_name="muted"),
    )
    rows: Any = SideState.history
    listed = rx.el.ul(rx.foreach(rows, _past_line), class_name="query-list", aria_label="History of queries")
    left = (rows.length() < SideState.history_total) & (SideState.shown < 500)
    more = rx.cond(left, button("Show older queries", on_click=SideState.more))
    total = rx.el.p(count(SideState.history_total), " queries in 90 days", class_name="muted panel-note")
    return rx.fragment(
        search_field("Search the history", text=SideState.history_search, on_search=SideState.find_past),
        loaded(SideState.loaded, rx.cond(rows.length() > 0, rx.fragment(total, listed, more), none_yet), lines=6),
    )


def _past_line(past: Any) -> rx.Component:
    facts = rx.el.span(
        status(past.status),
        time_ago(past.at),
        rx.cond(past.status == "success", rx.el.span(counted(past.rows, "row", "rows"), " · ", duration(past.milliseconds))),
        class_name="query-line-more",
    )
    open_it = rx.el.button(
        rx.el.code(past.text, class_name="query-line-main"),
        facts,
        type="button",
        class_name="query-line",
        title="Open in a tab",
        on_click=SideState.open_past(past.id),
    )
    return rx.el.li(open_it, icon_button("play", "Run again: " + past.text, on_click=SideState.run_past(past.id)), key=past.id)
