"""Two saves that met: both texts, and what to do."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button
from rat_app.components.compare import compare_table
from rat_app.components.dialog import dialog
from rat_app.components.guarded_form import DROP


def conflict_dialog(what: str, state: Any) -> rx.Component:
    """Both texts side by side while ``state`` has a ``conflict``; nothing is lost until somebody chooses.

    The state has the handlers ``keep_editing``, ``take_theirs`` and ``keep_mine``; ``what`` completes "Somebody saved … meanwhile".
    """
    conflict: Any = state.conflict
    return dialog(
        f"Somebody saved {what} meanwhile",
        rx.el.p("Both texts are shown. Nothing is lost until you choose.", class_name="muted"),
        compare_table(conflict.rows, "Your text on the left, the saved one on the right", "Yours, not saved", rx.fragment("Saved by ", conflict.who)),
        rx.el.div(
            button("Keep editing", on_click=state.keep_editing),
            button("Take theirs, drop mine", kind="danger", on_click=state.take_theirs, custom_attrs=DROP),
            button("Save mine over theirs", kind="primary", on_click=state.keep_mine),
            class_name="dialog-foot",
        ),
        is_open=conflict.who != "",
        on_close=state.keep_editing,
    )
