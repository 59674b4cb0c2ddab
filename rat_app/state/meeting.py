"""What states of forms share whose texts the browser keeps until the server has them: reading beside saves, and saves that meet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import reflex as rx

from rat_app.state.base import handler
from rat_app.state.compare import Conflict

Found = TypeVar("Found")
Revision = TypeVar("Revision", int, str)


@dataclass(frozen=True)
class OwnSaves:
    """Saves of one tab, one right after the other: the revisions they were based on, and the one that the last led to.

    A save that is sent before the last one is answered names the revision that one was based on. It meets nobody else's.
    """

    newest: int | str = 0
    passed: frozenset[int | str] = frozenset()

    def based_on(self, revision: Revision) -> Revision:
        """The revision that a save which names ``revision`` is based on."""
        return cast("Revision", self.newest) if revision in self.passed else revision

    def then(self, based_on: int | str, newest: int | str) -> OwnSaves:
        """These and one more, from ``based_on`` to ``newest``. Behind another's save they begin anew."""
        return OwnSaves(newest, frozenset({based_on, *(self.passed if based_on == self.newest else ())}) - {newest})


class Meeting(rx.State, mixin=True):
    """A state with a ``revision`` that its saves move on. A save that met another's is shown beside it, as ``conflict``, until a person chooses."""

    conflict: rx.Field[Conflict] = rx.field(default_factory=Conflict)
    _own: OwnSaves = OwnSaves()

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
