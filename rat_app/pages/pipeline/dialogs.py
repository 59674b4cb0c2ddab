"""The dialogs of the Code page: add a test, release, run."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.button import button
from rat_app.components.dialog import dialog
from rat_app.components.editor.code_editor import command
from rat_app.components.field import text_field
from rat_app.state.pipeline.draft import DraftState
from rat_app.state.pipeline.release import RELEASE, RUN, ReleaseState
from rat_app.state.pipeline.tests import NewTestState

PIPELINE: Any = DraftState.pipeline


def new_test_dialog() -> rx.Component:
    """Ask for a quality test's name."""
    form = rx.el.form(
        rx.el.p("A quality test is a query that returns bad rows. It runs on what a run wrote, before anything is published.", class_name="muted"),
        text_field(
            "Name",
            "name",
            hint="Lower-case letters, digits and underscores, for example no_negative_distance.",
            problem=NewTestState.problem,
            required=True,
            max_length=80,
            on_change=NewTestState.type_name,
        ),
        rx.el.div(button("Cancel", on_click=NewTestState.cancel), button("Add test", kind="primary", type="submit"), class_name="dialog-foot"),
        on_submit=NewTestState.create,
        class_name="stack",
    )
    return dialog("Add a quality test", form, is_open=NewTestState.open, on_close=NewTestState.cancel)


def release_dialog() -> rx.Component:
    """Say what changed, and make the draft the current version."""
    following = rx.cond(PIPELINE.version, PIPELINE.version.to(int) + 1, 1)
    return dialog(
        "Release the draft",
        rx.el.p("The draft becomes version ", following, ". Runs use it from then on; earlier versions stay as they are.", class_name="muted"),
        _message("release-message"),
        rx.el.div(
            button("Cancel", on_click=ReleaseState.close),
            button(rx.fragment("Release v", following), icon_name="tag", kind="primary", custom_attrs=command("release")),
            class_name="dialog-foot",
        ),
        is_open=ReleaseState.dialog == RELEASE,
        on_close=ReleaseState.close,
    )


def run_dialog() -> rx.Component:
    """What is on the screen is not what is released: ask which of the two to run."""
    released = button(rx.fragment("Run v", PIPELINE.version, " as it is"), on_click=ReleaseState.run_released)
    said = rx.cond(
        PIPELINE.version,
        rx.fragment("What you see is not version ", PIPELINE.version, ", the one that runs use."),
        "This pipeline has never been released, so there is no version to run yet.",
    )
    return dialog(
        "Run the pipeline",
        rx.el.p(said),
        rx.el.p("Releasing makes what you see the current version. Running the draft works on a branch of its own and never publishes.", class_name="muted"),
        _message("run-message"),
        rx.el.div(
            button("Run the draft", custom_attrs=command("runDraft")),
            rx.cond(PIPELINE.version, released),
            button("Release and run", icon_name="play", kind="primary", custom_attrs=command("releaseAndRun")),
            class_name="dialog-foot",
        ),
        is_open=ReleaseState.dialog == RUN,
        on_close=ReleaseState.close,
    )


def _message(field: str) -> rx.Component:
    hint = "Optional. Shown in the history of versions."
    return text_field("What changed", field, hint=hint, max_length=1000, default_value="", on_change=ReleaseState.type_message)
