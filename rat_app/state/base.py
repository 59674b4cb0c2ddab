"""What every page state shares: the guard around event handlers, the actor, failures and notices.

Any client can call any handler with any arguments, without ever opening the page. So no handler exists without ``@handler``
(a test lists them, ``RefuseUnguarded`` drops the rest), arguments are checked strictly, and whatever goes wrong is said.
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
from typing import Any, TypeVarTuple

import pydantic
import reflex as rx
from reflex.event import Event, EventCallback
from reflex.istate.proxy import StateProxy
from reflex.middleware.middleware import Middleware
from reflex.state import StateUpdate
from reflex_base.registry import RegistrationContext

from rat_app.state.live import Visit
from rat_engine import LOCAL_USER, Action, Actor, ErrorKind, RatError

GUARD = "__rat_guard__"
DOES = "__rat_does__"
MAX_NOTICES = 5
SUCCESS, FAILURE = "success", "failure"

logger = logging.getLogger(__name__)

Arguments = TypeVarTuple("Arguments")


class BadArgumentsError(RatError):
    """A browser called an event handler with arguments that it does not take."""

    code = "bad_arguments"
    kind = ErrorKind.VALIDATION


@dataclass(frozen=True)
class Failure:
    """What a person is told when something failed: ``title`` says what, ``message`` where, why and what to do. Empty: nothing failed."""

    title: str = ""
    message: str = ""
    code: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Notice:
    """A short message over the page; ``action`` are the words of a link to ``href``, ``undo`` those of a button. A failure stays until dismissed."""

    id: str
    tone: str
    title: str
    message: str = ""
    reference: str = ""
    href: str = ""
    action: str = ""
    undo: str = ""


def actor_of(_state: rx.State) -> Actor:
    """Whoever acts in this tab. There are no accounts yet: everybody who reaches this machine's loopback address is its user."""
    return LOCAL_USER


def handler(
    action: Action | None, doing: str = "do that", *, does: str = "", shows: str = "", follows: bool = False, **options: Any
) -> Callable[[Callable[[Any, *Arguments], Any]], EventCallback[*Arguments]]:
    """Declare an event handler and guard it.

    ``action`` is what the handler asks the engine for (None: nothing, it only changes what is shown), ``does`` the entry of the registry of
    actions (``rat_engine.shapes.actions``) that says how the same is done elsewhere. ``doing`` completes "Could not …".
    ``shows`` names a ``Failure`` variable of the state, where a failure is shown in place; without it a failure becomes a notice.
    The next call takes the failure away when it begins. ``follows`` declares a background handler that follows ``changes``: after a failure
    that may pass it begins anew by itself. ``options`` are those of ``rx.event`` (background, debounce, …).

    The method may be plain, a coroutine, a generator or an asynchronous generator; arguments need type hints and are checked strictly.
    """

    def declare(method: Callable[[Any, *Arguments], Any]) -> EventCallback[*Arguments]:
        guarded: Any = _guarded(method, _Guard(method, doing, shows, follows, _argument_check(method)))
        setattr(guarded, GUARD, action.value if action else "shown")
        setattr(guarded, DOES, does)
        mark: Any = rx.event(**({"background": True} if follows else {}), **options)
        return mark(guarded)

    return declare


