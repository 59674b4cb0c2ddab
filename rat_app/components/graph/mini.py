"""A table among its neighbours: what it reads on the left, what reads it on the right. HTML and CSS alone, so any page can place it.

mini_graph(State.lineage)          # lineage: rx.Field[MiniGraph], filled by rat_app.state.lineage.mini.read_mini(actor, table)
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.link import Link
from rat_app.components.status import STATUSES, icon


def mini_graph(graph: Any) -> rx.Component:
    """``graph`` is a Var of a state's ``MiniGraph``: here, sources, targets, more_sources, more_targets, href (its place on the Lineage page).

    Reads as two lists around a name; on a narrow screen they stand above and below it.
    """
    return rx.el.div(
        _side(graph.sources, graph.more_sources, graph.href, "Reads", "It reads nothing: its rows come from its own SQL.", "mini-sources"),
        rx.el.div(_card(graph.here, here=True), class_name="mini-here"),
        _side(graph.targets, graph.more_targets, graph.href, "Read by", "Nothing reads it yet.", "mini-targets"),
        class_name="mini-graph",
        role="group",
        aria_label="Lineage of " + graph.here.id,
    )


def _side(nodes: Any, more: Any, href: Any, title: str, nothing: str, kind: str) -> rx.Component:
    rest = rx.cond(more > 0, rx.el.li(Link.create("and ", more, " more", to=href, class_name="mini-more")))
    listed = rx.el.ul(rx.foreach(nodes, lambda node: rx.el.li(_card(node), key=node.id)), rest, aria_label=title, class_name="mini-list")
    return rx.el.div(
        rx.el.p(title, class_name="mini-title", aria_hidden="true"),
        rx.cond(nodes.length() > 0, listed, rx.el.p(nothing, class_name="muted mini-nothing")),
        class_name=f"mini-side {kind}",
    )


def _card(node: Any, *, here: bool = False) -> rx.Component:
    words = (
        rx.el.span(icon_of(node.layer), node.layer, class_name="mini-layer"),
        rx.el.span(node.name, class_name="mini-name"),
        _state(node),
    )
    kind = "mini-card mini-" + node.layer.to(str)
    if here:
        return rx.el.div(*words, class_name=kind + " mini-current", title=node.id, aria_current="true")
    return Link.create(*words, to=node.href, class_name=kind, title=node.id)


def icon_of(layer: Any) -> rx.Component:
    """A landing zone's or a table's icon."""
    return rx.fragment(rx.cond(layer == "landing", icon("inbox", 12), icon("table-2", 12)))


def _state(node: Any) -> rx.Component:
    cases = [(key, rx.el.span(icon(name, 12), words, class_name=f"status status-{key}")) for key, (name, words) in STATUSES.items()]
    return rx.fragment(rx.match(node.status, *cases, rx.fragment()))
