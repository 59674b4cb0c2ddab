"""The Overview page: what the pipeline is for, how it stands, its neighbours, its last runs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, duration, size, time_ago
from rat_app.components.graph.mini import mini_graph
from rat_app.components.link import link
from rat_app.components.prose import prose
from rat_app.components.run_table import run_table
from rat_app.components.status import status
from rat_app.components.trend import trend
from rat_app.pages.pipeline.head import PIPELINE, pipeline_page
from rat_app.state.lineage.around import AroundState
from rat_app.state.pipeline.head import HeadState
from rat_app.state.pipeline.overview import OverviewState
from rat_app.state.pipeline.runs import PipelineRunsState

FACTS: Any = OverviewState.facts
HERE: Any = HeadState.router.url.path


@pipeline_page(routes.PIPELINE, "Overview", on_load=[OverviewState.follow, PipelineRunsState.follow, AroundState.follow])
def overview() -> rx.Component:
    """Facts, neighbours, then the runs beside what is written and tested."""
    beside = loaded(OverviewState.loaded, rx.el.div(_about(), _tests(), class_name="stack stack-wide"), lines=6)
    return rx.el.div(
        failure_panel(OverviewState.failure, OverviewState.follow),
        _facts(),
        _lineage(),
        rx.el.div(_runs(), beside, class_name="columns"),
        class_name="stack stack-wide",
    )


def _facts() -> rx.Component:
    last = rx.el.span(status(PIPELINE.last_run_status), time_ago(PIPELINE.last_run_at), class_name="row-tight")
    published = rx.cond(FACTS.published_at, link(time_ago(FACTS.published_at), to=f"{routes.RUNS}/" + FACTS.run.to(str)), _missing("never"))
    tags = rx.cond(
        OverviewState.tags, rx.el.ul(rx.foreach(OverviewState.tags, lambda tag: rx.el.li(tag, class_name="tag")), class_name="row-tight"), _missing("none")
    )
    facts = rx.el.dl(
        _fact("Published", published),
        _fact("Rows", count(PIPELINE.row_count)),
        _fact("Size", size(FACTS.size_bytes)),
        _fact("Last run", rx.cond(PIPELINE.last_run_status, last, _missing("never"))),
        _fact("Each run", OverviewState.strategy),
        _fact("Owner", rx.cond(PIPELINE.owner, PIPELINE.owner, _missing("nobody"))),
        _fact("Tags", tags),
        _fact("Changed", time_ago(PIPELINE.updated_at)),
        class_name="facts grow",
    )
    return rx.el.div(facts, rx.cond(FACTS.query, link_button("Query the table", to=FACTS.query, icon_name="terminal")), class_name="row overview-facts")


def _fact(words: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(words), rx.el.dd(value))


def _missing(words: str) -> rx.Component:
    return rx.el.span(words, class_name="muted")


def _lineage() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2("Lineage"), rx.cond(AroundState.around.href, link("With columns", to=AroundState.around.href)), class_name="section-head"),
        failure_panel(AroundState.failure, AroundState.follow),
        loaded(AroundState.loaded, mini_graph(AroundState.around), lines=3),
        class_name="section",
    )


def _runs() -> rx.Component:
    trends = rx.el.div(
        trend("Rows of the table", PipelineRunsState.rows, count), trend("Duration of a run", PipelineRunsState.durations, duration), class_name="trends"
    )
    never = empty("It has never run. Press Run: the rows are tested before anybody sees them.", icon_name="history")
    shown = rx.cond(
        PipelineRunsState.runs, rx.el.div(trends, run_table(PipelineRunsState.runs, "Latest runs", without=("Pipeline", "Rows")), class_name="section"), never
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Latest runs"), rx.cond(PipelineRunsState.total > 0, link("All ", PipelineRunsState.total, to=HERE + "/runs")), class_name="section-head"
        ),
        failure_panel(PipelineRunsState.failure, PipelineRunsState.follow),
        loaded(PipelineRunsState.loaded, shown, lines=4),
        class_name="section",
    )


def _about() -> rx.Component:
    none_yet = rx.el.p("Nobody has written what it is for. ", link("Write it", to=HERE + "/code"), " in table.yaml, in Markdown.", class_name="muted")
    return rx.el.section(rx.el.h2("About"), rx.cond(OverviewState.prose, prose(OverviewState.prose), none_yet), class_name="section")


def _tests() -> rx.Component:
    def test(each: Any) -> rx.Component:
        bad = rx.cond(each.violations > 0, rx.el.span(count(each.violations), rx.cond(each.violations == 1, " bad row", " bad rows"), class_name="muted"))
        return rx.el.li(status(each.status), rx.el.span(each.name, class_name="name"), bad, class_name="row-tight", key=each.name)

    none_yet = rx.el.p("No run has carried out a quality test yet.", class_name="muted")
    return rx.el.section(
        rx.el.div(rx.el.h2("Tests of the last run"), link("Quality", to=HERE + "/quality"), class_name="section-head"),
        rx.cond(OverviewState.tests, rx.el.ul(rx.foreach(OverviewState.tests, test), class_name="plain-list"), none_yet),
        class_name="section",
    )
