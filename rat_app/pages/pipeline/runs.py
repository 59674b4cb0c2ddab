"""The newest runs of the pipeline, beside its code."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.empty import loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import duration, time_ago
from rat_app.components.link import Link, link
from rat_app.components.status import status
from rat_app.state.pipeline.draft import DraftState
from rat_app.state.pipeline.runs import PipelineRunsState


def recent_runs() -> rx.Component:
    """A short list with live status; each entry leads to its run."""
    entries = rx.el.ul(rx.foreach(PipelineRunsState.runs, _entry), class_name="entries")
    none_yet = rx.el.p("It has never run. Press Run: the rows are tested before anybody sees them.", class_name="muted")
    table = DraftState.pipeline.table
    everything = f"{routes.RUNS}?namespace=" + table.namespace.to(str) + "&layer=" + table.layer.to(str) + "&name=" + table.name.to(str)
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Recent runs"),
            rx.cond(PipelineRunsState.total > PipelineRunsState.runs.length(), link("All ", PipelineRunsState.total, to=everything)),
            class_name="section-head",
        ),
        failure_panel(PipelineRunsState.failure, PipelineRunsState.follow),
        loaded(PipelineRunsState.loaded, rx.cond(PipelineRunsState.runs.length() > 0, entries, none_yet), lines=4),
        aria_label="Recent runs",
        class_name="bench-side bench-runs section",
    )


def _entry(run: Any) -> rx.Component:
    took = duration(run.duration_ms, rx.cond(run.status == "running", run.started_at, None))
    code = rx.cond(run.draft, " · draft", rx.cond(run.version, " · v" + run.version.to(str), ""))
    below = rx.el.span(time_ago(run.created_at), code, class_name="muted entry-below")
    line = rx.el.span(status(run.status), took, class_name="entry-line")
    return rx.el.li(Link.create(line, below, to=f"{routes.RUNS}/" + run.id.to(str), class_name="entry"), key=run.id)
