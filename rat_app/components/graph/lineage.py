"""The Lineage page's graph: tables, landing zones and their columns, read from REST, drawn by React Flow or as a table."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_VIEW = script(__name__, "lineage.jsx", "flow.jsx", "card.jsx", "panel.jsx", "lineage_table.jsx", "state_words.jsx", "lineage_data.js", "flow.css")


class LineageView(rx.NoSSRComponent):
    """What the address asks for (focus, column, up, down, namespace, view); read again when ``revision`` changes. ``words`` name the statuses."""

    library = _VIEW
    tag = "LineageView"
    lib_dependencies: list[str] = ["@dagrejs/dagre@3.1.3", "@xyflow/react@12.12.1"]  # noqa: RUF012 - Reflex's own way

    revision: rx.Var[int]
    namespaces: rx.Var[list[str]]
    words: rx.Var[dict[str, str]]


lineage_view = LineageView.create
