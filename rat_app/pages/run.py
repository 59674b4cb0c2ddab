"""The Run page: status, steps, counts, the live log, tests, what was read, and why it failed."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.copy_as import copy_as
from rat_app.components.empty import skeleton
from rat_app.components.error import copy_button, failure_panel
from rat_app.components.format import count, duration, size
from rat_app.components.link import Link
from rat_app.components.log.log_view import log_view
from rat_app.components.run_parts import attempt_choice, plan_facts, plan_sql, run_attempts, run_inputs
from rat_app.components.run_table import full_name, started
from rat_app.components.run_tests import run_tests
from rat_app.components.status import icon, status
from rat_app.components.tabs import tabs
from rat_app.pages.frame import page
from rat_app.state.run.detail import RunState
from rat_app.state.run.log import RunLogState

RUN: Any = RunState.run
STEPS: Any = RunState.steps
TESTS: Any = RunState.tests
INPUTS: Any = RunState.inputs
ATTEMPTS: Any = RunState.attempts


@page(
    routes.RUN,
    rx.cond(RunState.run, "Run of " + RUN.table.layer.to(str) + "." + RUN.table.name.to(str), "Run"),
    on_load=[RunState.follow, RunLogState.follow],
    above=[("Runs", routes.RUNS)],
)
def run() -> rx.Component:
    """The whole page."""
    content = rx.el.div(
        _head(),
        _waiting(),
        _error(),
        _counts(),
        rx.el.div(_steps(), _parts(), class_name="run-middle"),
        class_name="stack",
    )
    return rx.el.div(
        failure_panel(RunState.failure, RunState.follow),
        rx.cond(RunState.loaded, content, rx.cond(RunState.failure.title, rx.fragment(), skeleton(12))),
        class_name="full stack",
    )


def _parts() -> rx.Component:
    no_tests = rx.el.p(rx.cond(RunState.final, "It has no tests, or did not come to them.", "Tests come after the write."), class_name="muted")
    return tabs(
        "Parts of the run",
        log=("Log", 0, _of_attempt("log", _log())),
        tests=("Tests", TESTS.length(), _of_attempt("tests", rx.cond(TESTS.length() > 0, run_tests(TESTS), no_tests))),
        plan=("Plan", 0, _of_attempt("plan", _plan())),
        attempts=("Attempts", ATTEMPTS.length(), run_attempts(ATTEMPTS, RUN.id)),
    )


def _of_attempt(tab: str, shown: rx.Component) -> rx.Component:
    return rx.el.div(attempt_choice(ATTEMPTS, tab), shown, class_name="stack")


def _plan() -> rx.Component:
    plan: Any = RunState.plan
    several = rx.cond(ATTEMPTS.length() > 1, rx.el.span("of the last attempt", class_name="muted"))
    reads = rx.cond(INPUTS.length() > 0, run_inputs(INPUTS), rx.el.p("It read no table and no landing file.", class_name="muted"))
    no_plan = rx.el.p(rx.cond(RunState.final, "It ended before its SQL was compiled.", "The SQL is compiled when a worker takes the run."), class_name="muted")
    return rx.el.section(
        rx.el.h2("Plan"),
        plan_facts(RUN, plan, parameters=RunState.parameters, versions=RunState.versions),
        rx.el.div(rx.el.h3("What it read"), several, class_name="section-head"),
        reads,
        rx.cond(plan, plan_sql(plan, "/api/v1/runs/" + RUN.id.to(str) + "?attempt=" + RunState.attempt.to(str)), no_plan),
        aria_label="Plan",
        class_name="section",
    )


def _head() -> rx.Component:
    table = RUN.table
    address = _pipeline_address()
    version = rx.cond(RUN.draft, "draft, never published", rx.cond(RUN.version, "version " + RUN.version.to(str), ""))
    stopping = RUN.cancel_requested & ~RunState.final
    lake = f"{routes.EXPLORER}/" + table.namespace.to(str) + "/" + table.layer.to(str) + "/" + table.name.to(str)
    actions = rx.el.div(
        rx.cond((RUN.status == "success") & ~RUN.draft, link_button("Table", to=lake, icon_name="table-2")),
        rx.cond(
            RunState.final,
            button("Run again", icon_name="rotate-cw", on_click=RunState.again),
            button(rx.cond(stopping, "Stopping …", "Cancel"), icon_name="square", kind="danger", disabled=stopping, on_click=RunState.cancel),
        ),
        copy_as(RunState.copies.what, RunState.copies),
        class_name="row work-actions",
    )
    facts = rx.el.dl(
        _fact("Pipeline", Link.create(full_name(table), to=address, class_name="link")),
        _fact("Code", version),
        _fact("Why", _why()),
        _fact("Started", started(RUN)),
        _fact("Duration", duration(RUN.duration_ms, rx.cond(RUN.status == "running", RUN.started_at, None))),
        _fact("Run", rx.el.span(rx.el.code(RUN.id), class_name="muted")),
        class_name="facts",
    )
    return rx.el.div(
        rx.el.div(rx.el.div(status(RUN.status), class_name="run-status", role="status"), actions, class_name="work-head"), facts, class_name="section card"
    )


def _pipeline_address() -> Any:
    table = RUN.table
    return f"{routes.PIPELINES}/" + table.namespace.to(str) + "/" + table.layer.to(str) + "/" + table.name.to(str)


def _fact(words: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(words), rx.el.dd(value))


def _why() -> rx.Component:
    group = rx.cond(RunState.group.words, rx.fragment(", ", Link.create(RunState.group.words, to=RunState.group.address, class_name="link")))
    repeats = rx.cond(RunState.repeats, rx.fragment(", after ", Link.create("this run", to=f"{routes.RUNS}/" + RunState.repeats, class_name="link")))
    return rx.el.span(RunState.why, group, repeats)


def _waiting() -> rx.Component:
    others = rx.foreach(
        RUN.waiting_on.to(list[str]), lambda other: Link.create("Open ", rx.el.code(other), to=f"{routes.RUNS}/" + other.to(str), class_name="link", key=other)
    )
    return rx.cond(
        (RUN.status == "pending") & (RUN.waiting_for != ""),
        rx.el.p(icon("clock", 14), rx.el.span(RUN.waiting_for), others, class_name="work-strip work-strip-warn"),
    )


def _error() -> rx.Component:
    titles = {
        "audit_failed": "A quality test failed, so nothing was published",
        "cancelled": "The run was cancelled",
        "child_died": "The process that carried out the run ended without an answer",
        "missing_input": "Something that the pipeline reads does not exist",
    }
    title = rx.match(RUN.error_code, *titles.items(), "The run failed")
    branch = rx.el.p("What it wrote is on branch ", rx.el.code(RUN.branch), " of the table, where it can be looked at.")
    return rx.cond(
        RUN.error_code,
        rx.el.section(
            rx.el.strong(rx.cond(RUN.error_code == "cancelled", icon("ban", 14), icon("x", 14)), title, class_name="row-tight"),
            rx.el.p(RUN.error_message, class_name="prewrap"),
            rx.cond((RUN.error_code == "audit_failed") & (RUN.branch != "") & ~RUN.error_message.contains(RUN.branch), branch),
            rx.cond(RunState.advice, rx.el.p(RunState.advice, class_name="muted")),
            rx.el.div(
                rx.cond(
                    RUN.error_code == "audit_failed",
                    link_button("See the tests", to=f"{routes.RUNS}/" + RUN.id + "?tab=tests", icon_name="list-checks"),
                ),
                rx.cond(RUN.error_code != "cancelled", link_button("Open the code", to=_pipeline_address() + "/code", icon_name="code")),
                copy_button(RUN.error_message + " [" + RUN.error_code + ", run " + RUN.id + "]", "Copy details"),
                class_name="row",
            ),
            aria_label="Why the run failed",
            class_name=rx.cond(RUN.error_code == "cancelled", "failure failure-quiet", "failure"),
        ),
    )


def _counts() -> rx.Component:
    counts = RUN.counts
    tiles = (
        ("Rows from the query", count(counts.rows_in)),
        ("Rows written", count(counts.rows_out)),
        ("Rows in the table", rx.cond(RUN.status == "success", count(counts.rows_total), rx.el.span("–", class_name="muted"))),
        ("Written", size(counts.bytes_written)),
        ("Files", count(counts.files_written)),
    )
    strip = [rx.el.div(rx.el.dt(words), rx.el.dd(value), class_name="count") for words, value in tiles]
    return rx.cond(STEPS.length() > 0, rx.el.dl(*strip, class_name="counts"))


def _steps() -> rx.Component:
    none_yet = rx.el.p(rx.cond(RunState.final, "It ended before its first step.", "The first step begins when a worker takes the run."), class_name="muted")
    return rx.el.section(
        rx.el.h2("Steps"),
        rx.cond(STEPS.length() > 0, rx.el.ol(rx.foreach(STEPS, _step), class_name="steps"), none_yet),
        aria_label="Steps",
        class_name="section run-steps",
    )


def _step(step: Any) -> rx.Component:
    place = {"left": step.left.to(str) + "%", "width": step.width.to(str) + "%"}
    bar = rx.el.span(rx.el.span(class_name="step-bar", style=place), class_name="step-track", aria_hidden="true")
    took = duration(step.milliseconds, rx.cond(step.status == "running", step.started_at, None))
    return rx.el.li(
        rx.el.span(rx.el.span(step.name, class_name="step-name"), took, class_name="step-line"),
        bar,
        status(step.status),
        key=step.name,
        class_name="step step-" + step.status.to(str),
    )


def _log() -> rx.Component:
    waiting = rx.el.p(rx.cond(RunLogState.ended, "This run wrote no log.", "The log begins when a worker takes the run."), class_name="muted")
    view = rx.el.div(
        log_view(key=RunLogState.url, url=RunLogState.url, chunk=RunLogState.piece, begin=RUN.started_at, on_gap=RunLogState.fill), class_name="run-log-box"
    )
    said = rx.cond(RunLogState.ended, "complete", rx.cond(RunLogState.begun, "live", ""))
    return rx.el.section(
        rx.el.div(rx.el.h2("Log"), rx.el.span(said, class_name="tag"), class_name="section-head"),
        failure_panel(RunLogState.failure, RunLogState.follow),
        rx.cond(RunLogState.begun, view, waiting),
        aria_label="Log",
        class_name="section run-log",
    )
