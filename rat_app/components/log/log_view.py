"""The live log: every line by number, drawn where it is looked at."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_VIEW = script(__name__, "log_view.jsx", "log_view.css", "log_bar.jsx", "log_row.jsx", "log_lines.js", "log_place.js", "log_search.js")


class LogView(rx.Component):
    """A log fed by ``chunk`` (start, lines as [time, level, message], end) and, for what was missed or lies further up, by ``url``.

    ``begin`` is when its attempt began. ``on_gap`` asks for lines ``first`` to ``last`` (exclusive), which did not arrive.
    """

    library = _VIEW
    tag = "LogView"

    url: rx.Var[str]
    chunk: rx.Var[Any]
    begin: rx.Var[Any]
    on_gap: rx.EventHandler[rx.event.passthrough_event_spec(int, int)]  # pyright: ignore[reportCallIssue]


log_view = LogView.create
