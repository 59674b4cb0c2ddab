"""Scripts and styles beside the Python modules that wrap them."""

from __future__ import annotations

import reflex as rx
from reflex.environment import environment


def script(module: str, *names: str) -> str:
    """What a component imports to get the first of ``names``, files beside ``module``; all of them become part of the front end.

    Reflex links them into assets/ while it compiles. A running portal needs none of that, and Reflex's way of finding the caller would
    make its start slower by a third of a second.
    """
    if not environment.REFLEX_BACKEND_ONLY.get():
        for name in names:
            rx.asset(name, shared=True, _stack_level=2)
    return f"$/public/external/{module.replace('.', '/')}/{names[0]}"
