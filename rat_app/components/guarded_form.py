"""A form whose unsaved text is marked and guarded."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_FORM = script(__name__, "guarded_form.jsx", "leave_guard.jsx", "kept.js", "texts.js")

_saved = rx.event.passthrough_event_spec(dict[str, str], int, str)  # pyright: ignore[reportCallIssue]


class GuardedForm(rx.Component):
    """Fields that show ``values`` by their names, those of the server at ``revision``, or what was typed and is kept under ``subject``.

    ``on_save`` gets what changed, the revision that it was written on and an id; ``saved`` is the id of the last save that succeeded.
    A button with ``DROP`` drops what is typed, for good.
    """

    library = _FORM
    tag = "GuardedForm"

    label: rx.Var[str]
    subject: rx.Var[str]
    values: rx.Var[dict[str, str]]
    revision: rx.Var[int]
    saved: rx.Var[str]
    on_save: rx.EventHandler[_saved]


guarded_form = GuardedForm.create

# The attribute of a button that drops what is typed on its page, in a form or in the editor.
DROP = {"data-drop-typed": ""}
