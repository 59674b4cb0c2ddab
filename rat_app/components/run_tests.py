"""The quality tests of a run: what each checks, what it found, a sample of the bad rows, and what to do."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.format import count, duration
from rat_app.components.status import status


def run_tests(tests: Any) -> rx.Component:
    """``tests`` (a Var of a run's results) as cards; those that found something are open."""
    return rx.el.section(
        rx.el.div(rx.el.h2("Tests"), rx.el.span("run on the branch, before anything is published", class_name="muted"), class_name="section-head"),
        rx.el.ul(rx.foreach(tests, _test), class_name="tests"),
        aria_label="Tests",
        class_name="section",
    )


def _test(test: Any) -> rx.Component:
    found = rx.cond(test.violations > 0, rx.fragment(count(test.violations), rx.cond(test.violations == 1, " bad row", " bad rows")))
    blocking = rx.cond(test.severity == "error", "blocks the publish", "only warns")
    head = rx.el.summary(
        status(test.status),
        rx.el.span(test.name, class_name="name"),
        rx.el.span(test.description, class_name="muted test-description"),
        rx.el.span(found, class_name="test-found"),
        rx.el.span(blocking, class_name="tag"),
        rx.el.span(duration(test.milliseconds), class_name="muted"),
    )
    body = rx.el.div(
        rx.cond(test.message & (test.status == "error"), rx.el.p(test.message, class_name="prewrap")),
        rx.cond(test.remediation & (test.status != "pass"), rx.el.p(rx.el.strong("What to do: "), test.remediation)),
        rx.cond(test.rows.length() > 0, _sample(test)),
        rx.el.pre(test.sql, class_name="source", tab_index=0, role="group", aria_label="SQL of the test " + test.name.to(str)),
        class_name="section",
    )
    return rx.el.li(rx.el.details(head, body, open=test.status != "pass", class_name="test"), key=test.name)


def _sample(test: Any) -> rx.Component:
    caption = "Bad rows found by " + test.name.to(str)
    head = rx.el.tr(rx.foreach(test.columns, lambda name: rx.el.th(name, scope="col")))

    def row(cells: Any) -> rx.Component:
        return rx.el.tr(rx.foreach(cells, _cell))

    table = rx.el.table(rx.el.caption(caption, class_name="unseen"), rx.el.thead(head), rx.el.tbody(rx.foreach(test.rows, row)), class_name="table mono")
    return rx.el.div(table, class_name="table-scroll", tab_index=0, role="region", aria_label=caption)


def _cell(value: Any) -> rx.Component:
    text = rx.cond(value == "", rx.el.span("''", class_name="null"), value)
    return rx.el.td(rx.cond(value == None, rx.el.span("null", class_name="null"), text))  # noqa: E711 - a Var compares with ==, not with is