@dataclass(frozen=True, slots=True)
class _Guard:
    """A handler's method with its arguments checked and whatever it raises told to the person."""

    method: Callable[..., Any]
    doing: str
    shows: str
    follows: bool
    check: Callable[..., Mapping[str, Any]]

    async def run(self, state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """The events that the method produces, through all its beginnings."""
        visit = Visit.of(state) if self.follows else None
        while True:
            try:
                async for event in self._once(state, args, kwargs):
                    yield event
                return
            except Exception as error:  # noqa: BLE001 - one of the four places that catch everything
                await _tell(state, explain(error, self.doing), self.shows)
                passing = _may_pass(error)
            # Only here: as long as the error is handled, it holds the following that has failed.
            if visit is None or not passing or not await visit.lasts():
                return

    async def _once(self, state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        if self.shows and getattr(state, self.shows).title:
            await _assign(state, self.shows, Failure())
        async for event in _events(self.method(state, **self.check(state, args, kwargs))):
            yield event


def _guarded(method: Callable[..., Any], guard: _Guard) -> Callable[..., Any]:
    @functools.wraps(method)
    async def several(self: Any, /, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async for event in guard.run(self, args, kwargs):
            yield event

    @functools.wraps(method)
    async def once(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        produced = [event async for event in guard.run(self, args, kwargs)]
        return produced[0] if produced else None

    return several if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method) else once


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
    if missing := [name for name in names if signature.parameters[name].annotation is inspect.Parameter.empty]:
        raise TypeError(f"{method.__qualname__} needs a type hint for {', '.join(missing)}")

    @functools.cache
    def adapters() -> Mapping[str, pydantic.TypeAdapter[Any]]:
        hints = typing.get_type_hints(method)
        return {name: pydantic.TypeAdapter(hints[name]) for name in names}

    def check(state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, Any]:
        try:
            _, *given = signature.bind(state, *args, **kwargs).arguments.items()
            return {name: adapters()[name].validate_python(value, strict=True) for name, value in given}
        except (TypeError, pydantic.ValidationError) as error:
            logger.warning("%s was called with arguments that it does not take (%s)", method.__qualname__, type(error).__name__)
            raise BadArgumentsError("The browser sent something that this action does not take. Reload the page and try again.") from None

    return check


def _may_pass(error: Exception) -> bool:
    """Whether what failed may succeed later although nobody changes anything."""
    return not isinstance(error, RatError) or error.kind in (ErrorKind.UNAVAILABLE, ErrorKind.INTERNAL)


def explain(error: Exception, doing: str) -> Failure:
    """``error`` in words for its reader; ``doing`` completes the sentence "Could not …". An unexpected one is logged under its reference."""
    title = f"Could not {doing}"
    if isinstance(error, RatError):
        logger.warning("%s: %s: %s", title, error.code, error.message)
        return Failure(title, error.message, error.code)
    reference = secrets.token_hex(4)
    logger.error("%s (reference %s)", title, reference, exc_info=error)
    return Failure(title, f"This is a fault in RAT itself. The server's log has the details under reference {reference}.", "internal", reference)


@contextlib.asynccontextmanager
async def writing(state: Any) -> AsyncIterator[None]:
    """Make ``state`` writable for the block: a background handler must take the tab's lock for it, any other holds it already."""
    if isinstance(state, StateProxy) and not state._is_mutable():  # noqa: SLF001 - Reflex has no public way to ask
        async with state:
            yield
    else:
        yield


async def _assign(state: Any, name: str, value: Any) -> None:
    async with writing(state):
        setattr(state, name, value)


async def _tell(state: Any, failure: Failure, shows: str) -> None:
    if shows:
        await _assign(state, shows, failure)
    else:
        await _show(state, Notice(secrets.token_hex(4), FAILURE, failure.title, failure.message, failure.reference))


async def notify(state: Any, title: str, message: str = "", *, undo: Any = None, **link: str) -> None:
    """Show a message of success over the page. ``link`` may hold ``href`` and ``action``, the words of the link.

    ``undo`` is the event that takes back what was done (``PipelineState.restore(name)``): the message then has a button for it. The event
    stays on the server until the button is pressed, and its handler is guarded like any other. ``words`` among ``link`` name the button.
    """
    words = link.pop("words", "Undo") if undo is not None else ""
    await _show(state, Notice(secrets.token_hex(4), SUCCESS, title, message, undo=words, **link), undo)


async def _show(state: Any, notice: Notice, undo: Any = None) -> None:
    async with writing(state):
        shown = await state.get_state(NoticeState)
        shown._keep([*shown.notices, notice][-MAX_NOTICES:], notice.id, undo)  # noqa: SLF001 - a public method of a state could be called by every browser


class NoticeState(rx.State):
    """The messages over the page, newest last."""

    notices: rx.Field[list[Notice]] = rx.field(default_factory=list)
    _undos: Mapping[str, Any] = {}

    @handler(None, "dismiss the message")
    def dismiss(self, notice_id: str) -> None:
        """Take one message away."""
        self._keep([notice for notice in self.notices if notice.id != notice_id])

    @handler(None, "undo it")
    def undo(self, notice_id: str) -> Any:
        """Carry out what the message's button offers, once, and take the message away."""
        event = self._undos.get(notice_id)
        self._keep([notice for notice in self.notices if notice.id != notice_id])
        return event

    def _keep(self, notices: list[Notice], new: str = "", undo: Any = None) -> None:
        """Show ``notices``, and remember what their buttons do: those kept, and ``undo`` for the ``new`` one."""
        known = {**self._undos, new: undo}
        self.notices = notices
        self._undos = {notice.id: known[notice.id] for notice in notices if known.get(notice.id) is not None}


# What Reflex itself needs of a browser. Whatever else has no guard is dropped, Reflex's ``setvar`` and ``update_vars_internal`` included.
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

    async def preprocess(self, app: rx.App, state: rx.State, event: Event) -> StateUpdate | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """An empty update instead of the handler's, when there is no guard."""
        if not unguarded(event.name):
            return None
        logger.warning("refused the event %.200r: its handler has no guard", event.name)
        return StateUpdate()


def report_browser_fault(exception: Exception) -> None:
    """Write a fault that a browser reported into the server's log."""
    logger.error("a browser reported: %.4000s", exception)


def report_server_fault(exception: Exception) -> None:
    """Write a fault outside every guarded handler into the server's log."""
    logger.error("the portal failed outside a handler", exc_info=exception)
