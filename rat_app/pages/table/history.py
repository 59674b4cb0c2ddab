"""The Snapshots and Files tabs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, size, time_ago
from rat_app.components.link import link
from rat_app.components.table import Column, data_table, pager
from rat_app.pages.table.head import table_page
from rat_app.state.explorer.history import FilesState, SnapshotsState


@table_page(routes.TABLE_SNAPSHOTS, "Snapshots", on_load=[SnapshotsState.follow])
def snapshots() -> rx.Component:
    """What was published, newest first."""
    columns = (
        Column("Snapshot", _numbered),
        Column("Published", lambda item: time_ago(item.published)),
        Column("Operation", lambda item: rx.el.span(item.operation, class_name="muted"), optional=True),
        Column("Run", lambda item: link("its run", to=item.run), optional=True),
        Column("Rows", lambda item: count(item.rows), number=True),
        Column("Change", _grown, number=True),
        Column("Size", lambda item: size(item.size), number=True, optional=True),
        Column("Files", lambda item: count(item.files), number=True, optional=True),
        Column("Iceberg id", lambda item: rx.el.code(item.snapshot, class_name="muted"), optional=True),
    )
    table = data_table("Snapshots, newest first", columns, SnapshotsState.snapshots, key=lambda item: item.number)
    turn = pager(SnapshotsState.pager.words, previous=SnapshotsState.pager.previous, following=SnapshotsState.pager.following)
    shown = loaded(SnapshotsState.loaded, rx.el.div(table, turn, class_name="section"), lines=6)
    return rx.el.div(failure_panel(SnapshotsState.failure, SnapshotsState.follow), shown, class_name="stack")


@table_page(routes.TABLE_FILES, "Files", on_load=[FilesState.follow])
def files() -> rx.Component:
    """The data files of the present snapshot."""
    gone = ("Delete files", lambda item: rx.cond(item.deletes > 0, count(item.deletes), rx.el.span("none", class_name="muted")))
    columns = (
        Column("Path", lambda item: rx.el.code(item.path, title=item.path), grows=True),
        Column("Rows", lambda item: count(item.rows), number=True),
        Column("Size", lambda item: size(item.size), number=True),
        Column(*gone, number=True, optional=True),
    )
    table = data_table("Data files by path", columns, FilesState.files, key=lambda item: item.path)
    turn = pager(FilesState.pager.words, previous=FilesState.pager.previous, following=FilesState.pager.following)
    told = rx.el.p("Paths lie within the table's own folder of the warehouse. Rows count those that were deleted later, too.", class_name="muted panel-note")
    some = rx.el.div(told, table, turn, class_name="section")
    nothing = empty("The table has no rows, so it has no data files.", icon_name="file")
    shown = rx.cond(FilesState.failure.title, rx.fragment(), loaded(FilesState.loaded, rx.cond(FilesState.files, some, nothing), lines=6))
    return rx.el.div(failure_panel(FilesState.failure, FilesState.follow), shown, class_name="stack")


def _numbered(item: Any) -> rx.Component:
    current = rx.cond(item.current, rx.el.span(" current", class_name="tag tag-current"))
    return rx.el.span(rx.el.span("#", item.number, class_name="name"), current)


def _grown(item: Any) -> rx.Component:
    grown = item.grown.to(int)
    signed = rx.cond(grown > 0, rx.fragment("+", count(grown)), rx.cond(grown < 0, rx.fragment("−", count(-grown)), rx.el.span("0", class_name="muted")))
    return rx.cond(item.grown == None, rx.el.span("–", class_name="muted"), signed)  # noqa: E711 - a Var compares with ==, not with is
