"""Messages over the page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_NOTICES = script(__name__, "notices.jsx")


class Notices(rx.Component):
    """Every notice (id, tone, title, message, href, action, undo), newest last.

    ``on_dismiss`` gets the id of one to take away, ``on_undo`` that of one whose button was pressed.
    """

    library = _NOTICES
    tag = "Notices"

    notices: rx.Var[list[Any]]
    on_dismiss: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_undo: rx.EventHandler[rx.event.passthrough_event_spec(str)]


notices = Notices.create
