"""Two texts side by side."""

from __future__ import annotations

from typing import Any

import reflex as rx


def compare_table(rows: Any, caption: str, before: Any, after: Any) -> rx.Component:
    """``rows`` (a Var of DiffRow) under the heads ``before`` and ``after``."""
    table = rx.el.table(
        rx.el.caption(caption, class_name="unseen"),
        rx.el.colgroup(rx.el.col(class_name="compare-col"), rx.el.col(), rx.el.col(class_name="compare-col"), rx.el.col()),
        rx.el.thead(rx.el.tr(*(rx.el.th(words, col_span=2, scope="colgroup") for words in (before, after)))),
        rx.el.tbody(rx.foreach(rows, _line)),
        class_name="compare",
    )
    return rx.el.div(table, class_name="compare-scroll", tab_index=0, role="region", aria_label=caption)


def _line(line: Any) -> rx.Component:
    heading = rx.el.tr(rx.el.th(line.left, col_span=4, scope="colgroup"), class_name="compare-file")
    gap = rx.el.tr(rx.el.td(rx.cond(line.kind == "cut", line.left, "⋯"), col_span=4, class_name="muted compare-text"))
    pair = rx.el.tr(*_half(line.left_number, line.left), *_half(line.right_number, line.right), class_name="compare-" + line.kind.to(str))
    return rx.cond(line.kind == "file", heading, rx.cond((line.kind == "gap") | (line.kind == "cut"), gap, pair))


def _half(number: Any, text: Any) -> tuple[rx.Component, rx.Component]:
    return rx.el.td(rx.cond(number > 0, number, ""), class_name="compare-number"), rx.el.td(text, class_name="compare-text")
