"""The rule: may this actor do this action on this resource?"""

from __future__ import annotations

from typing import Protocol

from rat_engine.domain.access import LOCAL_USER, SYSTEM, Action, Actor
from rat_engine.errors import ForbiddenError


class Policy(Protocol):
    """Decides; every service method asks before it acts."""

    def require(self, actor: Actor, action: Action, resource: str) -> None:
        """Return when allowed. Raises ForbiddenError otherwise."""
        ...


class LocalPolicy:
    """Without accounts: whoever reaches the loopback address is the local user and may do everything; nobody else exists."""

    def require(self, actor: Actor, action: Action, resource: str) -> None:
        """Allow the local user and the system itself. Raises ForbiddenError for any other actor."""
        if actor not in (LOCAL_USER, SYSTEM):
            raise ForbiddenError(f"{actor.name!r} may not {action.value} {resource}".rstrip() + ": there are no accounts yet, only the local user.")
