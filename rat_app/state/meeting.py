"""What states of forms share whose texts the browser keeps until the server has them: reading beside saves, and saves that meet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import reflex as rx

from rat_app.state.base import handler
from rat_app.state.compare import Conflict

Found = TypeVar("Found")


class Meeting(rx.State, mixin=True):
    """A state with a ``revision`` that its saves move on. A save that met another's is shown beside it, as ``conflict``, until a person chooses."""

    conflict: rx.Field[Conflict] = rx.field(default_factory=Conflict)

    @handler(None, "take the other texts")
    def take_theirs(self) -> None:
        """Show what is saved; the browser drops what was typed."""
        self.conflict = Conflict()

    @handler(None, "close the comparison")
    def keep_editing(self) -> None:
        """Decide later; nothing is lost."""
        self.conflict = Conflict()


async def read_beside_saves(state: Any, read: Callable[[], Awaitable[Found]], take: Callable[[Found], None]) -> None:
    """Let ``take`` show what ``read`` found. When this tab saved meanwhile that may be from before, and is read again."""
    while True:
        before = state.revision
        found = await read()
        async with state:
            if state.revision == before:
                take(found)
                return
