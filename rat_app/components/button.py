"""Buttons. Their words are verbs; a button without words names its object."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.link import Link
from rat_app.components.status import icon


def button(words: Any, *, icon_name: str = "", kind: str = "plain", **props: Any) -> rx.Component:
    """A button; ``kind`` is plain, primary (one a screen) or danger."""
    props.setdefault("type", "button")
    return rx.el.button(*_inside(words, icon_name), class_name=f"button button-{kind}", **props)


def link_button(words: Any, *, to: str | rx.Var[str], icon_name: str = "", kind: str = "plain", **props: Any) -> rx.Component:
    """A link that looks like a button: it leads somewhere and changes nothing."""
    return Link.create(*_inside(words, icon_name), to=to, class_name=f"button button-{kind}", **props)


def icon_button(icon_name: str, label: str | rx.Var[str], **props: Any) -> rx.Component:
    """A button that is only an icon; ``label`` says what it does to which object ("Delete file X")."""
    props.setdefault("type", "button")
    return rx.el.button(icon(icon_name), class_name="button button-icon", aria_label=label, title=label, **props)


def _inside(words: Any, icon_name: str) -> list[Any]:
    return [icon(icon_name, 14), words] if icon_name else [words]
