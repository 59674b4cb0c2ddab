"""The pipelines that were deleted and can still be had back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button, link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import time_ago
from rat_app.components.table import Column, data_table
from rat_app.pages.frame import page
from rat_app.state.deleted import DeletedState
from rat_app.state.pipeline.settings import LifecycleState


@page(routes.DELETED, "Deleted pipelines", heading="Deleted", on_load=[DeletedState.follow], above=[("Pipelines", routes.PIPELINES)])
def deleted() -> rx.Component:
    """Who deleted what and when, until when it can be had back, and the button for that."""
    columns = (
        Column("Pipeline", _named, grows=True),
        Column("Deleted", lambda item: time_ago(item.deleted), optional=True),
        Column("By", lambda item: rx.cond(item.by, item.by, rx.el.span("–", class_name="muted")), optional=True),
        Column("Gone for good", lambda item: time_ago(item.until)),
        Column("Restore", _restore),
    )
    note = "A deleted pipeline keeps its draft and its versions for 24 hours. Its table and the history of its runs stay in any case."
    table = data_table("Deleted pipelines, the last one first", columns, DeletedState.pipelines, key=lambda item: item.id)
    nothing = empty("No pipeline was deleted within the last 24 hours.", link_button("All pipelines", to=routes.PIPELINES), icon_name="trash-2")
    some = rx.el.div(rx.el.p(note, class_name="muted panel-note"), table, class_name="section")
    shown = rx.cond(DeletedState.failure.title, rx.fragment(), loaded(DeletedState.loaded, rx.cond(DeletedState.pipelines, some, nothing), lines=4))
    return rx.el.div(failure_panel(DeletedState.failure, DeletedState.follow), shown, class_name="stack")


def _named(item: Any) -> rx.Component:
    about = rx.el.span(item.description, class_name="muted explorer-about")
    return rx.el.div(rx.el.span(item.name, class_name="name wraps"), about, class_name="explorer-cell")


def _restore(item: Any) -> rx.Component:
    later = rx.el.span("The later one first", class_name="muted wraps")
    act = button("Restore", icon_name="rotate-ccw", on_click=LifecycleState.restore(item.name), aria_label="Restore " + item.name.to(str))
    return rx.cond(item.latest, act, later)
