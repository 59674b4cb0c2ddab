"""An address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from rat_app import routes
from rat_app.components.button import link_button
from rat_app.components.empty import empty
from rat_app.pages.frame import page


@page(routes.NOT_FOUND, "Page not found")
def not_found() -> rx.Component:
    """What stands there, and the ways out."""
    return empty(
        "There is no page at this address. It may have been mistyped, or what it showed has been deleted.",
        link_button("Go home", to=routes.HOME, kind="primary"),
        link_button("See the pipelines", to=routes.PIPELINES),
        icon_name="map-pin-off",
    )
