"""What every tab of a table's page has in common: its name to copy, its numbers, who answers for it, and the strip of tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.copy_as import copy_as
from rat_app.components.empty import loaded, staying
from rat_app.components.error import copy_button, failure_panel
from rat_app.components.format import count, size, time_ago
from rat_app.components.link import link
from rat_app.components.pipeline_tabs import table_tabs
from rat_app.components.prose import prose
from rat_app.components.status import layer_badge
from rat_app.pages.frame import page
from rat_app.state.explorer.table import TableState

TABLE: Any = TableState.table


def table_page(route: str, tab: str, *, on_load: Sequence[Any] = (), typed_in: bool = False) -> Callable[[Callable[[], rx.Component]], Callable[[], Any]]:
    """Declare the page of a table's ``tab`` (its words, as in the strip): the content below the common head, once the table is read.

    A tab that is ``typed_in`` stays where it is while a server that restarted reads anew: whoever types goes on typing.
    """

    def declare(content: Callable[[], rx.Component]) -> Callable[[], Any]:
        def whole() -> rx.Component:
            whole_tab = (staying if typed_in else loaded)(TableState.loaded, rx.el.div(head(), content(), class_name="stack"), lines=10)
            shown = rx.cond(TableState.failure.title, _absent(), whole_tab)
            return rx.el.div(failure_panel(TableState.failure, TableState.follow), shown, class_name="full stack")

        whole.__name__, whole.__module__ = content.__name__, content.__module__
        title = rx.cond(TableState.name, TableState.name.to(str) + f" table {tab.lower()}", f"Table {tab.lower()}")
        heading = rx.cond(TableState.name, TableState.name, "Table")
        page(route, title, heading=heading, on_load=[TableState.follow, *on_load], above=[("Explorer", routes.EXPLORER)])(whole)
        return content

    return declare


def head() -> rx.Component:
    """Name and actions, the description, the facts, the tabs."""
    named = rx.el.div(
        layer_badge(TABLE.layer),
        rx.el.code(TABLE.full_name, class_name="table-name"),
        copy_button(TABLE.full_name, "Copy name"),
        class_name="row",
    )
    actions = rx.el.div(
        link_button("Query", to=TABLE.query, icon_name="square-terminal"),
        rx.cond(TABLE.pipeline, link_button("Pipeline", to=TABLE.pipeline, icon_name="workflow")),
        copy_as(TableState.copies.what, TableState.copies),
        class_name="row work-actions",
    )
    more = rx.cond(TableState.docs, link("Read all", to=TableState.docs))
    description = rx.cond(TableState.about, rx.el.div(prose(TableState.about), more, class_name="table-about"))
    return rx.el.div(rx.el.div(named, actions, class_name="work-head"), description, _facts(), table_tabs(), class_name="section")


def _facts() -> rx.Component:
    chips = rx.el.span(rx.foreach(TABLE.tags, lambda tag: rx.el.span(tag, class_name="tag-chip")), class_name="row-tight")
    tags = rx.cond(TABLE.tags.length() > 0, chips, _none())
    return rx.el.dl(
        _fact("Rows", count(TABLE.rows)),
        _fact("Columns", count(TABLE.columns)),
        _fact("Size", size(TABLE.size)),
        _fact("Published", rx.el.span(time_ago(TABLE.published), " by ", link("its run", to=TABLE.run))),
        _fact("Owner", rx.cond(TABLE.owner, TABLE.owner, _none())),
        _fact("Tags", tags),
        class_name="facts",
    )


def _fact(words: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(words), rx.el.dd(value))


def _none() -> rx.Component:
    return rx.el.span("none", class_name="muted")


def _absent() -> rx.Component:
    """Where to go when the table is not there."""
    return rx.el.div(link_button("All tables", to=routes.EXPLORER, icon_name="table-2"), class_name="row")
