"""The style page: every component in every state, for whoever changes one."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, icon_button, link_button
from rat_app.components.compare import compare_table
from rat_app.components.empty import empty, skeleton
from rat_app.components.error import copy_button, failure_panel
from rat_app.components.facets import facet
from rat_app.components.field import area_field, select_field, text_field
from rat_app.components.format import count, duration, size, time_ago
from rat_app.components.link import link
from rat_app.components.status import STATUSES, draft_badge, layer_badge, status
from rat_app.components.table import Column, data_table, pager, row_link
from rat_app.components.trend import trend
from rat_app.pages.frame import page
from rat_app.state.settings.style import StyleState

ROWS = (
    Column("Layer", lambda row: layer_badge(row["layer"])),
    Column("Name", lambda row: row_link(row["name"], to=routes.STYLE), grows=True, sort_to=routes.STYLE, direction="ascending"),
    Column("Rows", lambda row: count(row["rows"].to(int)), number=True, sort_to=routes.STYLE, direction="none"),
    Column("Status", lambda row: status(row["status"])),
)


@page(routes.STYLE, "Style", above=[("Settings", routes.SETTINGS)])
def style() -> rx.Component:
    """Its sections."""
    return rx.el.div(
        rx.el.p("Every component in every state. The switch of themes is above.", class_name="muted"),
        _section("Words", *_words()),
        _section("Buttons", _row(*_buttons()), _row(*_buttons(disabled=True))),
        _section("Status", _row(*(status(key) for key in STATUSES)), _row(*map(layer_badge, ("bronze", "silver", "gold"))), _row(*_drafts())),
        _section("Numbers", _row(count(1_234_567), size(1_288_490), duration(1_234), duration(184_000), time_ago("2026-01-01T12:00:00Z"), count(None))),
        _section("Fields", rx.el.div(*_fields(), class_name="stack narrow")),
        _section("Facets", facet("Status", StyleState.chips)),
        _section("Table", *_table()),
        _section("Trend", rx.el.div(trend("Rows of the table", StyleState.trend, count), class_name="trends")),
        _section("Comparison", compare_table(StyleState.compared, "Version 1 and the draft", "v1", "draft")),
        _section("Nothing there", empty("No pipeline yet.", link_button("See the pipelines", to=routes.PIPELINES))),
        _section("Loading", rx.el.div(skeleton(3), class_name="sample")),
        _section("Failed", failure_panel(StyleState.failure)),
        class_name="stack stack-wide",
    )


def _section(title: str, *children: Any) -> rx.Component:
    return rx.el.section(rx.el.h2(title), *children, class_name="stack")


def _row(*children: Any) -> rx.Component:
    return rx.el.div(*children, class_name="row")


def _table() -> tuple[rx.Component, ...]:
    return (
        data_table("Samples", ROWS, StyleState.rows, key=lambda row: row["name"]),
        pager("1–3 of 1,234", previous="", following=routes.STYLE),
    )


def _words() -> tuple[rx.Component, ...]:
    return (
        rx.el.p("Text, ", rx.el.span("muted text", class_name="muted"), ", ", rx.el.code("code"), ", ", link("a link", to=routes.STYLE), "."),
        rx.el.pre("select *\nfrom silver.orders", class_name="excerpt", tab_index=0, role="group", aria_label="A text with lines"),
    )


def _buttons(*, disabled: bool = False) -> tuple[rx.Component, ...]:
    return (
        button("Run", kind="primary", icon_name="play", disabled=disabled),
        button("Save", disabled=disabled),
        button("Delete", kind="danger", icon_name="trash-2", disabled=disabled),
        icon_button("refresh-cw", "Read the list again", disabled=disabled),
        copy_button("copied"),
    )


def _drafts() -> tuple[rx.Component, ...]:
    states = ((None, True), (3, True), (3, False))
    return tuple(draft_badge(rx.Var.create(version), rx.Var.create(changed)) for version, changed in states)


def _fields() -> tuple[rx.Component, ...]:
    return (
        text_field("Name", "style-name", hint="Lower case letters, digits and underscores.", default_value="orders"),
        text_field("Name", "style-wrong", problem="A name begins with a letter: 1orders does not.", default_value="1orders"),
        text_field("Name", "style-off", default_value="orders", disabled=True),
        select_field("Layer", "style-layer", (("bronze", "bronze"), ("silver", "silver"))),
        area_field("Description", "style-text", hint="Markdown.", rows=3),
    )
