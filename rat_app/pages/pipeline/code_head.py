"""The head of the Code page: where the draft stands, and what can be done with it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button
from rat_app.components.editor.code_editor import command
from rat_app.components.pipeline_tabs import pipeline_tabs
from rat_app.components.status import draft_badge, icon, layer_badge
from rat_app.state.pipeline.draft import DraftState
from rat_app.state.pipeline.preview import PreviewState
from rat_app.state.pipeline.release import ReleaseState

PIPELINE: Any = DraftState.pipeline
REMOVED: Any = DraftState.removed
DIRTY: Any = DraftState.dirty


def head() -> rx.Component:
    """State on the left, actions on the right, and below them what needs attention."""
    unsaved = DIRTY.length() > 0
    actions = rx.el.div(
        button("Preview", icon_name="table", title="Ctrl+Enter or ⌘+Enter", disabled=PreviewState.busy, custom_attrs=command("submit")),
        button("Save", icon_name="save", title="Ctrl+S or ⌘+S", disabled=~unsaved, custom_attrs=command("save")),
        button("Release", icon_name="tag", disabled=~(unsaved | PIPELINE.draft_changed | ~PIPELINE.version), on_click=ReleaseState.ask_release),
        button("Run", icon_name="play", kind="primary", custom_attrs=command("run")),
        class_name="row work-actions",
    )
    return rx.el.div(
        rx.el.div(_standing(unsaved), actions, class_name="work-head"),
        pipeline_tabs(),
        _overtaken(),
        _removed(),
        class_name="section",
    )


def _standing(unsaved: Any) -> rx.Component:
    return rx.el.div(
        layer_badge(PIPELINE.table.layer),
        draft_badge(PIPELINE.version, PIPELINE.draft_changed),
        rx.cond(unsaved, rx.el.span("● unsaved", class_name="tag tag-changed", title=DIRTY.join(", "))),
        rx.el.span(PIPELINE.description, class_name="muted work-description"),
        class_name="row",
    )


def _overtaken() -> rx.Component:
    said = rx.el.span(DraftState.overtaken, " saved this draft elsewhere. Your unsaved text is still here and was not touched.")
    compare = button("Compare", custom_attrs=command("save"))
    return rx.cond(DraftState.overtaken, rx.el.div(icon("triangle-alert", 14), said, compare, role="status", class_name="work-strip work-strip-warn"))


def _removed() -> rx.Component:
    return rx.cond(
        REMOVED.path,
        rx.el.div(
            icon("trash-2", 14),
            rx.el.span("Deleted ", rx.el.code(REMOVED.path), " from the draft."),
            button("Undo", icon_name="undo-2", on_click=DraftState.bring_back),
            button("Dismiss", on_click=DraftState.forget_removed),
            role="status",
            class_name="work-strip",
        ),
    )
