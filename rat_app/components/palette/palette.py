"""The command palette and the overlay of keyboard shortcuts."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.style import set_color_mode

from rat_app import routes
from rat_app.components.script import script
from rat_app.components.shell import SECTIONS, SETTINGS

_PALETTE = script(__name__, "palette.jsx", "shortcuts.jsx", "entries.js", "recent.js", "palette.css")

# Words, address, and the key that follows G.
PAGES = (
    *((words, to, words[0].lower()) for words, to, _ in (*SECTIONS, SETTINGS)),
    ("Namespaces", routes.settings(tab="namespaces"), ""),
    ("Engine and its settings", routes.settings(tab="engine"), ""),
    ("REST API", routes.settings(tab="api"), ""),
    ("New pipeline", routes.pipelines(new="1"), ""),
    ("Failed runs", routes.runs(status="failed"), ""),
)


class Palette(rx.Component):
    """A button of the bar that opens the palette.

    ``pages`` are (words, address, key after G); ``found`` (text, hits: kind, key, title, more, to) is what the server found for a text.
    ``on_search`` gets a text once the typing pauses, ``on_run`` the name of a pipeline to run, ``on_theme`` light, dark or system.
    """

    library = _PALETTE
    tag = "Palette"

    pages: rx.Var[list[Any]]
    found: rx.Var[Any]
    failure: rx.Var[str]
    on_search: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_run: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_theme: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def palette(*, found: Any, failure: Any, on_search: Any, on_run: Any) -> rx.Component:
    """The palette over every page."""
    return Palette.create(
        pages=[list(page) for page in PAGES],
        found=found,
        failure=failure,
        on_search=on_search,
        on_run=on_run,
        on_theme=set_color_mode,
    )
