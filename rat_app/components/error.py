"""Failures in place: what, where, why, what to do, with Try again and Copy details."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button
from rat_app.components.script import script
from rat_app.components.status import icon

_ERROR = script(__name__, "error.jsx", "clipboard.js")


class CopyButton(rx.Component):
    """A button that copies ``text``."""

    library = _ERROR
    tag = "CopyButton"

    text: rx.Var[str]
    label: rx.Var[str]


class Boundary(rx.Component):
    """Shows its children, or, when drawing them fails, what happened; ``on_error`` tells the server. ``whole``: it stands around whole pages."""

    library = _ERROR
    tag = "Boundary"

    whole: rx.Var[bool]
    on_error: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def copy_button(text: Any, label: str = "Copy") -> rx.Component:
    """A button that copies ``text`` to the clipboard."""
    return CopyButton.create(text=text, label=label)


def boundary(*children: rx.Component, on_error: Any, whole: bool = False) -> rx.Component:
    """``children``, kept from taking the page down with them; with ``whole`` what stands in for them is a page."""
    return Boundary.create(*children, whole=whole, on_error=on_error)


def failure_panel(failure: Any, retry: Any = None) -> rx.Component:
    """``failure`` (a Var of a state's Failure) in place of what could not be shown; nothing while there is none. ``retry`` is an event."""
    again = [] if retry is None else [button("Try again", on_click=retry, icon_name="rotate-cw")]
    return rx.cond(
        failure.title,
        rx.el.div(
            rx.el.strong(icon("x", 14), failure.title),
            rx.el.p(failure.message, class_name="prewrap"),
            rx.el.div(*again, copy_button(failure.title + ": " + failure.message + " [" + failure.code + "]", "Copy details"), class_name="row"),
            role="alert",
            class_name="failure",
        ),
    )
