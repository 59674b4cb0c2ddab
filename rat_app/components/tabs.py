"""Tabs of a page whose parts belong together: the address names the one that is shown, all of them stay alive."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_TABS = script(__name__, "tabs.jsx", "tab_keys.js", "tabs.css")


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


class TabList(rx.Component):
    """A row of tabs that are one stop of the Tab key; arrows go from one to the next."""

    library = _TABS
    tag = "TabList"

    label: rx.Var[str]


def tab_list(label: str, *heads: rx.Component) -> rx.Component:
    """A row of ``tab`` over one panel, whose content the server decides."""
    return TabList.create(*heads, label=label)


def tab(words: Any, *, chosen: Any, panel: str, **props: Any) -> rx.Component:
    """One of a ``tab_list``; ``panel`` is the id of what they all show their content in."""
    return rx.el.button(
        words,
        type="button",
        role="tab",
        aria_selected=rx.cond(chosen, "true", "false"),
        aria_controls=panel,
        tab_index=rx.cond(chosen, 0, -1),
        class_name="tab",
        **props,
    )
