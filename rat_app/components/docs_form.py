"""The form that writes about a table."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_FORM = script(__name__, "docs_form.jsx")

_saved = rx.event.passthrough_event_spec(dict[str, Any], str)  # pyright: ignore[reportCallIssue]


class DocsForm(rx.Component):
    """Reads the texts of the table at ``url`` over REST, anew when ``revision`` is another one and nothing is typed.

    ``on_save`` gets what changed and the revision that was read; when ``saved`` changes, what was typed is done with.
    """

    library = _FORM
    tag = "DocsForm"

    url: rx.Var[str]
    revision: rx.Var[str]
    saved: rx.Var[int]
    on_save: rx.EventHandler[_saved]
    on_problem: rx.EventHandler[rx.event.passthrough_event_spec(str)]


docs_form = DocsForm.create
