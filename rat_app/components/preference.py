"""Choices about the portal's looks and keys, which belong to a browser and not to a person or an installation."""

from __future__ import annotations

from collections.abc import Sequence

import reflex as rx
from reflex.style import LiteralColorMode, color_mode, set_color_mode

from rat_app.components.script import script

_PREFERENCE = script(__name__, "preference.jsx", "preference.css")


class Preference(rx.Component):
    """Radio buttons for the attribute ``data-<name>`` of the document; ``choices`` are (value, words), the first one is the default."""

    library = _PREFERENCE
    tag = "Preference"

    name: rx.Var[str]
    label: rx.Var[str]
    hint: rx.Var[str]
    choices: rx.Var[list[list[str]]]


def preference(name: str, label: str, hint: str, *choices: tuple[str, str]) -> rx.Component:
    """A choice between ``choices``."""
    return Preference.create(name=name, label=label, hint=hint, choices=[list(choice) for choice in choices])


def theme_choice(label: str, hint: str, choices: Sequence[tuple[LiteralColorMode, str]]) -> rx.Component:
    """The same for the theme, which Reflex keeps."""
    return rx.el.fieldset(
        rx.el.legend(label, class_name="field-label"),
        *(_theme(mode, words) for mode, words in choices),
        rx.el.p(hint, id="theme-hint", class_name="field-hint"),
        aria_describedby="theme-hint",
        class_name="preference",
    )


def _theme(mode: LiteralColorMode, words: str) -> rx.Component:
    return rx.el.label(rx.el.input(type="radio", name="theme", checked=color_mode == mode, on_change=set_color_mode(mode)), words, class_name="preference-one")
