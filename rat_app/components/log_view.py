"""The live log: every line by number, drawn where it is looked at."""

from __future__ import annotations

from typing import Any

import reflex as rx

_VIEW = rx.asset("log_view.jsx", shared=True)
rx.asset("log_view.css", shared=True)
rx.asset("log_lines.js", shared=True)


class LogView(rx.Component):
    """A log fed by ``chunk`` (start, lines as [time, level, message], end) and, for what was missed or lies further up, by ``url``.

    ``on_gap`` asks for lines ``first`` to ``last`` (exclusive), which did not arrive.
    """

    library = _VIEW.importable_path
    tag = "LogView"

    url: rx.Var[str]
    chunk: rx.Var[Any]
    on_gap: rx.EventHandler[rx.event.passthrough_event_spec(int, int)]  # pyright: ignore[reportCallIssue]


log_view = LogView.create
