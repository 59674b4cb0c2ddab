"""The Settings page, one tab a subject."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.preference import preference, theme_choice
from rat_app.components.tabs import tabs
from rat_app.pages.frame import page
from rat_app.pages.settings.namespaces import namespaces
from rat_app.pages.settings.setup import about, api, setup
from rat_app.state.settings.namespaces import NamespacesState
from rat_app.state.settings.setup import SetupState
from rat_app.state.settings.workers import WorkersState


@page(routes.SETTINGS, "Settings", on_load=[SetupState.load, NamespacesState.load, NamespacesState.follow, SetupState.check, WorkersState.follow])
def settings() -> rx.Component:
    """The tabs."""
    subjects = tabs(
        "Settings",
        appearance=("Appearance", 0, _appearance()),
        namespaces=("Namespaces", 0, namespaces()),
        engine=("Engine", 0, setup()),
        api=("API", 0, api()),
        about=("About", 0, about()),
    )
    return rx.el.div(subjects, class_name="settings")


def _appearance() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Appearance"),
        rx.el.p("Kept in this browser: nobody else's portal looks different.", class_name="muted"),
        theme_choice("Theme", "System follows what the computer is set to.", (("dark", "Dark"), ("light", "Light"), ("system", "System"))),
        preference("density", "Rows of tables", "Compact shows more rows at once.", ("comfortable", "Comfortable"), ("compact", "Compact")),
        preference(
            "keys",
            "Single-key shortcuts",
            "Keys that act alone while nothing is being typed. Switch them off when speech input or a slip of the hand sets them off; "
            "shortcuts with Ctrl, ⌘ or Alt stay.",
            ("on", "On"),
            ("off", "Off"),
        ),
        class_name="card section narrow",
    )
