"""What stands in for content: nothing there yet, nothing found, not there yet."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.status import icon


def empty(sentence: Any, *actions: rx.Component, icon_name: str = "inbox") -> rx.Component:
    """One sentence of what this is for, and what to do: first the primary action, then a link to learn."""
    return rx.el.div(icon(icon_name, 28), rx.el.p(sentence), rx.el.div(*actions, class_name="row"), class_name="empty")


def skeleton(lines: int = 5) -> rx.Component:
    """Grey lines where content will be, shown only when it takes longer than a moment."""
    return rx.el.div(*(rx.el.div(class_name="skeleton-line") for _ in range(lines)), class_name="skeleton", role="status", aria_label="Loading")


def loaded(ready: Any, content: rx.Component, lines: int = 5) -> rx.Component:
    """``content`` once ``ready``, a skeleton before."""
    return rx.cond(ready, content, skeleton(lines))


def staying(ready: Any, content: rx.Component, lines: int = 5) -> rx.Component:
    """The same for content in which somebody may be typing: it stays on the page, unseen, while it is not ``ready``."""
    return rx.fragment(rx.cond(ready, rx.fragment(), skeleton(lines)), rx.el.div(content, class_name=rx.cond(ready, "", "work-loading")))
