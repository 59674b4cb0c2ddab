"""Lineage: which tables and columns feed which."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty, loaded
from rat_app.components.error import failure_panel
from rat_app.components.format import time_ago
from rat_app.components.graph.lineage import lineage_view
from rat_app.components.status import STATUSES
from rat_app.pages.frame import page
from rat_app.state.lineage.page import LineageState

WORDS = {key: words for key, (_, words) in STATUSES.items()}


@page(routes.LINEAGE, "Lineage", on_load=[LineageState.load, LineageState.follow])
def lineage() -> rx.Component:
    """The graph, or what to do while there is none."""
    graph = lineage_view(revision=LineageState.revision, namespaces=LineageState.namespaces, words=WORDS)
    return rx.el.div(
        failure_panel(LineageState.failure, LineageState.load),
        rx.cond(LineageState.failure.title, rx.fragment(), loaded(LineageState.loaded, rx.cond(LineageState.total > 0, graph, _nothing()))),
        # The graph shows times; only what a page mentions becomes part of it.
        rx.el.div(time_ago(None), hidden=True),
        class_name="stack",
    )


def _nothing() -> rx.Component:
    return empty(
        "Lineage shows which landing zones, tables and columns feed which, from the released pipelines. There are none yet.",
        link_button("See the pipelines", to=routes.PIPELINES, kind="primary"),
        icon_name="git-fork",
    )
