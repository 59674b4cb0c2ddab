"""What every tab of a pipeline's page but Code has in common: name, layer, where the draft stands, Run, and the strip of tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.dialog import dialog
from rat_app.components.empty import loaded, staying
from rat_app.components.error import failure_panel
from rat_app.components.field import text_field
from rat_app.components.pipeline_tabs import pipeline_tabs
from rat_app.components.status import draft_badge, layer_badge
from rat_app.pages.frame import page
from rat_app.state.pipeline.head import HeadState

PIPELINE: Any = HeadState.pipeline


def pipeline_page(route: str, tab: str, *, on_load: Sequence[Any] = (), typed_in: bool = False) -> Callable[[Callable[[], rx.Component]], Callable[[], Any]]:
    """Declare the page of a pipeline's ``tab`` (its words, as in the strip): the content below the common head, once the pipeline is read.

    A tab that is ``typed_in`` stays where it is while a server that restarted reads anew: whoever types goes on typing.
    """

    def declare(content: Callable[[], rx.Component]) -> Callable[[], Any]:
        def whole() -> rx.Component:
            whole_tab = (staying if typed_in else loaded)(HeadState.loaded, rx.el.div(head(), content(), class_name="stack"), lines=10)
            shown = rx.cond(HeadState.failure.title, rx.fragment(), whole_tab)
            return rx.el.div(failure_panel(HeadState.failure, HeadState.follow), shown, run_dialog(), class_name="full stack")

        whole.__name__, whole.__module__ = content.__name__, content.__module__
        title = rx.cond(HeadState.name, HeadState.name.to(str) + f" {tab.lower()}", f"Pipeline {tab.lower()}")
        heading = rx.cond(HeadState.name, HeadState.name, "Pipeline")
        page(route, title, heading=heading, on_load=[HeadState.follow, *on_load], above=[("Pipelines", routes.PIPELINES)])(whole)
        return content

    return declare


def head() -> rx.Component:
    """Where the pipeline stands on the left, Run on the right, the tabs below."""
    standing = rx.el.div(
        layer_badge(PIPELINE.table.layer),
        draft_badge(PIPELINE.version, PIPELINE.draft_changed),
        rx.el.span(PIPELINE.description, class_name="muted work-description", title=PIPELINE.description),
        class_name="row",
    )
    name = PIPELINE.table
    address = f"{routes.EXPLORER}/" + name.namespace.to(str) + "/" + name.layer.to(str) + "/" + name.name.to(str)
    table = rx.cond(PIPELINE.row_count.is_none(), rx.fragment(), link_button("Table", to=address, icon_name="table-2"))
    run = button("Run", icon_name="play", kind="primary", on_click=HeadState.run)
    actions = rx.el.div(table, run, class_name="row work-actions")
    return rx.el.div(rx.el.div(standing, actions, class_name="work-head"), pipeline_tabs(), class_name="section")


def run_dialog() -> rx.Component:
    """The draft is not what is released: ask which of the two to run."""
    said = rx.cond(
        PIPELINE.version,
        rx.fragment("The draft is not version ", PIPELINE.version, ", the one that runs use."),
        "This pipeline has never been released, so there is no version to run yet.",
    )
    hint = "Optional. Shown in the history of versions."
    released = button(rx.fragment("Run v", PIPELINE.version, " as it is"), on_click=HeadState.run_released)
    return dialog(
        "Run the pipeline",
        rx.el.p(said),
        rx.el.p("Releasing makes the draft the current version. Running the draft works on a branch of its own and never publishes.", class_name="muted"),
        text_field("What changed", "run-message", hint=hint, max_length=1000, default_value="", on_change=HeadState.type_message),
        rx.el.div(
            button("Run the draft", on_click=HeadState.run_draft),
            rx.cond(PIPELINE.version, released),
            button("Release and run", icon_name="play", kind="primary", on_click=HeadState.release_and_run),
            class_name="dialog-foot",
        ),
        is_open=HeadState.asking,
        on_close=HeadState.close,
    )
