"""The Explorer: every published table, found by its name, its columns and what is written about it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, size, time_ago
from rat_app.components.marked import marked
from rat_app.components.search import search_field
from rat_app.components.status import layer_badge
from rat_app.components.table import Column, data_table, pager, row_link
from rat_app.pages.frame import page
from rat_app.state.explorer.tables import ExplorerState

WORDS: Any = ExplorerState.words
SORTS = (
    ("", "By name"),
    ("-published_at", "Newest first"),
    ("published_at", "Oldest first"),
    ("-row_count", "Most rows first"),
    ("-size_bytes", "Largest first"),
)


@page(routes.EXPLORER, "Explorer", on_load=[ExplorerState.load, ExplorerState.follow])
def explorer() -> rx.Component:
    """Search and filters, then the tables."""
    state = ExplorerState
    filters = rx.el.div(
        search_field("Search tables, columns and documentation", text=state.search, on_search=state.find),
        _choice("Namespace", "All namespaces", state.namespaces, state.namespace, state.choose_namespace),
        _choice("Layer", "All layers", state.layers, state.layer, state.choose_layer),
        rx.el.select(
            *(rx.el.option(rx.cond(state.search, "Best first", words) if not value else words, value=value) for value, words in SORTS),
            value=state.sort,
            on_change=state.choose_sort,
            aria_label="Order",
            class_name="input input-fit",
        ),
        class_name="row explorer-filters",
    )
    turn = pager(state.pager.words, previous=state.pager.previous, following=state.pager.following)
    table = rx.el.div(_tables(), turn, class_name="section")
    shown = rx.cond(state.failure.title, rx.fragment(), loaded(state.loaded, rx.cond(state.tables, table, _nothing()), lines=8))
    return rx.el.div(filters, failure_panel(state.failure, state.load), shown, class_name="stack")


def _choice(label: str, everything: str, options: Any, value: Any, on_change: Any) -> rx.Component:
    given = rx.foreach(options, lambda option: rx.el.option(option.words, value=option.value))
    return rx.el.select(rx.el.option(everything, value=""), given, value=value, on_change=on_change, aria_label=label, class_name="input input-fit")


def _tables() -> rx.Component:
    columns = (
        Column("Table", _named, grows=True),
        Column("Layer", lambda table: layer_badge(table.layer), optional=True),
        Column("Owner", lambda table: rx.cond(table.owner, table.owner, rx.el.span("–", class_name="muted")), optional=True),
        Column("Columns", lambda table: count(table.columns), number=True, optional=True),
        Column("Rows", lambda table: count(table.rows), number=True),
        Column("Size", lambda table: size(table.size), number=True, optional=True),
        Column("Published", lambda table: time_ago(table.published), optional=True),
    )
    return data_table("Published tables", columns, ExplorerState.tables, key=lambda table: table.address)


def _named(table: Any) -> rx.Component:
    above = rx.el.span(table.namespace, ".", table.layer, ".", class_name="name-above")
    name = rx.el.span(above, marked(text=table.name, words=WORDS), class_name="name")
    hits = rx.el.ul(rx.foreach(table.hits, _hit), class_name="explorer-hits")
    tags = rx.foreach(table.tags, lambda tag: rx.el.span(tag, class_name="tag-chip"))
    below = rx.cond(table.hits.length() > 0, hits, rx.el.span(table.description, class_name="muted explorer-about"))
    return rx.el.div(
        rx.el.div(row_link(name, to=table.address), rx.el.span(tags, class_name="explorer-tags optional"), class_name="explorer-line"),
        below,
        class_name="explorer-cell",
    )


def _hit(hit: Any) -> rx.Component:
    column = rx.cond(hit.name, rx.el.code(marked(text=hit.name, words=WORDS)))
    between = rx.cond((hit.name != "") & (hit.text != ""), ": ", "")
    return rx.el.li(column, between, marked(text=hit.text, words=WORDS), class_name="muted")


def _nothing() -> rx.Component:
    filtered = ExplorerState.search.to(str) + ExplorerState.namespace.to(str) + ExplorerState.layer.to(str)
    return rx.cond(
        filtered,
        empty("No table, column or documentation matches this.", link_button("Show all tables", to=routes.EXPLORER), icon_name="search-x"),
        empty(
            "A table appears here when a run of its pipeline passes its tests and is published. Nothing was published yet.",
            link_button("See the pipelines", to=routes.PIPELINES, kind="primary"),
            link_button("Load the demo", to=routes.HOME),
            icon_name="table-2",
        ),
    )
