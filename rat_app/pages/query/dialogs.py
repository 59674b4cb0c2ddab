"""The dialogs of the Query page: save under a name, turn into a pipeline."""

from __future__ import annotations

import reflex as rx

from rat_app.components.button import button
from rat_app.components.dialog import dialog
from rat_app.components.error import failure_panel
from rat_app.components.field import select_field, text_field
from rat_app.state.query.console import QueryState
from rat_app.state.query.keeping import SaveState, TurnState

LAYERS = (("bronze", "bronze: as it came"), ("silver", "silver: cleaned and joined"), ("gold", "gold: what people look at"))
CHECK_DELAY = 150  # milliseconds after the last key


def save_dialog() -> rx.Component:
    """Name and description of the query to save."""
    form = rx.el.form(
        text_field(
            "Name",
            "saved-name",
            hint="The query is listed under this name for everyone.",
            required=True,
            max_length=100,
            default_value=SaveState.name,
            auto_focus=True,
        ),
        text_field("Description", "saved-description", hint="What it is for. Optional.", max_length=500),
        failure_panel(SaveState.failure),
        rx.el.div(button("Cancel", on_click=SaveState.hide), button("Save query", kind="primary", type="submit"), class_name="dialog-foot"),
        on_submit=SaveState.create,
        class_name="stack",
    )
    return dialog("Save query", form, is_open=SaveState.is_open, on_close=SaveState.hide)


def turn_dialog() -> rx.Component:
    """Where the pipeline is to be, and what for."""
    state = TurnState
    form = rx.el.form(
        rx.el.p("The draft selects what the statement does. Published tables in it become ref(), so that runs and lineage know them.", class_name="muted"),
        text_field(
            "Namespace",
            "turn-namespace",
            hint="Choose one, or type a new name: a new namespace is created with the pipeline.",
            problem=state.namespace_problem,
            list="turn-namespaces",
            required=True,
            max_length=63,
            default_value=state.namespace,
            on_change=state.check_namespace.debounce(CHECK_DELAY),
        ),
        rx.el.datalist(rx.foreach(QueryState.namespaces, lambda name: rx.el.option(value=name)), id="turn-namespaces"),
        select_field("Layer", "turn-layer", LAYERS, default_value="gold"),
        text_field(
            "Name",
            "turn-name",
            hint="The table it fills: lower-case letters, digits and underscores.",
            problem=state.name_problem,
            required=True,
            max_length=80,
            key=state.filled,
            default_value=state.name,
            on_change=state.check_name.debounce(CHECK_DELAY),
        ),
        rx.cond(state.offer, rx.el.div(button("Use " + state.offer, on_click=state.take_offer), class_name="row")),
        text_field("Description", "turn-description", hint="What the table is for. You can write it later.", max_length=500),
        failure_panel(state.failure),
        rx.el.div(button("Cancel", on_click=state.hide), button("Create pipeline", kind="primary", type="submit"), class_name="dialog-foot"),
        on_submit=state.create,
        class_name="stack",
    )
    return dialog("Turn into pipeline", form, is_open=state.is_open, on_close=state.hide)
