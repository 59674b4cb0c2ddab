"""The Columns tab: names, types, meanings, and on demand what each column holds."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button
from rat_app.components.empty import loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count
from rat_app.components.status import icon
from rat_app.components.table import Column, data_table, pager
from rat_app.pages.table.head import table_page
from rat_app.state.explorer.columns import ColumnsState

DASH = "–"


@table_page(routes.TABLE_COLUMNS, "Columns", on_load=[ColumnsState.follow])
def columns() -> rx.Component:
    """How far the profile is, then the columns."""
    turn = rx.cond(
        ColumnsState.total > ColumnsState.columns.length(),
        pager(ColumnsState.pager.words, previous=ColumnsState.pager.previous, following=ColumnsState.pager.following),
    )
    content = rx.el.div(_bar(), _wrong(), rx.cond(ColumnsState.ready > 0, _profiled(), _plain()), turn, class_name="section")
    return rx.el.div(failure_panel(ColumnsState.failure, ColumnsState.follow), loaded(ColumnsState.loaded, content, lines=8), class_name="stack")


def _bar() -> rx.Component:
    going = rx.el.span(icon("play", 14), ColumnsState.ready, " of ", ColumnsState.total, " columns profiled", class_name="status status-running")
    progress = rx.el.progress(value=ColumnsState.ready.to(str), max=ColumnsState.total.to(str), aria_label="Columns profiled", class_name="profile-progress")
    waiting = (ColumnsState.status == "pending") | (ColumnsState.status == "running")
    said = rx.cond(
        ColumnsState.sampled,
        "Numbers are estimates: the table is large, so rows were picked at random.",
        "Every row was looked at.",
    )
    done = rx.el.span(said, class_name="muted")
    ask = button(rx.cond(ColumnsState.ready > 0, "Profile the rest", "Profile columns"), icon_name="chart-no-axes-column", on_click=ColumnsState.profile)
    offer = rx.el.span("Counts nulls and different values, and shows how values are spread. It is kept until the next publish.", class_name="muted")
    asked = rx.cond(ColumnsState.status == "success", done, rx.fragment(ask, rx.cond(ColumnsState.ready > 0, rx.fragment(), offer)))
    stop = button("Cancel", icon_name="square", on_click=ColumnsState.cancel)
    return rx.el.div(rx.cond(waiting, rx.fragment(going, progress, stop), asked), role="status", class_name="row profile-bar")


def _wrong() -> rx.Component:
    strip = rx.el.div(icon("x", 14), rx.el.span("Some columns could not be profiled: ", ColumnsState.wrong), class_name="work-strip work-strip-warn")
    return rx.cond(ColumnsState.wrong, strip)


def _plain() -> rx.Component:
    shown = (Column("Column", _described, grows=True), Column("Type", _type))
    return rx.el.div(data_table("Columns of the table", shown, ColumnsState.columns, key=lambda column: column.name), class_name="columns-table")


def _profiled() -> rx.Component:
    shown = (
        Column("Column", _described),
        Column("Type", _type, optional=True),
        Column("Nulls", _nulls, number=True),
        Column("Different", lambda column: _known(column, count(column.distinct)), number=True),
        Column("Least – greatest", _ends, optional=True),
        Column("Mean", lambda column: _known(column, rx.cond(column.mean, column.mean, DASH)), number=True, optional=True),
        Column("Distribution", _distribution),
    )
    table = data_table("Columns of the table and what they hold", shown, ColumnsState.columns, key=lambda column: column.name)
    return rx.el.div(table, class_name="columns-table")


def _name(column: Any) -> rx.Component:
    return rx.el.span(column.name, class_name="name")


def _type(column: Any) -> rx.Component:
    plain = rx.el.code(column.type, class_name="muted")
    nested = rx.el.details(rx.el.summary(rx.el.code(column.type, class_name="muted")), rx.el.pre(column.whole_type, class_name="type-tree"))
    return rx.cond(column.whole_type, nested, plain)


def _described(column: Any) -> rx.Component:
    """Name over meaning: side by side they would not fit on a phone."""
    return rx.el.div(_name(column), rx.el.div(column.description, class_name="column-meaning"), class_name="column-cell")


def _known(column: Any, value: Any) -> rx.Component:
    return rx.cond(column.ready, value, rx.el.span(DASH, class_name="muted"))


def _nulls(column: Any) -> rx.Component:
    share = rx.el.span(" · ", column.nulls_percent, " %", class_name="muted")
    return _known(column, rx.cond(column.nulls > 0, rx.fragment(count(column.nulls), share), rx.el.span("0", class_name="muted")))


def _ends(column: Any) -> rx.Component:
    said = rx.cond(column.least, rx.el.code(column.least, " – ", column.greatest, class_name="column-ends"), rx.el.span(DASH, class_name="muted"))
    return _known(column, said)


def _distribution(column: Any) -> rx.Component:
    bars = rx.el.div(
        rx.foreach(column.heights, lambda height: rx.el.span(class_name="bar-value", style={"height": height.to(str) + "%"})),
        role="img",
        aria_label=column.told,
        title=column.told,
        class_name="bar-chart",
    )
    shares = rx.el.ul(rx.foreach(column.shares, _share), class_name="shares")
    return _known(column, rx.cond(column.heights.length() > 0, bars, rx.cond(column.shares.length() > 0, shares, rx.el.span(DASH, class_name="muted"))))


def _share(share: Any) -> rx.Component:
    value = rx.cond(share.value == "", rx.el.span("''", class_name="null"), share.value)
    bar = rx.el.span(rx.el.span(class_name="share-bar", style={"width": share.percent.to(str) + "%"}), class_name="share-track", aria_hidden="true")
    return rx.el.li(rx.el.code(value, class_name="share-value"), bar, rx.el.span(share.percent, " %", class_name="muted number"), class_name="share")
