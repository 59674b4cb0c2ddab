"""A value over the last runs, drawn small, and said in numbers below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx


def trend(title: str, values: Any, number: Callable[[Any], rx.Component]) -> rx.Component:
    """``values`` is a Var of a state's ``Trend``; ``number`` draws one value. Nothing while there is no run."""

    def bar(each: Any) -> rx.Component:
        return rx.el.svg.rect(x=each.x.to(str), y=each.y.to(str), width=each.width.to(str), height=each.height.to(str), class_name="trend-bar")

    drawing = rx.el.svg(
        rx.foreach(values.bars, bar),
        view_box="0 0 100 100",
        class_name="trend-bars",
        custom_attrs={"aria-hidden": "true", "focusable": "false", "preserveAspectRatio": "none"},
    )
    least = rx.el.span("from ", number(values.low), " to ", number(values.high), rx.cond(values.runs > 1, rx.fragment(" over ", values.runs, " runs")))
    said = rx.el.p(rx.el.strong(number(values.last)), rx.el.span("last; ", least, class_name="muted"), class_name="row-tight trend-said")
    return rx.cond(values.runs > 0, rx.el.figure(rx.el.figcaption(title, class_name="muted"), drawing, said, class_name="trend"))
