"""Prose that people wrote in Markdown."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_PROSE = script(__name__, "prose.jsx")


class Prose(rx.Component):
    """``nodes`` come from ``rat_app.state.prose.from_markdown``."""

    library = _PROSE
    tag = "Prose"

    nodes: rx.Var[list[Any]]


def prose(nodes: Any) -> rx.Component:
    """Paragraphs, headings, lists, quotes, code and links."""
    return Prose.create(nodes=nodes)
