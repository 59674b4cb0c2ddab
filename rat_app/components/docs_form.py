"""The form that writes about a table."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_FORM = script(__name__, "docs_form.jsx")

_saved = rx.event.passthrough_event_spec(dict[str, Any], str, str)  # pyright: ignore[reportCallIssue]


class DocsForm(rx.Component):
    """Reads the texts of the table at ``url`` over REST, anew when ``revision`` or ``reading`` is another one; ``failed``: that went wrong.

    What is typed is kept under ``subject``. ``on_save`` gets what changed, the revision that it was written on and an id; ``saved`` is the id
    of the last save that succeeded. A button with ``DROP`` drops what is typed, for good.
    """

    library = _FORM
    tag = "DocsForm"

    subject: rx.Var[str]
    url: rx.Var[str]
    revision: rx.Var[str]
    reading: rx.Var[str]
    failed: rx.Var[bool]
    saved: rx.Var[str]
    on_save: rx.EventHandler[_saved]
    on_problem: rx.EventHandler[rx.event.passthrough_event_spec(str)]


docs_form = DocsForm.create
