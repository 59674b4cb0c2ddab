"""Data tables: a caption, heads, rows that are links as a whole, and a pager."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from rat_app.components.link import Link
from rat_app.components.status import icon


@dataclass(frozen=True)
class Column:
    """A column: its head, how a row's cell is drawn, whether it holds numbers, takes the room that is left, and is left out on a small screen.

    One that ``chooses`` holds check boxes, and is there only while a row has one.

    ``sort_to`` is the address of the list sorted by it, ``direction`` how it is sorted by it now: ascending, descending or none.
    """

    head: str
    cell: Callable[[Any], Any]
    number: bool = False
    optional: bool = False
    grows: bool = False
    chooses: bool = False
    sort_to: Any = None
    direction: Any = None

    @property
    def class_name(self) -> str:
        """The classes of the head and of every cell."""
        return " ".join(name for name in ("number", "optional", "grows", "chooses") if getattr(self, name))


def data_table(caption: str, columns: Sequence[Column], rows: Any, *, key: Callable[[Any], Any]) -> rx.Component:
    """A table of ``rows``, a Var of a list. The caption is for screen readers; the page's heading says it to everybody else."""
    head = rx.el.tr(*map(_head, columns))

    def row(item: Any) -> rx.Component:
        return rx.el.tr(*(rx.el.td(column.cell(item), class_name=column.class_name) for column in columns), key=key(item))

    table = rx.el.table(rx.el.caption(caption, class_name="unseen"), rx.el.thead(head), rx.el.tbody(rx.foreach(rows, row)), class_name="table")
    return rx.el.div(table, class_name="table-scroll", tab_index=0, role="region", aria_label=caption)


def _head(column: Column) -> rx.Component:
    if column.sort_to is None:
        return rx.el.th(column.head, scope="col", class_name=column.class_name)
    arrow = rx.match(column.direction, ("ascending", icon("arrow-up", 12)), ("descending", icon("arrow-down", 12)), rx.fragment())
    sorting = Link.create(column.head, arrow, to=column.sort_to, class_name="sort-link")
    return rx.el.th(sorting, scope="col", class_name=column.class_name, aria_sort=column.direction)


def row_link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """The link of a row's first cell: its area is the whole row."""
    return Link.create(*children, to=to, class_name="row-link", **props)


def pager(words: Any, *, previous: Any, following: Any) -> rx.Component:
    """``words`` ("51–100 of 1,234 runs") between links to the page before and after; an empty address switches a link off."""
    return rx.el.nav(
        _turn(previous, "chevron-left", "Previous page"),
        rx.el.span(words, class_name="pager-words number"),
        _turn(following, "chevron-right", "Next page"),
        aria_label="Pages",
        class_name="pager",
    )


def _turn(to: Any, icon_name: str, label: str) -> rx.Component:
    off = rx.el.span(icon(icon_name), class_name="button button-icon", aria_disabled="true", role="link", aria_label=label)
    return rx.cond(to, Link.create(icon(icon_name), to=to, class_name="button button-icon", aria_label=label, title=label), off)
