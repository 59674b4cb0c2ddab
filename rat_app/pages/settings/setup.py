"""The engine's checks and settings, the REST API, and what this program is."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button
from rat_app.components.empty import loaded
from rat_app.components.error import copy_button, failure_panel
from rat_app.components.format import size, time_ago
from rat_app.components.link import link
from rat_app.components.status import status
from rat_app.components.table import Column, data_table
from rat_app.state.settings.setup import SetupState
from rat_app.state.settings.workers import WorkersState
from rat_app.theme import TAGLINE, WORDMARK

API: Any = SetupState.api
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"


def setup() -> rx.Component:
    """Whether everything is in order, and every setting with its variable."""
    again = button(rx.cond(SetupState.checking, "Checking …", "Check again"), icon_name="rotate-cw", on_click=SetupState.check, disabled=SetupState.checking)
    checks = rx.el.ul(rx.foreach(SetupState.checks, _check), class_name="checks")
    return rx.el.div(
        rx.el.section(
            rx.el.div(rx.el.h2("Checks"), rx.el.div(class_name="grow"), again, class_name="row"),
            failure_panel(SetupState.check_failure),
            loaded(SetupState.checks, checks),
            class_name="section",
        ),
        _workers(),
        rx.el.section(
            rx.el.h2("Limits and places"),
            rx.el.p("Read from the environment when ", WORDMARK, " starts. To change one, set its variable and start anew.", class_name="muted"),
            failure_panel(SetupState.failure, SetupState.load),
            loaded(SetupState.settings, _settings("Settings", SetupState.settings), lines=8),
            class_name="section",
        ),
        class_name="stack stack-wide",
    )


def _workers() -> rx.Component:
    lanes = rx.foreach(
        WorkersState.lanes,
        lambda lane: rx.el.li(rx.el.strong(lane.lane), rx.el.span(lane.busy, " of at most ", lane.most, " busy", class_name="muted"), key=lane.lane),
    )
    columns = (
        Column("Lane", lambda item: item.lane),
        Column("Process", lambda item: item.pid, number=True, optional=True),
        Column("State", lambda item: rx.cond(item.state == "busy", status("running"), rx.el.span(item.state, class_name="muted"))),
        Column("Works on", _work, grows=True),
        Column("Since", lambda item: time_ago(item.since), optional=True),
        Column("Memory", lambda item: size(item.memory), number=True),
    )
    none = rx.el.p("No engine runs: nothing carries out runs and queries. ", rx.el.code("rat up"), " starts it.")
    table = data_table("Workers", columns, WorkersState.workers, key=lambda item: item.pid)
    shown = rx.fragment(rx.el.ul(lanes, class_name="row lane-facts", aria_label="Lanes"), table)
    return rx.el.section(
        rx.el.h2("Workers"),
        rx.el.p("The engine's child processes. Each lane has its own: long runs never make a person wait for a query.", class_name="muted"),
        failure_panel(WorkersState.failure, WorkersState.follow),
        loaded(WorkersState.loaded, rx.cond(WorkersState.lanes, shown, none), lines=3),
        class_name="section",
    )


def _work(item: Any) -> rx.Component:
    return rx.cond(item.address, link(item.work, to=item.address), rx.cond(item.work, rx.el.code(item.work), rx.el.span("nothing", class_name="muted")))


def _check(item: Any) -> rx.Component:
    return rx.el.li(status(item.status), rx.el.strong(item.name), rx.el.span(item.detail, class_name="check-detail"), key=item.name, class_name="check")


def _settings(caption: str, facts: Any) -> rx.Component:
    def named(item: Any) -> rx.Component:
        return rx.el.div(rx.el.code(item.variable), rx.el.p(item.description), class_name="setting")

    def value(item: Any) -> rx.Component:
        chosen = rx.cond(item.value != item.default, rx.el.span(" set", class_name="tag tag-changed"))
        return rx.el.span(rx.el.code(item.value), chosen, class_name="setting-value")

    columns = (
        Column("Setting", named, grows=True),
        Column("Value", value),
        Column("Default", lambda item: rx.el.code(item.default, class_name="setting-value muted"), optional=True),
    )
    return data_table(caption, columns, facts, key=lambda item: item.variable)


def api() -> rx.Component:
    """Where the REST API is, how it is asked, and how often."""
    examples = [
        _example("curl", "Copy curl", API.curl),
        _example("Command line", "Copy the command", API.cli),
        _example("Python", "Copy Python", API.python),
    ]
    return rx.el.div(
        rx.el.section(
            rx.el.h2("REST API"),
            rx.el.p("Whatever the portal does, a program can do as well."),
            rx.el.div(rx.el.code(API.address), copy_button(API.address, "Copy the address"), class_name="row"),
            rx.el.div(
                rx.el.a("Every route, described", href=routes.API_DOCS, class_name="button button-primary"),
                rx.el.a("OpenAPI description", href=routes.API_DESCRIPTION, class_name="button button-plain"),
                class_name="row",
            ),
            class_name="card section",
        ),
        rx.el.section(rx.el.h2("List the pipelines, for example"), *examples, class_name="card section"),
        rx.el.section(
            rx.el.h2("Requests a minute"),
            rx.el.p(
                "Each address has a budget for every class of request. The headers ",
                rx.el.code("RateLimit-*"),
                " of an answer say how much is left; a request beyond it is refused, and ",
                rx.el.code("Retry-After"),
                " says when to come again.",
                class_name="muted",
            ),
            loaded(SetupState.rates, _settings("Requests a minute", SetupState.rates)),
            class_name="section",
        ),
        class_name="stack stack-wide",
    )


def _example(words: str, copies: str, text: Any) -> rx.Component:
    head = rx.el.div(rx.el.h3(words), rx.el.div(class_name="grow"), copy_button(text, copies), class_name="row")
    return rx.el.div(head, rx.el.pre(text), class_name="example")


def about() -> rx.Component:
    """Version, build, licence."""
    facts = (
        ("Version", rx.el.code(SetupState.version)),
        ("Build", rx.el.code(SetupState.build)),
        ("Licence", rx.el.a("Apache License 2.0", href=LICENCE, rel="noreferrer", class_name="link")),
    )
    return rx.el.section(
        rx.el.h2(WORDMARK),
        rx.el.p(TAGLINE, "."),
        rx.el.dl(*(part for words, value in facts for part in (rx.el.dt(words), rx.el.dd(value))), class_name="about"),
        rx.el.p("Builds with the same name are the same program; “source” runs from a checkout.", class_name="muted"),
        rx.el.p(link("The components of the portal", to=routes.STYLE), ", each in every state."),
        class_name="card section narrow",
    )
