"""The list of pipelines."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.dialog import dialog
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.field import select_field, text_field
from rat_app.components.run_table import pipeline_table
from rat_app.components.search import search_field
from rat_app.components.table import pager
from rat_app.pages.frame import page
from rat_app.state.pipelines import NewPipelineState, PipelinesState

LAYERS = (("bronze", "bronze: as it came"), ("silver", "silver: cleaned and joined"), ("gold", "gold: what people look at"))
CHECK_DELAY = 150  # milliseconds after the last key


@page(routes.PIPELINES, "Pipelines", on_load=[PipelinesState.load, PipelinesState.follow, NewPipelineState.show_if_asked])
def pipelines() -> rx.Component:
    """Search and filters, the pipelines, the pager, and the dialog that creates one."""
    table = rx.el.div(pipeline_table(PipelinesState.pipelines, "Pipelines", sorts=PipelinesState.sorts), _pager(), class_name="section")
    return rx.el.div(
        rx.el.div(
            search_field("Search pipelines", text=PipelinesState.search, on_search=PipelinesState.find),
            _namespaces(),
            _layers(),
            rx.el.div(class_name="grow"),
            link_button("Deleted", to=routes.DELETED, icon_name="trash-2"),
            _new(),
            class_name="row",
        ),
        failure_panel(PipelinesState.failure, PipelinesState.load),
        rx.cond(
            PipelinesState.failure.title,
            rx.fragment(),
            loaded(PipelinesState.loaded, rx.cond(PipelinesState.pipelines, table, _nothing()), lines=8),
        ),
        _dialog(),
        class_name="stack",
    )


def _namespaces() -> rx.Component:
    return rx.el.select(
        rx.el.option("All namespaces", value=""),
        rx.foreach(PipelinesState.namespaces, lambda name: rx.el.option(name, value=name)),
        value=PipelinesState.namespace,
        on_change=PipelinesState.choose_namespace,
        aria_label="Namespace",
        class_name="input input-fit",
    )


def _layers() -> rx.Component:
    return rx.el.select(
        rx.el.option("All layers", value=""),
        *(rx.el.option(name, value=name) for name, _ in LAYERS),
        value=PipelinesState.layer,
        on_change=PipelinesState.choose_layer,
        aria_label="Layer",
        class_name="input input-fit",
    )


def _new() -> rx.Component:
    return button("New pipeline", icon_name="plus", kind="primary", on_click=NewPipelineState.show)


def _pager() -> rx.Component:
    return pager(PipelinesState.pager.words, previous=PipelinesState.pager.previous, following=PipelinesState.pager.following)


def _nothing() -> rx.Component:
    filtered = PipelinesState.search.to(str) + PipelinesState.namespace.to(str) + PipelinesState.layer.to(str)
    return rx.cond(
        filtered,
        empty("No pipeline matches this search.", link_button("Show all pipelines", to=routes.PIPELINES), icon_name="search-x"),
        empty(
            "A pipeline is a SELECT that fills one table. Create the first one, or look at the demo's.",
            button("New pipeline", icon_name="plus", kind="primary", on_click=NewPipelineState.show),
            link_button("Load the demo", to=routes.HOME),
            icon_name="workflow",
        ),
    )


def _dialog() -> rx.Component:
    state = NewPipelineState
    suggestions = rx.el.datalist(rx.foreach(PipelinesState.namespaces, lambda name: rx.el.option(value=name)), id="namespaces")
    form = rx.el.form(
        text_field(
            "Namespace",
            "namespace",
            hint="Choose one, or type a new name: a new namespace is created with the pipeline.",
            problem=state.problems.namespace,
            list="namespaces",
            required=True,
            max_length=63,
            default_value=PipelinesState.namespace,
            on_change=state.check_namespace.debounce(CHECK_DELAY),
        ),
        suggestions,
        select_field("Layer", "layer", LAYERS),
        text_field(
            "Name",
            "name",
            hint="The table it fills: lower-case letters, digits and underscores.",
            problem=state.problems.name,
            required=True,
            max_length=80,
            on_change=state.check_name.debounce(CHECK_DELAY),
        ),
        text_field("Description", "description", hint="What the table is for. You can write it later.", max_length=500),
        failure_panel(state.failure),
        rx.el.div(button("Cancel", on_click=state.hide), button("Create pipeline", kind="primary", type="submit"), class_name="dialog-foot"),
        on_submit=state.create,
        class_name="stack",
    )
    return dialog("New pipeline", form, is_open=state.is_open, on_close=state.hide)
