"""An action in the words of the other front ends, to copy."""

from __future__ import annotations

from typing import Any

import reflex as rx

from rat_app.components.script import script

_COPY = script(__name__, "copy_as.jsx", "copy_as.css")


class CopyAs(rx.Component):
    """A menu of the texts that do ``what`` with curl, on the command line and in Python."""

    library = _COPY
    tag = "CopyAs"

    what: rx.Var[str]
    curl: rx.Var[str]
    cli: rx.Var[str]
    python: rx.Var[str]


def copy_as(what: Any, texts: Any) -> rx.Component:
    """The menu for ``texts``, a Var with ``curl``, ``cli`` and ``python``."""
    return CopyAs.create(what=what, curl=texts.curl, cli=texts.cli, python=texts.python)
