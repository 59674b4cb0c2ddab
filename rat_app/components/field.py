"""Form fields: a label bound to its control, a hint, and what is wrong with what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx


def text_field(label: str, name: str, *, hint: Any = "", problem: Any = "", **props: Any) -> rx.Component:
    """A labelled line of text; ``problem`` is said below it and to screen readers."""
    props.setdefault("type", "text")
    props.setdefault("auto_complete", "off")
    props.setdefault("spell_check", False)
    return _field(label, name, hint, problem, rx.el.input(id=name, name=name, class_name="input", **_described(name, hint, problem), **props))


def area_field(label: str, name: str, *, hint: Any = "", problem: Any = "", **props: Any) -> rx.Component:
    """A labelled text of several lines."""
    return _field(label, name, hint, problem, rx.el.textarea(id=name, name=name, class_name="input", **_described(name, hint, problem), **props))


def select_field(label: str, name: str, options: Any, *, hint: Any = "", problem: Any = "", **props: Any) -> rx.Component:
    """A labelled choice; ``options`` are (value, words) pairs, or a Var of values."""
    control = rx.el.select(*_options(options), id=name, name=name, class_name="input", **_described(name, hint, problem), **props)
    return _field(label, name, hint, problem, control)


def _options(options: Any) -> list[Any]:
    if isinstance(options, Sequence):
        return [rx.el.option(words, value=value) for value, words in options]
    return [rx.foreach(options, lambda value: rx.el.option(value, value=value))]


def _described(name: str, hint: Any, problem: Any) -> dict[str, Any]:
    if not _speaks(hint, problem):
        return {}
    return {"aria_describedby": f"{name}-hint", "aria_invalid": rx.cond(rx.Var.create(problem), "true", "false")}


def _field(label: str, name: str, hint: Any, problem: Any, control: rx.Component) -> rx.Component:
    said = rx.cond(rx.Var.create(problem), rx.el.span(problem, class_name="field-problem"), rx.el.span(hint, class_name="field-hint"))
    below = [rx.el.div(said, id=f"{name}-hint", class_name="field-below", aria_live="polite")] if _speaks(hint, problem) else []
    return rx.el.div(rx.el.label(label, html_for=name, class_name="field-label"), control, *below, class_name="field")


def _speaks(hint: Any, problem: Any) -> bool:
    """Whether there is, or may come to be, something to say below the control."""
    return any(isinstance(words, rx.Var) or bool(words) for words in (hint, problem))
