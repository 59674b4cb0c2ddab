"""Status as icon, word and colour, and the badges of layers and drafts. Colour never speaks alone."""

from __future__ import annotations

from typing import Any

import reflex as rx

# status: (icon, word). The colour is the class's.
STATUSES = {
    "success": ("check", "success"),
    "ok": ("check", "ok"),
    "pass": ("check", "passed"),
    "failed": ("x", "failed"),
    "fail": ("x", "failed"),
    "error": ("x", "error"),
    "running": ("play", "running"),
    "pending": ("clock", "waiting"),
    "cancelled": ("ban", "cancelled"),
    "skipped": ("ban", "skipped"),
    "warn": ("triangle-alert", "warning"),
}


def icon(name: str, size: int = 16) -> rx.Component:
    """An icon that says nothing to a screen reader: the words beside it do."""
    return rx.icon(name, size=size, aria_hidden="true", class_name="icon", custom_attrs={"focusable": "false"})


def status(value: Any) -> rx.Component:
    """A run's, query's or test's status; ``value`` is one of ``STATUSES``. An empty one is a dash."""
    cases = [(key, _badge(key, name, word)) for key, (name, word) in STATUSES.items()]
    return rx.fragment(rx.match(value, *cases, rx.el.span("–", class_name="muted")))


def _badge(key: str, name: str, word: str) -> rx.Component:
    return rx.el.span(icon(name, 14), word, class_name=f"status status-{key}")


def layer_badge(layer: Any) -> rx.Component:
    """A layer's name in its colour."""
    return rx.el.span(layer, class_name="layer layer-" + rx.Var.create(layer).to(str))


def draft_badge(version: Any, changed: Any) -> rx.Component:
    """Where the draft stands: never released, changed since version n, or equal to it."""
    return rx.cond(
        version,
        rx.cond(changed, _tag("tag-changed", "changed since v", version), _tag("tag-same", "v", version)),
        _tag("tag-new", "not released"),
    )


def _tag(kind: str, *words: Any) -> rx.Component:
    return rx.el.span(*words, class_name=f"tag {kind}")
