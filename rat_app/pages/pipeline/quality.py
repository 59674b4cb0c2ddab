"""The Quality page: each test with its history, run on the published table whenever somebody wants to know."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import count, time_ago
from rat_app.components.grid.query_result import outcome
from rat_app.components.link import link
from rat_app.components.status import status
from rat_app.pages.pipeline.head import pipeline_page
from rat_app.state.pipeline.quality import QualityState

BUSY: Any = QualityState.busy
CODE: Any = QualityState.router.url.path.replace("/quality", "/code")


@pipeline_page(routes.PIPELINE_QUALITY, "Quality", on_load=[QualityState.follow])
def quality() -> rx.Component:
    """All tests as cards."""
    head = rx.el.div(
        rx.el.p("A test is a query that returns bad rows. It runs on what a run wrote, before anything is published.", class_name="muted grow"),
        link_button("Add or edit", to=CODE, icon_name="pencil"),
        button("Run all now", icon_name="play", disabled=BUSY.length() > 0, on_click=QualityState.run([])),
        class_name="row quality-head",
    )
    cards = rx.el.ul(rx.foreach(QualityState.tests, _test), class_name="tests")
    none_yet = empty(
        "A quality test is a query that returns bad rows: with severity error it keeps a run from being published. This pipeline has none.",
        link_button("Add one in the code", to=CODE, kind="primary"),
        icon_name="shield-check",
    )
    return rx.el.div(
        failure_panel(QualityState.failure, QualityState.follow),
        failure_panel(QualityState.refusal),
        loaded(QualityState.loaded, rx.cond(QualityState.tests, rx.el.div(head, cards, class_name="stack"), none_yet), lines=6),
        class_name="stack",
    )


def _test(test: Any) -> rx.Component:
    name = test.name.to(str)
    now = QualityState.now[name]
    known = QualityState.now.contains(name)
    blocking = rx.cond(test.severity == "error", "blocks the publish", "only warns")
    line = rx.el.div(
        rx.cond(test.status, status(test.status), rx.el.span("not run yet", class_name="muted")),
        rx.el.h2(test.name, class_name="name quality-name"),
        rx.el.span(blocking, class_name="tag"),
        rx.el.span(test.description, class_name="muted test-description"),
        _history(test),
        button("Run now", icon_name="play", aria_label="Run " + name + " now", disabled=BUSY.length() > 0, on_click=QualityState.run([name])),
        class_name="row quality-line",
    )
    last = rx.cond(
        test.run_id,
        rx.el.p(
            "Last run ",
            time_ago(test.at),
            ": ",
            _bad_rows(test.violations),
            " ",
            link("See the run", to=f"{routes.RUNS}/" + test.run_id.to(str)),
            class_name="muted",
        ),
    )
    body = rx.el.div(
        last,
        rx.cond(known, _now(now, name)),
        rx.cond(test.problem, rx.el.p(test.problem, class_name="prewrap status-failed")),
        rx.cond(test.remediation, rx.el.p(rx.el.strong("What to do: "), test.remediation)),
        _sql(test, name),
        class_name="section",
    )
    return rx.el.li(line, body, class_name="quality-test", key=test.name)


def _bad_rows(number: Any) -> rx.Component:
    return rx.cond(number == 0, rx.el.span("no bad rows"), rx.el.span(count(number), rx.cond(number == 1, " bad row", " bad rows")))


def _history(test: Any) -> rx.Component:
    def bar(each: Any) -> rx.Component:
        return rx.el.span(class_name="quality-bar quality-bar-" + each.status.to(str), style={"height": each.height.to(str) + "px"}, title=each.words)

    return rx.cond(
        test.history.length() > 0,
        rx.el.span(rx.foreach(test.history, bar), role="img", aria_label=test.told, title=test.told, class_name="quality-history"),
    )


def _now(now: Any, name: Any) -> rx.Component:
    found = rx.cond(now.truncated, rx.fragment("more than ", count(now.rows), " bad rows"), _bad_rows(now.rows))
    said = rx.cond(now.status == "success", found, rx.fragment("could not be carried out"))
    badge = rx.cond(now.status == "success", rx.cond(now.rows == 0, status("pass"), status("fail")), status("error"))
    shown = QualityState.shown == name
    toggle = button(
        rx.cond(shown, "Hide", rx.cond(now.status == "success", "Show the bad rows", "Show why")),
        aria_expanded=rx.cond(shown, "true", "false"),
        aria_label=rx.cond(shown, "Hide what ", "Show what ") + name + " found",
        on_click=QualityState.show(name),
    )
    something = (now.rows > 0) | (now.status != "success")
    grid = outcome(now, label="Bad rows of " + name, nothing=rx.fragment(), on_problem=QualityState.cannot_read)
    return rx.el.div(
        rx.el.div(badge, rx.el.span("In the published table now: ", said), rx.cond(something, toggle), class_name="row", role="status"),
        rx.cond(shown & something, grid),
        class_name="section",
    )


def _sql(test: Any, name: Any) -> rx.Component:
    text = rx.el.pre(test.sql, class_name="source", tab_index=0, role="group", aria_label="SQL of " + name)
    return rx.cond(test.sql, rx.el.details(rx.el.summary("Compiled SQL"), text))
