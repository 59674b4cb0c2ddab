"""What every page state shares: the guard around event handlers, the actor, failures and notices.

Any client can call any handler with any arguments, without ever opening the page. So no handler exists without ``@handler``
(a test lists them, ``refuse_unguarded`` drops the rest), arguments are checked strictly, and whatever goes wrong is said.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import logging
import secrets
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pydantic
import reflex as rx
from reflex.event import Event
from reflex.istate.proxy import StateProxy
from reflex.middleware import Middleware
from reflex.state import StateUpdate
from reflex_base.registry import RegistrationContext

from rat_engine import LOCAL_USER, Action, Actor, RatError, ValidationError

GUARD = "__rat_guard__"
MAX_NOTICES = 5
SUCCESS, FAILURE = "success", "failure"

logger = logging.getLogger("rat.portal")

Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True)
class Failure:
    """What a person is told when something failed: ``title`` says what, ``message`` where, why and what to do."""

    title: str = ""
    message: str = ""
    code: str = ""
    reference: str = ""

    @property
    def happened(self) -> bool:
        """Whether this is a failure at all; the empty one stands for none."""
        return bool(self.title)


@dataclass(frozen=True)
class Notice:
    """A short message over the page. A failure stays until dismissed."""

    id: str
    tone: str
    title: str
    message: str = ""
    reference: str = ""
    href: str = ""
    action: str = ""


def actor_of(state: rx.State) -> Actor:
    """Whoever acts in this tab. There are no accounts yet: everybody who reaches this machine's loopback address is its user."""
    del state
    return LOCAL_USER


def explain(error: Exception, doing: str) -> Failure:
    """``error`` in words for its reader; ``doing`` completes the sentence "Could not …". An unexpected one is logged under its reference."""
    title = f"Could not {doing}"
    if isinstance(error, RatError):
        logger.warning("%s: %s: %s", title, error.code, error.message)
        return Failure(title, error.message, error.code)
    reference = secrets.token_hex(4)
    logger.error("%s (reference %s)", title, reference, exc_info=error)
    return Failure(title, f"This is a fault in RAT itself. The server's log has the details under reference {reference}.", "internal", reference)


def handler(action: Action | None, doing: str = "do that", *, shows: str = "", **options: Any) -> Callable[[Method], Method]:
    """Declare an event handler and guard it.

    ``action`` is what the handler asks the engine for (None: nothing, it only changes what is shown). ``doing`` completes "Could not …".
    ``shows`` names a ``Failure`` variable of the state, where a failure is shown in place; without it a failure becomes a notice.
    ``options`` are those of ``rx.event`` (background, debounce, …).

    The method may be plain, a coroutine, a generator or an asynchronous generator; arguments need type hints and are checked strictly.
    """

    def declare(method: Method) -> Method:
        check = _argument_check(method)

        async def run(state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
            try:
                async for event in _events(method(state, **check(state, args, kwargs))):
                    yield event
                if shows:
                    await _clear(state, shows)
            except Exception as error:  # noqa: BLE001 - one of the four places that catch everything
                await _tell(state, explain(error, doing), shows)

        if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):

            @functools.wraps(method)
            async def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
                async for event in run(self, args, kwargs):
                    yield event

        else:

            @functools.wraps(method)
            async def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
                produced = [event async for event in run(self, args, kwargs)]
                return produced[0] if produced else None

        setattr(guarded, GUARD, action or "anything shown")
        return typing.cast("Method", rx.event(guarded, **options))  # pyright: ignore[reportCallIssue]

    return declare


async def _events(outcome: Any) -> AsyncIterator[Any]:
    """The events that a method of any kind produced; None is none."""
    if inspect.isasyncgen(outcome):
        async for event in outcome:
            yield event
    elif inspect.isgenerator(outcome):
        for event in outcome:
            yield event
    else:
        event = await outcome if isinstance(outcome, Awaitable) else outcome
        if event is not None:
            yield event


