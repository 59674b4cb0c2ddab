"""The period of time that a list is narrowed to."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_PERIOD = script(__name__, "period.jsx")


class Period(rx.Component):
    """A preset (``period``: 1h, 24h, 7d, 30d or empty) or the moments ``begin`` and ``end``; ``on_choose`` gets all three, moments in UTC."""

    library = _PERIOD
    tag = "Period"

    period: rx.Var[str]
    begin: rx.Var[str]
    end: rx.Var[str]
    on_choose: rx.EventHandler[rx.event.passthrough_event_spec(str, str, str)]  # pyright: ignore[reportCallIssue]


period = Period.create
