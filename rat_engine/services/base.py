"""What every service shares: the database, the policy, and the decorator that declares a method's action."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from rat_engine.access.policy import Policy
from rat_engine.domain.access import Action, Actor
from rat_engine.errors import ForbiddenError, ValidationError
from rat_engine.metadata.database import Database

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Service")


class Service:
    """Use cases over one aggregate. Methods take the actor first and are decorated with ``action``."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def require(self, actor: Actor, wanted: Action, resource: str) -> None:
        """Ask the policy. Raises ForbiddenError."""
        self._policy.require(actor, wanted, resource)

    def allows(self, actor: Actor, wanted: Action, resource: str) -> bool:
        """Whether the policy lets ``actor`` do it: for what is left out of a list, not refused."""
        try:
            self._policy.require(actor, wanted, resource)
        except ForbiddenError:
            return False
        return True


def action(wanted: Action) -> Callable[[Callable[Concatenate[S, Actor, P], R]], Callable[Concatenate[S, Actor, P], R]]:
    """Declare a service method's action: the policy is asked before the method's first line.

    The resource is the first argument after the actor, as text (a name or an id); empty where there is none.
    """

    def declare(method: Callable[Concatenate[S, Actor, P], R]) -> Callable[Concatenate[S, Actor, P], R]:
        @functools.wraps(method)
        def checked(self: S, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            self.require(actor, wanted, _resource(args, kwargs))
            return method(self, actor, *args, **kwargs)

        checked.__action__ = wanted  # pyright: ignore[reportAttributeAccessIssue]
        return checked

    return declare


def _resource(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    first = args[0] if args else next(iter(kwargs.values()), "")
    return str(first)[:200]


def checked_length(text: str, limit: int, what: str) -> str:
    """``text`` itself when it has at most ``limit`` characters and no NUL. Raises ValidationError naming ``what``."""
    if len(text) > limit:
        raise ValidationError(f"The {what} has {len(text):,} characters; at most {limit:,} are accepted.")
    if "\x00" in text:
        raise ValidationError(f"The {what} contains a NUL character. Remove it.")
    return text