def _argument_check(method: Callable[..., Any]) -> Callable[..., Mapping[str, Any]]:
    """A function that binds and checks a call's arguments. Raises TypeError for a method without type hints."""
    signature = inspect.signature(method)
    names = list(signature.parameters)[1:]
    adapters: dict[str, pydantic.TypeAdapter[Any]] = {}

    def resolve() -> None:
        hints = typing.get_type_hints(method)
        adapters.update({name: pydantic.TypeAdapter(hints[name]) for name in names})

    def check(state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, Any]:
        if len(adapters) != len(names):
            resolve()
        try:
            given = dict(list(signature.bind(state, *args, **kwargs).arguments.items())[1:])
            return {name: adapters[name].validate_python(value, strict=True) for name, value in given.items()}
        except (TypeError, pydantic.ValidationError) as error:
            raise ValidationError("The browser sent arguments that this action does not take. Reload the page and try again.") from error

    missing = [name for name in names if signature.parameters[name].annotation is inspect.Parameter.empty]
    if missing:
        raise TypeError(f"{method.__qualname__} needs a type hint for {', '.join(missing)}")
    return check


async def _tell(state: Any, failure: Failure, shows: str) -> None:
    async with writing(state):
        if shows:
            setattr(state, shows, failure)
        else:
            await _show(state, Notice(secrets.token_hex(4), FAILURE, failure.title, failure.message, failure.reference))


async def _clear(state: Any, shows: str) -> None:
    if getattr(state, shows).happened:
        async with writing(state):
            setattr(state, shows, Failure())


@contextlib.asynccontextmanager
async def writing(state: Any) -> AsyncIterator[None]:
    """Make ``state`` writable for the block: a background handler must hold the tab's lock for it, any other holds it already."""
    if isinstance(state, StateProxy) and not state._is_mutable():  # noqa: SLF001 - Reflex has no public way to ask
        async with state:
            yield
    else:
        yield


class NoticeState(rx.State):
    """The messages over the page, newest last."""

    notices: list[Notice] = []

    def _add(self, notice: Notice) -> None:
        self.notices = [*self.notices[1 - MAX_NOTICES :], notice]

    @handler(None, "dismiss the message")
    def dismiss(self, notice_id: str) -> None:
        """Take one message away."""
        self.notices = [notice for notice in self.notices if notice.id != notice_id]


async def notify(state: Any, title: str, message: str = "", **link: str) -> None:
    """Show a message of success over the page. ``link`` may hold ``href`` and ``action``, the words of the link."""
    await _show(state, Notice(secrets.token_hex(4), SUCCESS, title, message, **link))


async def _show(state: Any, notice: Notice) -> None:
    async with writing(state):
        (await state.get_state(NoticeState))._add(notice)


# What Reflex itself needs of a browser. Everything else without our guard is dropped, Reflex's ``setvar`` and ``update_vars_internal`` included.
FRAMEWORK_HANDLERS = frozenset({"hydrate", "hydrate_and_load", "on_load_internal", "set_is_hydrated", "handle_frontend_exception"})


def unguarded(name: str) -> bool:
    """Whether the handler registered as ``name`` has neither our guard nor a place among those that Reflex needs."""
    registered = RegistrationContext.get().event_handlers.get(name)
    if registered is None:
        return True
    state, _, method = name.rpartition(".")
    framework = method in FRAMEWORK_HANDLERS and state.rpartition(".")[2].startswith("reflex___state____")
    return not framework and not hasattr(registered.handler.fn, GUARD)


class RefuseUnguarded(Middleware):
    """Drops events whose handler is not guarded, before they reach it."""

    async def preprocess(self, app: rx.App, state: rx.State, event: Event) -> StateUpdate | None:
        """An empty update instead of the handler's, when there is no guard."""
        if not unguarded(event.name):
            return None
        logger.warning("refused the event %.200r: its handler has no guard", event.name)
        return StateUpdate()
