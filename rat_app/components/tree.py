"""A tree of files, or of tables and their columns, worked by mouse and by arrow keys."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_TREE = script(__name__, "tree.jsx", "tree.css")


class Tree(rx.Component):
    """``nodes`` are nested: id, label, detail, kind, mark (a word behind the label), insert (text for the editor), closed, children.

    A node with children opens and closes; any other calls ``on_pick`` with its id.
    """

    library = _TREE
    tag = "Tree"

    nodes: rx.Var[list[dict[str, object]]]
    label: rx.Var[str]
    selected: rx.Var[str]
    on_pick: rx.EventHandler[rx.event.passthrough_event_spec(str)]


tree = Tree.create
