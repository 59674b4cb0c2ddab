"""What a run read, and the tries it took."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.format import size, time_ago
from rat_app.components.link import file_link
from rat_app.components.status import icon
from rat_app.components.table import Column, data_table


def run_inputs(inputs: Any) -> rx.Component:
    """``inputs`` (a Var of what was read): tables at their snapshots, landing files with their sizes."""
    columns = (
        Column("What", _named, grows=True),
        Column("Pinned at", lambda read: rx.el.code(read.detail, class_name="muted")),
        Column("Size", lambda read: rx.cond(read.size, size(read.size), rx.el.span("–", class_name="muted")), number=True),
    )
    return rx.el.section(data_table("Tables and files that the run read", columns, inputs, key=lambda read: read.name), aria_label="What it read")


def run_attempts(attempts: Any, run_id: Any) -> rx.Component:
    """``attempts`` (a Var of the engine's Attempt values), each with its log to download."""
    address = "/api/v1/runs/" + run_id.to(str) + "/logs/download?attempt="
    columns = (
        Column("Attempt", lambda each: each.number),
        Column("How it ended", lambda each: rx.cond(each.exit, each.exit, rx.cond(each.finished_at, "success", "goes on")), grows=True),
        Column("Began", lambda each: time_ago(each.started_at)),
        Column("Most memory", lambda each: size(each.max_rss_bytes), number=True, optional=True),
        Column("Process", lambda each: rx.el.code(each.pid), number=True, optional=True),
        Column("Log", lambda each: file_link("Download", to=address + each.number.to(str))),
    )
    none = rx.el.p("No worker has taken the run yet.", class_name="muted")
    return rx.cond(attempts.length() > 0, data_table("Attempts, first to last", columns, attempts, key=lambda each: each.number), none)


def _named(read: Any) -> rx.Component:
    return rx.el.span(rx.cond(read.kind == "table", icon("table-2", 14), icon("file", 14)), rx.el.code(read.name), class_name="row-tight")
