"""The Lineage and Quality tabs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, time_ago
from rat_app.components.graph.mini import mini_graph
from rat_app.components.link import link
from rat_app.components.status import icon, status
from rat_app.components.table import Column, data_table, row_link
from rat_app.pages.table.head import table_page
from rat_app.state.explorer.around import TableLineageState, TableQualityState
from rat_app.state.lineage.around import AroundState


@table_page(routes.TABLE_LINEAGE, "Lineage", on_load=[TableLineageState.follow, AroundState.follow])
def lineage() -> rx.Component:
    """One step up, one step down, and the way to the whole graph."""
    state = TableLineageState
    both = rx.el.div(
        failure_panel(AroundState.failure, AroundState.follow),
        loaded(AroundState.loaded, mini_graph(AroundState.around), lines=3),
        rx.el.div(link_button("Show in the graph", to=state.address, icon_name="git-fork"), class_name="row"),
        _side("Made from", state.upstream, "Its pipeline reads no table and no landing zone."),
        _side("Read by", state.downstream, "No released pipeline reads it yet."),
        class_name="stack stack-wide",
    )
    return rx.el.div(failure_panel(state.failure, state.follow), loaded(state.loaded, both, lines=6), class_name="stack")


@table_page(routes.TABLE_QUALITY, "Quality", on_load=[TableQualityState.follow])
def quality() -> rx.Component:
    """The tests of the pipeline with what they found last."""
    state = TableQualityState
    columns = (
        Column("Test", _test, grows=True),
        Column("Last result", lambda test: status(test.status)),
        Column("Bad rows", lambda test: rx.cond(test.status, count(test.violations), rx.el.span("–", class_name="muted")), number=True),
        Column("On failure", lambda test: rx.cond(test.severity == "error", "blocks the publish", "only warns"), optional=True),
        Column("When", lambda test: rx.cond(test.run, link(time_ago(test.at), to=test.run), rx.el.span("never ran", class_name="muted")), optional=True),
    )
    table = data_table("Quality tests of the table", columns, state.tests, key=lambda test: test.name)
    told = rx.el.p("They run on the branch of every run, before anything is published.", class_name="muted panel-note")
    some = rx.el.div(rx.el.div(told, link("All about the tests", to=state.pipeline), class_name="row"), table, class_name="section")
    write = link_button("Write a test", to=state.pipeline, kind="primary")
    none = rx.cond(
        state.pipeline,
        empty("A quality test is a query that returns bad rows. This table has none.", write, icon_name="shield-check"),
        empty("The pipeline that filled this table is gone, and its tests with it.", icon_name="shield-check"),
    )
    shown = loaded(state.loaded, rx.cond(state.tests.length() > 0, some, none), lines=5)
    return rx.el.div(failure_panel(state.failure, state.follow), shown, class_name="stack")


def _side(title: str, neighbours: Any, nothing: str) -> rx.Component:
    columns = (
        Column("Name", _named, grows=True),
        Column("Rows", lambda item: count(item.rows), number=True),
        Column("Published", lambda item: time_ago(item.published), optional=True),
    )
    table = data_table(title, columns, neighbours, key=lambda item: item.full_name)
    return rx.el.div(rx.el.h2(title), rx.cond(neighbours.length() > 0, table, rx.el.p(nothing, class_name="muted")), class_name="section")


def _named(item: Any) -> rx.Component:
    kind = rx.cond(item.kind == "zone", icon("inbox", 14), icon("table-2", 14))
    name = rx.el.span(item.full_name, class_name="name")
    linked = rx.cond(item.address, row_link(name, to=item.address), name)
    said = rx.cond(item.kind == "zone", "Landing zone", item.description)
    return rx.el.div(rx.el.div(kind, linked, class_name="row-tight"), rx.el.span(said, class_name="muted explorer-about"), class_name="explorer-cell")


def _test(test: Any) -> rx.Component:
    about = rx.el.span(test.description, class_name="muted explorer-about")
    return rx.el.div(rx.el.span(test.name, class_name="name"), about, class_name="explorer-cell")
