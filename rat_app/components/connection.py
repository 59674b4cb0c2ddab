"""The message about a lost connection."""

from __future__ import annotations

import reflex as rx

from rat_app.components.script import script

_CONNECTION = script(__name__, "connection.jsx", "connection.css")


class Connection(rx.Component):
    """Says that the connection is gone, what still works, and that it is back; a page asked for meanwhile opens then."""

    library = _CONNECTION
    tag = "Connection"
