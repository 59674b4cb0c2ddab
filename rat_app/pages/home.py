"""The first page: how much there is, what happened last, and the demo."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, icon_button, link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count
from rat_app.components.link import Link, link
from rat_app.components.run_table import pipeline_table, run_table
from rat_app.components.status import layer_badge, status
from rat_app.pages.frame import page
from rat_app.state.home import HomeState

ONE_FAILED = "One was stopped by its quality test, on purpose: its table was not published."
LAYERS = ("bronze", "silver", "gold")


@page(routes.HOME, "Home", on_load=[HomeState.load, HomeState.follow])
def home() -> rx.Component:
    """The counts, the latest runs and pipelines; on an empty installation the way in."""
    nothing = (HomeState.overview.namespaces == 0) & (HomeState.demo_group == "")
    return rx.el.div(
        failure_panel(HomeState.failure, HomeState.load),
        rx.cond(HomeState.failure.title, rx.fragment(), loaded(HomeState.loaded, rx.cond(nothing, _welcome(), _everything()), lines=8)),
        class_name="stack",
    )


def _welcome() -> rx.Component:
    return empty(
        "RAT turns files and SQL into tested Iceberg tables. See it work on real data: flights out of New York, from raw files to answers.",
        button(
            rx.cond(HomeState.demo_loading, "Loading the demo …", "Load the demo"),
            icon_name="play",
            kind="primary",
            on_click=HomeState.load_demo,
            disabled=HomeState.demo_loading,
        ),
        link_button("Create a pipeline", to=routes.PIPELINES),
        icon_name="rat",
    )


def _everything() -> rx.Component:
    return rx.el.div(_demo(), _tiles(), rx.el.div(_runs(), _pipelines(), class_name="columns"), class_name="stack stack-wide")


def _tiles() -> rx.Component:
    seen = HomeState.overview
    by_layer, last_day = seen.pipelines_by_layer.to(dict[str, int]), seen.runs.last_day.to(dict[str, int])
    layers = [rx.el.span(layer_badge(name), " ", count(by_layer[name]), class_name="row-tight") for name in LAYERS]
    ended = [
        rx.cond(last_day[name].to(int) > 0, rx.el.span(status(name), " ", count(last_day[name]), class_name="row-tight"))
        for name in ("success", "failed", "cancelled")
    ]
    return rx.el.div(
        _tile("Pipelines", HomeState.pipeline_count, routes.PIPELINES, *layers),
        _tile("Runs in 24 hours", HomeState.runs_last_day, routes.RUNS, *ended),
        _tile("Tables", seen.tables, routes.QUERY),
        _tile("Rows", seen.rows, routes.QUERY),
        _tile("Namespaces", seen.namespaces, routes.PIPELINES),
        class_name="tiles",
    )


def _tile(words: str, value: Any, to: str, *below: rx.Component) -> rx.Component:
    return Link.create(
        rx.el.span(words, class_name="tile-words"),
        rx.el.span(count(value), class_name="tile-value"),
        rx.el.span(*below, class_name="tile-below"),
        to=to,
        class_name="tile",
    )


def _runs() -> rx.Component:
    head = rx.el.div(rx.el.h2("Latest runs"), link("All runs", to=routes.RUNS), class_name="section-head")
    table = rx.cond(
        HomeState.runs,
        run_table(HomeState.runs, "Latest runs", without=("Why", "Rows")),
        empty("Nothing has run yet. Open a pipeline and press Run.", icon_name="history"),
    )
    return rx.el.section(head, table, class_name="section")


def _pipelines() -> rx.Component:
    head = rx.el.div(rx.el.h2("Latest pipelines"), link("All pipelines", to=routes.PIPELINES), class_name="section-head")
    return rx.el.section(head, pipeline_table(HomeState.pipelines, "Latest pipelines", brief=True), class_name="section")


def _demo() -> rx.Component:
    total = HomeState.demo_runs.length()
    head = rx.el.div(
        rx.el.h2("The demo"),
        rx.el.span(HomeState.demo_ended, " of ", total, " runs ended", class_name="muted number", role="status"),
        rx.el.div(class_name="grow"),
        icon_button("x", "Hide the demo's progress", on_click=HomeState.hide_demo),
        class_name="row",
    )
    steps = rx.foreach(HomeState.demo_runs, _demo_run)
    outcome = rx.el.div(
        rx.el.p(
            "Every run has ended. ",
            rx.cond(
                HomeState.demo_failed == 1,
                rx.fragment(ONE_FAILED, " ", Link.create("Open it to see why.", to=f"{routes.RUNS}/" + HomeState.demo_failed_run, class_name="link")),
            ),
        ),
        rx.el.div(
            link_button("Query the tables", to=routes.QUERY, kind="primary", icon_name="square-terminal"),
            link_button("See the pipelines", to=routes.PIPELINES),
            class_name="row",
        ),
        class_name="section",
    )
    return rx.cond(
        HomeState.demo_group != "",
        rx.el.section(
            head,
            rx.el.progress(value=HomeState.demo_ended, max=total, aria_label="Runs of the demo that ended", class_name="progress"),
            rx.el.ul(steps, class_name="demo-runs"),
            rx.cond((total > 0) & (HomeState.demo_ended == total), outcome),
            class_name="card section",
        ),
    )


def _demo_run(run: Any) -> rx.Component:
    words = rx.el.span(run.table.layer, ".", run.table.name, class_name="name")
    return rx.el.li(Link.create(status(run.status), words, to=f"{routes.RUNS}/" + run.id.to(str), class_name="demo-run"), key=run.id)
