"""The search field of a list."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_SEARCH = script(__name__, "search.jsx")


class SearchField(rx.Component):
    """A field showing ``text``; ``on_search`` gets what was typed once the typing pauses."""

    library = _SEARCH
    tag = "SearchField"

    text: rx.Var[str]
    label: rx.Var[str]
    on_search: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def search_field(label: str, *, text: Any, on_search: Any) -> rx.Component:
    """A search field named ``label``."""
    return SearchField.create(label=label, text=text, on_search=on_search)
