"""Texts in which the words of a search are marked."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_MARKED = script(__name__, "marked.jsx")


class Marked(rx.Component):
    """``text`` with every one of ``words`` marked."""

    library = _MARKED
    tag = "Marked"

    text: rx.Var[str]
    words: rx.Var[list[str]]


def marked(text: Any, words: Any) -> rx.Component:
    """``text`` with ``words`` marked, whatever their case."""
    return Marked.create(text=text, words=words)
