"""The Settings page: a form over config.yaml, and renaming, copying, deleting."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.components.button import button
from rat_app.components.conflict import conflict_dialog
from rat_app.components.dialog import dialog
from rat_app.components.error import failure_panel
from rat_app.components.field import area_field, select_field, text_field
from rat_app.components.guarded_form import guarded_form
from rat_app.pages.pipeline.head import pipeline_page
from rat_app.state.pipeline.settings import COPY, DELETE, RENAME, LifecycleState, SettingsState

ADDRESS: Any = SettingsState.router.url.path
READERS: Any = LifecycleState.readers
STRATEGIES = (
    ("", "Not given: full refresh"),
    ("full_refresh", "Full refresh: every run replaces all rows"),
    ("append_only", "Append only: every run adds rows"),
)


@pipeline_page(routes.PIPELINE_SETTINGS, "Settings", on_load=[LifecycleState.close, SettingsState.follow], typed_in=True)
def settings() -> rx.Component:
    """The form, then what concerns the pipeline as a whole."""
    return rx.el.div(
        failure_panel(SettingsState.failure, SettingsState.follow),
        rx.el.div(_form(), _whole(), class_name="columns"),
        conflict_dialog("these settings", SettingsState),
        _rename(),
        _copy(),
        _delete(),
        class_name="stack",
    )


def _form() -> rx.Component:
    fields = guarded_form(
        area_field(
            "Description",
            "description",
            hint=_hint("description", "What one row is and what the table is for."),
            rows=4,
            max_length=5000,
            read_only=_locked("description"),
        ),
        _line("Owner", "owner", "Who answers for it: a person or a team.", 200),
        _line("Tags", "tags", "Separated by commas.", 1000),
        select_field(
            "Merge strategy",
            "merge_strategy",
            STRATEGIES,
            hint=_hint("merge_strategy", "How a run's rows enter the table."),
            disabled=_locked("merge_strategy"),
        ),
        key=ADDRESS,
        label="Settings",
        subject="rat-settings" + ADDRESS,
        # Until the settings of this address are read, the form waits with what it has.
        values=rx.cond(SettingsState.address == ADDRESS, SettingsState.values, {}),
        revision=SettingsState.revision,
        saved=SettingsState.saved,
        on_save=SettingsState.save,
    )
    told = rx.el.p("Written to ", rx.el.code("config.yaml"), " of the draft; comments and order in it stay.", class_name="muted")
    return rx.el.section(rx.el.h2("Settings"), told, failure_panel(SettingsState.refusal), fields, class_name="card section")


def _line(label: str, key: str, words: str, longest: int) -> rx.Component:
    return text_field(label, key, hint=_hint(key, words), max_length=longest, read_only=_locked(key))


def _locked(key: str) -> Any:
    return SettingsState.locked.contains(key)


def _hint(key: str, words: str) -> Any:
    return rx.cond(_locked(key), f"The annotation @{key} in pipeline.sql says it; change it there.", words)


def _whole() -> rx.Component:
    def line(words: str, what: str, verb: str, icon_name: str, kind: str = "plain") -> rx.Component:
        return rx.el.div(
            rx.el.p(words, class_name="muted"), button(verb, icon_name=icon_name, kind=kind, on_click=LifecycleState.ask(what)), class_name="section"
        )

    return rx.el.section(
        rx.el.h2("The pipeline as a whole"),
        line("Give it another name, layer or namespace. Versions, runs and table go with it.", RENAME, "Rename or move", "pencil"),
        line("Start a new pipeline from its draft.", COPY, "Copy", "copy"),
        line("Delete it. Its table and runs stay, and it can be restored for 24 hours.", DELETE, "Delete", "trash-2", "danger"),
        class_name="card section",
    )


def _readers(words: str) -> rx.Component:
    listed = rx.el.ul(rx.foreach(READERS, lambda name: rx.el.li(rx.el.code(name))), class_name="plain-list")
    return rx.cond(READERS.length() > 0, rx.el.div(rx.el.p(words), listed, class_name="section"))


def _named(what: str, title: str, verb: str, on_submit: Any, *children: rx.Component) -> rx.Component:
    form = rx.el.form(
        failure_panel(LifecycleState.failure),
        text_field("New name", "to", hint="In full: namespace.layer.name", required=True, max_length=200, default_value=LifecycleState.name),
        *children,
        rx.el.div(button("Cancel", on_click=LifecycleState.close), button(verb, kind="primary", type="submit"), class_name="dialog-foot"),
        on_submit=on_submit,
        class_name="stack",
    )
    return dialog(title, form, is_open=LifecycleState.asking == what, on_close=LifecycleState.close)


def _rename() -> rx.Component:
    follow = rx.el.label(
        rx.el.input(type="checkbox", name="update-readers", default_checked=True), " Let their drafts read the new name", class_name="row-tight"
    )
    told = _readers("These read its table under the old name and fail until they are changed and released:")
    return _named(RENAME, "Rename or move", "Rename", LifecycleState.rename, told, rx.cond(READERS.length() > 0, follow))


def _copy() -> rx.Component:
    return _named(COPY, "Copy the pipeline", "Copy", LifecycleState.copy_it)


def _delete() -> rx.Component:
    blocked = READERS.length() > 0
    free = rx.el.p("Nothing reads its table. Draft and versions can be restored for 24 hours; table and runs stay.", class_name="muted")
    return dialog(
        "Delete " + LifecycleState.name.to(str),
        failure_panel(LifecycleState.failure),
        rx.cond(blocked, _readers("It cannot be deleted while these read its table. Change or delete them first:"), free),
        rx.el.div(
            button("Cancel", on_click=LifecycleState.close),
            button("Delete", icon_name="trash-2", kind="danger", disabled=blocked, on_click=LifecycleState.delete),
            class_name="dialog-foot",
        ),
        is_open=LifecycleState.asking == DELETE,
        on_close=LifecycleState.close,
    )
