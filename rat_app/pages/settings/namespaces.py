"""The namespaces: list, create, describe, delete."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.dialog import dialog
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.field import text_field
from rat_app.components.format import count, time_ago
from rat_app.components.link import link
from rat_app.components.table import Column, data_table, pager
from rat_app.state.settings.namespaces import NamespaceFormState, NamespacesState

CHECK_DELAY = 150  # milliseconds after the last key
PIPELINES_OF = f"{routes.PIPELINES}?namespace="


def namespaces() -> rx.Component:
    """The list, what blocks a deletion, and the form."""
    state = NamespacesState
    new = button("New namespace", icon_name="plus", kind="primary", on_click=NamespaceFormState.show)
    table = rx.el.div(_table(), pager(state.pager.words, previous=state.pager.previous, following=state.pager.following), class_name="section")
    nothing = empty("A namespace keeps pipelines and tables that belong together apart from others. There is none yet.", icon_name="folder")
    return rx.el.section(
        rx.el.div(rx.el.h2("Namespaces"), rx.el.div(class_name="grow"), new, class_name="row"),
        _blocked(),
        failure_panel(state.failure, state.load),
        rx.cond(state.failure.title, rx.fragment(), loaded(state.loaded, rx.cond(state.namespaces, table, nothing))),
        _create(),
        _describe(),
        class_name="section",
    )


def _table() -> rx.Component:
    columns = (
        Column("Name", lambda item: link(item.name, to=PIPELINES_OF + item.name.to(str), class_name="link name")),
        Column("Description", lambda item: rx.cond(item.description, item.description, rx.el.span("none", class_name="muted")), grows=True),
        Column("Pipelines", lambda item: count(item.pipeline_count), number=True, optional=True),
        Column("Created", lambda item: time_ago(item.created_at), optional=True),
        Column("Actions", _actions),
    )
    return data_table("Namespaces by name", columns, NamespacesState.namespaces, key=lambda item: item.name)


def _actions(item: Any) -> rx.Component:
    describe = button("Describe", on_click=NamespaceFormState.describe(item.name), aria_label="Describe " + item.name.to(str))
    delete = button("Delete", kind="danger", on_click=NamespacesState.delete(item.name), aria_label="Delete " + item.name.to(str))
    return rx.el.div(describe, delete, class_name="row-actions")


def _blocked() -> rx.Component:
    ways = rx.el.div(
        link_button("See its pipelines", to=PIPELINES_OF + NamespacesState.blocked.to(str)),
        button("Dismiss", on_click=NamespacesState.dismiss),
        class_name="row",
    )
    return rx.cond(NamespacesState.blocked, rx.el.div(failure_panel(NamespacesState.refusal), ways, class_name="section"))


def _create() -> rx.Component:
    state = NamespaceFormState
    name = text_field(
        "Name",
        "space-name",
        hint="Lower-case letters, digits and underscores. It cannot be changed later.",
        problem=state.problem,
        required=True,
        max_length=63,
        on_change=state.check.debounce(CHECK_DELAY),
    )
    form = rx.el.form(name, *_rest("Create namespace"), on_submit=state.create, class_name="stack")
    return dialog("New namespace", form, is_open=state.is_open & (state.named == ""), on_close=state.hide)


def _describe() -> rx.Component:
    state = NamespaceFormState
    form = rx.el.form(*_rest("Save the description"), on_submit=state.update, class_name="stack")
    return dialog("Describe " + state.named.to(str), form, is_open=state.is_open & (state.named != ""), on_close=state.hide)


def _rest(verb: str) -> tuple[rx.Component, ...]:
    state = NamespaceFormState
    return (
        text_field("Description", "space-description", hint="What belongs into it.", max_length=500, default_value=state.description),
        failure_panel(state.failure),
        rx.el.div(button("Cancel", on_click=state.hide), button(verb, kind="primary", type="submit"), class_name="dialog-foot"),
    )
