"""Lineage: which tables and columns feed which."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.empty import loaded
from rat_app.components.error import failure_panel
from rat_app.components.graph.mini import mini_graph
from rat_app.pages.frame import page
from rat_app.state.lineage.page import LineageState


@page(routes.LINEAGE, "Lineage", on_load=[LineageState.load, LineageState.follow])
def lineage() -> rx.Component:
    """The table in the middle among its neighbours."""
    around = rx.cond(LineageState.focus, mini_graph(LineageState.around))
    return rx.el.div(
        failure_panel(LineageState.failure, LineageState.load),
        rx.cond(LineageState.failure.title, rx.fragment(), loaded(LineageState.loaded, around)),
        class_name="stack",
    )
