"""A query's outcome, the same on the Query page and in a preview: its rows in a grid, or where it is wrong."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.empty import empty
from rat_app.components.error import copy_button
from rat_app.components.format import count, duration
from rat_app.components.grid.result_grid import result_grid
from rat_app.components.link import file_link
from rat_app.components.status import icon, status

FILES = (("csv", "CSV"), ("parquet", "Parquet"), ("json", "JSON"), ("ndjson", "NDJSON"))
# A sheet has no room for more, its heads included.
SHEET_ROWS = 1_048_576


def outcome(query: Any, *, label: str, nothing: Any, on_problem: Any, jump: Any = None, **props: Any) -> Any:
    """``query`` (a Var of a QueryView) once it has ended: ``nothing`` stands for a result without rows; ``jump`` goes to the error's place.

    ``props`` are those of the grid.
    """
    grid = result_grid(downloads(query), url=query.url, columns=query.columns, rows=query.rows, label=label, on_problem=on_problem, **props)
    return rx.match(
        query.status,
        ("success", rx.cond(query.rows > 0, rx.el.div(grid, class_name="outcome-grid"), nothing)),
        ("failed", query_error(query, jump)),
        ("cancelled", empty("The query was cancelled. Nothing was changed by it.", icon_name="ban")),
        rx.fragment(),
    )


def downloads(query: Any) -> rx.Component:
    """Links that take all rows away as files, made while they are sent."""
    links = [_download(query, kind, words) for kind, words in FILES]
    sheet = rx.cond(query.rows < SHEET_ROWS, _download(query, "xlsx", "XLSX"))
    return rx.el.div(
        rx.el.span(icon("download", 14), "Export", class_name="row-tight muted"),
        *links,
        sheet,
        role="group",
        aria_label="Export all rows",
        class_name="result-take",
    )


def _download(query: Any, kind: str, words: str) -> rx.Component:
    address = "/api/v1/queries/" + query.id + f"/download?format={kind}"
    return file_link(words, to=address, aria_label=f"Export all rows as {words}", class_name="result-way")


def query_error(query: Any, jump: Any = None) -> rx.Component:
    """What is wrong, with the line it is in and a caret below the place."""
    place = rx.el.span("line ", query.line, ", column ", query.column, class_name="muted")
    where = rx.el.button(place, type="button", class_name="button button-plain", on_click=jump) if jump is not None else place
    return rx.el.div(
        rx.el.div(rx.el.strong(icon("x", 14), "The query failed", class_name="row-tight"), rx.cond(query.line > 0, where), class_name="row"),
        rx.el.p(query.message, class_name="prewrap"),
        rx.cond(query.excerpt, rx.el.pre(query.excerpt, class_name="excerpt", tab_index=0, role="group", aria_label="The line with the error")),
        rx.el.div(copy_button(query.message + " [" + query.code + "]", "Copy details"), class_name="row"),
        role="alert",
        class_name="failure",
    )


def tally(query: Any, going: Any, busy: Any, cancel: Any) -> rx.Component:
    """One line: how the last ``query`` ended, its rows and its time; while another one is ``going``, the way to stop it."""
    rows = rx.el.span(rx.cond(query.truncated, "first ", ""), count(query.rows), rx.cond(query.rows == 1, " row", " rows"), " · ", duration(query.milliseconds))
    left_out = rx.cond(query.truncated, rx.el.span(icon("triangle-alert", 14), "there are more", class_name="row-tight status-warn"))
    going = rx.el.span(status("running"), duration(None, going.started), class_name="row")
    stop = rx.el.button(icon("square", 14), "Cancel", type="button", class_name="button button-plain", on_click=cancel)
    ended = rx.cond(query.status == "success", rx.el.span(rows, left_out, class_name="row number"), rx.cond(query.status, status(query.status)))
    return rx.el.div(rx.cond(busy, rx.fragment(going, stop), ended), class_name="row tally", role="status")
