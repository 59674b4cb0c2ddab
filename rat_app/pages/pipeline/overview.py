"""The Overview page: what the pipeline is for, how it stands, its last runs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, time_ago
from rat_app.components.graph.mini import mini_graph
from rat_app.components.link import link
from rat_app.components.run_table import run_table
from rat_app.components.status import status
from rat_app.pages.pipeline.head import pipeline_page
from rat_app.state.lineage.around import AroundState
from rat_app.state.pipeline.head import HeadState
from rat_app.state.pipeline.runs import PipelineRunsState

PIPELINE: Any = HeadState.pipeline


@pipeline_page(routes.PIPELINE, "Overview", on_load=[PipelineRunsState.follow, AroundState.follow])
def overview() -> rx.Component:
    """Facts, the neighbours, then the latest runs."""
    return rx.el.div(_facts(), _lineage(), _runs(), class_name="stack stack-wide")


def _facts() -> rx.Component:
    last = rx.cond(
        PIPELINE.last_run_status, rx.el.span(status(PIPELINE.last_run_status), time_ago(PIPELINE.last_run_at), class_name="row-tight"), _missing("never")
    )
    return rx.el.dl(
        _fact("Rows", count(PIPELINE.row_count)),
        _fact("Last run", last),
        _fact("Owner", rx.cond(PIPELINE.owner, PIPELINE.owner, _missing("nobody"))),
        _fact("Changed", time_ago(PIPELINE.updated_at)),
        class_name="facts",
    )


def _fact(words: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(words), rx.el.dd(value))


def _lineage() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2("Lineage"), rx.cond(AroundState.around.href, link("With columns", to=AroundState.around.href)), class_name="section-head"),
        failure_panel(AroundState.failure, AroundState.follow),
        loaded(AroundState.loaded, mini_graph(AroundState.around), lines=3),
        class_name="section",
    )


def _missing(words: str) -> rx.Component:
    return rx.el.span(words, class_name="muted")


def _runs() -> rx.Component:
    table = PIPELINE.table
    everything = f"{routes.RUNS}?namespace=" + table.namespace.to(str) + "&layer=" + table.layer.to(str) + "&name=" + table.name.to(str)
    shown = rx.cond(
        PipelineRunsState.runs,
        run_table(PipelineRunsState.runs, "Latest runs"),
        empty("It has never run. Press Run: the rows are tested before anybody sees them.", icon_name="history"),
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Latest runs"), rx.cond(PipelineRunsState.total > 0, link("All ", PipelineRunsState.total, to=everything)), class_name="section-head"
        ),
        failure_panel(PipelineRunsState.failure, PipelineRunsState.follow),
        loaded(PipelineRunsState.loaded, shown, lines=4),
        class_name="section",
    )
