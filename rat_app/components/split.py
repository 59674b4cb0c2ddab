"""Two panes with a movable bar between them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_SPLIT = script(__name__, "split.jsx", "split.css")


class Split(rx.Component):
    """Its two children above each other; ``start`` is the first one's share in percent until somebody moves the bar."""

    library = _SPLIT
    tag = "Split"

    storage_key: rx.Var[str]
    start: rx.Var[int]
    label: rx.Var[str]


def split(above: rx.Component, below: rx.Component, **props: Any) -> rx.Component:
    """``above`` over ``below``."""
    return Split.create(above, below, **props)
