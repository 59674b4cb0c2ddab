"""Modal dialogs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_DIALOG = script(__name__, "dialog.jsx")


class Dialog(rx.Component):
    """A modal dialog that is there while ``open``; Escape and a click outside ask to close it."""

    library = _DIALOG
    tag = "Dialog"

    open: rx.Var[bool]
    title: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


def dialog(title: Any, *children: rx.Component, is_open: Any, on_close: Any) -> rx.Component:
    """A dialog headed ``title``."""
    return Dialog.create(*children, open=is_open, title=title, on_close=on_close)
