"""Tabs of a page whose parts belong together: the address names the one that is shown, all of them stay alive."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_TABS = script(__name__, "tabs.jsx", "tabs.css")


class Tabs(rx.Component):
    """One child a tab; ``tabs`` are (the name in the address, words, a count or 0)."""

    library = _TABS
    tag = "Tabs"

    label: rx.Var[str]
    tabs: rx.Var[list[Any]]


def tabs(label: str, **panels: tuple[str, Any, rx.Component]) -> rx.Component:
    """Tabs by their name in the address: words, a count (0: none is shown) and what is on it."""
    heads = rx.Var.create([[name, words, count] for name, (words, count, _) in panels.items()])
    return Tabs.create(*(rx.el.div(panel) for _, _, panel in panels.values()), label=label, tabs=heads)
