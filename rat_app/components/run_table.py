"""Runs and pipelines in tables, the same wherever they appear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.format import count, duration, time_ago
from rat_app.components.status import draft_badge, layer_badge, status
from rat_app.components.table import Column, data_table, row_link

# What a column's head sorts by.
RUN_SORTS = {"Status": "status", "Pipeline": "pipeline", "Started": "created_at", "Duration": "duration_ms"}
PIPELINE_SORTS = {"Pipeline": "namespace", "Last run": "last_run_at", "Rows": "row_count", "Published": "published_at"}


def full_name(table: Any) -> rx.Component:
    """``namespace.layer.name``, the name the strongest."""
    return rx.el.span(rx.el.span(table.namespace, ".", table.layer, ".", class_name="name-above"), table.name, class_name="name")


def run_table(runs: Any, caption: str, *, without: Sequence[str] = (), sorts: Any = None, chosen: Any = None, on_choose: Any = None) -> rx.Component:
    """Runs (a Var of the engine's Run values); each row leads to its run. ``without`` names columns that are left out.

    ``sorts`` maps what can be sorted by to its address and direction. With ``on_choose`` runs that have not ended can be ``chosen``.
    """
    columns = (
        Column("Status", lambda run: row_link(status(run.status), to=f"{routes.RUNS}/" + run.id.to(str))),
        Column("Pipeline", lambda run: full_name(run.table), grows=True),
        Column("Why", _why, grows="Pipeline" in without, optional="Pipeline" not in without),
        Column("Started", started),
        Column("Duration", lambda run: duration(run.duration_ms, rx.cond(run.status == "running", run.started_at, None)), number=True, optional=True),
        Column(
            "Rows", lambda run: rx.cond(run.status == "success", count(run.counts.rows_out), rx.el.span("–", class_name="muted")), number=True, optional=True
        ),
    )
    shown = [_sortable(column, RUN_SORTS, sorts) for column in columns if column.head not in without]
    if on_choose is not None:
        shown.insert(0, Column("Choose", lambda run: _choice(run, chosen, on_choose), chooses=True))
    return data_table(caption, shown, runs, key=lambda run: run.id)


def _sortable(column: Column, names: Mapping[str, str], sorts: Any) -> Column:
    name = names.get(column.head)
    if sorts is None or name is None:
        return column
    return replace(column, sort_to=sorts[name].address, direction=sorts[name].direction)


def _choice(run: Any, chosen: Any, on_choose: Any) -> rx.Component:
    label = "Choose the run of " + run.table.layer.to(str) + "." + run.table.name.to(str)
    going = (run.status == "pending") | (run.status == "running")
    box = rx.el.input(type="checkbox", checked=chosen.contains(run.id), on_change=lambda on: on_choose(run.id, on), aria_label=label, class_name="choice")
    return rx.cond(going, box)


def started(run: Any) -> rx.Component:
    """When a run began, or, where it has not, when it was asked for."""
    return rx.cond(run.started_at, time_ago(run.started_at), rx.el.span("asked for ", time_ago(run.created_at)))


def _why(run: Any) -> rx.Component:
    return rx.el.span(run.trigger, rx.cond(run.draft, " · draft", rx.cond(run.version, rx.fragment(" · v", run.version))), class_name="muted")


def pipeline_table(pipelines: Any, caption: str, *, brief: bool = False, sorts: Any = None) -> rx.Component:
    """Pipelines (a Var of the engine's Pipeline values); each row leads to its page. A ``brief`` table has only what fits beside another one.

    ``sorts`` maps what can be sorted by to its address and direction.
    """
    columns = (
        Column("Pipeline", lambda item: row_link(full_name(item.table), to=_address(item.table), title=item.description), grows=True),
        Column("Layer", lambda item: layer_badge(item.table.layer), optional=True),
        Column("Version", lambda item: draft_badge(item.version, item.draft_changed)),
        Column("Last run", _last_run),
        Column("Rows", lambda item: count(item.row_count), number=True, optional=True),
        Column("Published", _published, optional=True),
    )
    shown = [_sortable(column, PIPELINE_SORTS, sorts) for column in columns if not (brief and column.head in ("Layer", "Version", "Rows", "Published"))]
    return data_table(caption, shown, pipelines, key=lambda item: item.id)


def _address(table: Any) -> Any:
    return f"{routes.PIPELINES}/" + table.namespace.to(str) + "/" + table.layer.to(str) + "/" + table.name.to(str)


def _published(item: Any) -> rx.Component:
    return rx.cond(item.published_at, time_ago(item.published_at), rx.el.span("never", class_name="muted"))


def _last_run(item: Any) -> rx.Component:
    ran = rx.el.span(status(item.last_run_status), rx.el.span(time_ago(item.last_run_at), class_name="muted optional"), class_name="row-tight")
    return rx.cond(item.last_run_status, ran, rx.el.span("never", class_name="muted"))
