"""The list of runs."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.link import Link
from rat_app.components.run_table import run_table
from rat_app.components.status import icon
from rat_app.components.table import pager
from rat_app.pages.frame import page
from rat_app.state.runs import RunsState

FILTERS = (
    ("All", ""),
    ("Running", "running"),
    ("Waiting", "pending"),
    ("Success", "success"),
    ("Failed", "failed"),
    ("Cancelled", "cancelled"),
    ("Skipped", "skipped"),
)


@page(routes.RUNS, "Runs", on_load=[RunsState.load, RunsState.follow])
def runs() -> rx.Component:
    """Filters, the runs, and the pager; statuses change while one looks."""
    table = rx.cond(RunsState.runs, rx.el.div(run_table(RunsState.runs, "Runs, newest first"), _pager(), class_name="section"), _nothing())
    return rx.el.div(
        rx.el.div(_chips(), _pipeline_filter(), class_name="row"),
        failure_panel(RunsState.failure, RunsState.load),
        rx.cond(RunsState.failure.title, rx.fragment(), loaded(RunsState.loaded, table, lines=8)),
        class_name="stack",
    )


def _chips() -> rx.Component:
    chips = [
        Link.create(words, to=routes.runs(status=value), class_name="chip", aria_current=rx.cond(RunsState.status == value, "true", "false"))
        for words, value in FILTERS
    ]
    return rx.el.nav(*chips, aria_label="Filter by status", class_name="chips")


def _pipeline_filter() -> rx.Component:
    shown = Link.create(RunsState.pipeline, icon("x", 14), to=routes.RUNS, class_name="chip mono", aria_label="Remove the filter " + RunsState.pipeline.to(str))
    return rx.cond(RunsState.pipeline, shown)


def _pager() -> rx.Component:
    return pager(RunsState.pager.words, previous=RunsState.pager.previous, following=RunsState.pager.following)


def _nothing() -> rx.Component:
    filtered = RunsState.status.to(str) + RunsState.pipeline.to(str)
    return rx.cond(
        filtered,
        empty("No run matches these filters.", link_button("Show all runs", to=routes.RUNS), icon_name="search-x"),
        empty(
            "A run fills a pipeline's table: it writes to a branch, tests what it wrote, and publishes it only when the tests pass. There are none yet.",
            link_button("See the pipelines", to=routes.PIPELINES, kind="primary"),
            icon_name="history",
        ),
    )
