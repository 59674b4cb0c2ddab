"""A form whose unsaved text is marked and guarded."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_FORM = script(__name__, "guarded_form.jsx", "kept.js", "leave_guard.jsx")

_saved = rx.event.passthrough_event_spec(dict[str, Any], int)  # pyright: ignore[reportCallIssue]


class GuardedForm(rx.Component):
    """Fields with default values, filled anew when ``revision`` moves on and nothing is typed, and whenever ``saved`` counts one more save.

    ``on_save`` gets the values by name and the revision that they were filled with.
    """

    library = _FORM
    tag = "GuardedForm"

    label: rx.Var[str]
    revision: rx.Var[int]
    saved: rx.Var[int]
    on_save: rx.EventHandler[_saved]


guarded_form = GuardedForm.create
