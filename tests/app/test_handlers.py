"""No event handler without its guard; arguments are checked; whatever goes wrong is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
import reflex as rx
from reflex_base.registry import RegistrationContext

from rat_app.engine import Portal
from rat_app.rat_app import app
from rat_app.state import live
from rat_app.state.base import Failure, NoticeState, RefuseUnguarded, handler, notify, unguarded
from rat_app.state.live import about, changes
from rat_engine import LOCAL_USER, Action, ErrorKind, RatError, restore
from tests.app.tab import Tab

# Reflex's own, which no page calls and ``RefuseUnguarded`` drops.
REFUSED = ("setvar", "update_vars_internal")


class TeapotError(RatError):
    """A refusal on purpose."""

    code = "teapot"
    kind = ErrorKind.CONFLICT


@dataclass
class Point:
    """A structured argument."""

    x: int
    y: int


class TrialState(rx.State):
    """Handlers of every kind."""

    seen: rx.Field[list[Any]] = rx.field(default_factory=list)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(None, "take a value")
    def take(self, number: int, text: str = "", choice: Literal["a", "b"] = "a") -> None:
        self.seen = [*self.seen, (number, text, choice)]

    @handler(None, "take a point")
    def take_point(self, point: Point) -> None:
        self.seen = [point.x, point.y]

    @handler(None, "take names")
    async def take_names(self, names: dict[str, list[str]]) -> None:
        self.seen = [names]

    @handler(Action.RUN_READ, "pour the tea")
    async def refuse(self) -> None:
        raise TeapotError("This is a teapot. Use the kettle.")

    @handler(Action.RUN_READ, "pour the tea", shows="failure")
    async def refuse_in_place(self, wrong: bool = True) -> None:
        if wrong:
            raise TeapotError("This is a teapot. Use the kettle.")

    @handler(Action.RUN_READ, "break")
    def break_down(self) -> None:
        raise ZeroDivisionError("the secret is /etc/passwd")

    @handler(None, "count")
    def count(self) -> Iterator[None]:
        self.seen = [1]
        yield
        self.seen = [1, 2]

    @handler(None, "count")
    async def count_and_refuse(self) -> AsyncIterator[None]:
        self.seen = [1]
        yield
        raise TeapotError("This is a teapot.")

    @handler(None, "work", background=True)
    async def work(self) -> None:
        async with self:
            self.seen = ["worked"]
        await notify(self, "Done", href="/runs", action="See it")

    @handler(None, "work", background=True)
    async def work_and_refuse(self) -> None:
        async with self:
            self.seen = ["worked"]
        raise TeapotError("This is a teapot.")

    @handler(None, "work", shows="failure", background=True)
    async def work_and_refuse_inside(self) -> None:
        async with self:
            raise TeapotError("This is a teapot.")

    @handler(None, "listen", shows="failure", follows=True)
    async def listen(self, fails: list[str]) -> None:
        async for _ in changes(self, about("namespace.")):
            async with self:
                self.seen = [*self.seen, self.failure.code]
                wrong = fails[len(self.seen) - 1 : len(self.seen)]
            if wrong:
                raise restore(wrong[0], "This time not.")

    @handler(None, "remove it")
    async def remove(self, name: str) -> None:
        self.seen = []
        await notify(self, f"Removed {name}", undo=TrialState.put_back(name))

    @handler(Action.RUN_READ, "put it back")
    def put_back(self, name: str) -> None:
        self.seen = [name]

    @handler(None, "go")
    def go(self) -> Any:
        return rx.redirect("/runs")

    @rx.event
    def forgotten(self) -> None:
        self.seen = ["forgotten"]


FORGOTTEN = f"{TrialState.get_full_name()}.forgotten"


def test_every_event_handler_is_guarded() -> None:
    """A handler that anyone may call, without arguments checked or failures told, must not exist."""
    names = [name for name in RegistrationContext.get().event_handlers if not name.startswith(TrialState.get_full_name())]
    assert len(names) > 20
    assert [name for name in names if unguarded(name) and not name.endswith(REFUSED)] == []


def test_a_handler_without_guard_is_found() -> None:
    assert unguarded(FORGOTTEN)
    assert unguarded("no.such.handler")


def test_the_app_drops_events_without_guard() -> None:
    assert any(isinstance(each, RefuseUnguarded) for each in app._middlewares)


async def test_an_event_for_a_handler_without_guard_changes_nothing(tab: Tab) -> None:
    await tab.send(FORGOTTEN)
    await tab.send(f"{TrialState.get_full_name()}.setvar", var_name="seen", value=["set"])
    await tab.send(
        "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal", vars={f"{TrialState.get_full_name()}.seen": ["x"]}
    )
    assert (await tab.state(TrialState)).seen == []


async def test_arguments_of_the_declared_types_are_taken(tab: Tab) -> None:
    await tab.send(TrialState.take, number=1, text="x", choice="b")
    await tab.send(TrialState.take, number=2)
    assert (await tab.state(TrialState)).seen == [(1, "x", "b"), (2, "", "a")]
    await tab.send(TrialState.take_point, point={"x": 1, "y": 2})
    assert (await tab.state(TrialState)).seen == [1, 2]
    await tab.send(TrialState.take_names, names={"a": ["b"]})
    assert (await tab.state(TrialState)).seen == [{"a": ["b"]}]
    assert await tab.failures() == []


WRONG: list[dict[str, Any]] = [
    {},
    {"number": "one"},
    {"number": 1.5},
    {"number": True},
    {"number": None},
    {"number": [1]},
    {"number": {}},
    {"number": 1, "text": 5},
    {"number": 1, "choice": "c"},
    {"number": 1, "more": 1},
    {"number": 1, "self": 1},
]


@pytest.mark.parametrize("payload", WRONG, ids=str)
async def test_arguments_of_other_types_are_refused_and_said(tab: Tab, payload: dict[str, Any]) -> None:
    await tab.send(TrialState.take, **payload)
    assert (await tab.state(TrialState)).seen == []
    assert await tab.failures() == ["Could not take a value"]


@pytest.mark.parametrize("names", [{"a": "b"}, {"a": [1]}, ["a"], "a"], ids=str)
async def test_nested_arguments_are_checked_too(tab: Tab, names: Any) -> None:
    await tab.send(TrialState.take_names, names=names)
    assert (await tab.state(TrialState)).seen == []
    assert await tab.failures() == ["Could not take names"]


async def test_a_refusal_becomes_a_message_that_says_what_and_why(tab: Tab) -> None:
    """P6-22."""
    await tab.send(TrialState.refuse)
    (notice,) = (await tab.state(NoticeState)).notices
    assert (notice.title, notice.message, notice.tone) == ("Could not pour the tea", "This is a teapot. Use the kettle.", "failure")


async def test_a_refusal_can_be_shown_in_place_and_leaves_with_the_next_success(tab: Tab) -> None:
    """P3-04."""
    await tab.send(TrialState.refuse_in_place)
    assert (await tab.state(TrialState)).failure == Failure("Could not pour the tea", "This is a teapot. Use the kettle.", "teapot")
    assert await tab.failures() == []
    await tab.send(TrialState.refuse_in_place, wrong=False)
    assert (await tab.state(TrialState)).failure == Failure()


async def test_an_unexpected_error_is_logged_under_a_reference_and_tells_nothing_of_the_inside(tab: Tab, caplog: pytest.LogCaptureFixture) -> None:
    """P6-22, P10-130."""
    with caplog.at_level(logging.ERROR):
        await tab.send(TrialState.break_down)
    (notice,) = (await tab.state(NoticeState)).notices
    assert "passwd" not in notice.message
    assert notice.reference in notice.message
    assert notice.reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_generators_show_each_step_and_tell_what_stops_them(tab: Tab) -> None:
    await tab.send(TrialState.count)
    key = TrialState.get_full_name()
    steps = [delta[key]["seen_rx_state_"] for delta in tab.deltas if "seen_rx_state_" in delta.get(key, {})]
    assert steps[-2:] == [[1], [1, 2]]
    await tab.send(TrialState.count_and_refuse)
    assert (await tab.state(TrialState)).seen == [1]
    assert await tab.failures() == ["Could not count"]


async def test_background_handlers_notify_and_tell_what_stops_them(tab: Tab) -> None:
    await tab.send(TrialState.work)
    (notice,) = (await tab.state(NoticeState)).notices
    assert (notice.tone, notice.title, notice.href) == ("success", "Done", "/runs")
    await tab.send(TrialState.work_and_refuse)
    assert await tab.failures() == ["Could not work"]
    await tab.send(TrialState.work_and_refuse_inside)
    assert (await tab.state(TrialState)).failure.code == "teapot"


async def test_a_handler_may_send_the_tab_elsewhere(tab: Tab) -> None:
    await tab.send(TrialState.go)
    assert tab.redirects() == ["/runs"]


async def test_a_message_can_undo_what_it_tells_of_once(tab: Tab) -> None:
    await tab.send(TrialState.remove, name="orders")
    await tab.send(TrialState.remove, name="sales")
    first, second = (await tab.state(NoticeState)).notices
    assert (first.title, first.undo, second.undo) == ("Removed orders", "Undo", "Undo")
    await tab.send(NoticeState.undo, notice_id=first.id)
    assert (await tab.state(TrialState)).seen == ["orders"]
    await tab.send(TrialState.take, number=1)
    await tab.send(NoticeState.undo, notice_id=first.id)
    await tab.send(NoticeState.undo, notice_id="unknown")
    assert (await tab.state(TrialState)).seen == ["orders", (1, "", "a")]
    assert [notice.id for notice in (await tab.state(NoticeState)).notices] == [second.id]
    await tab.send(NoticeState.dismiss, notice_id=second.id)
    await tab.send(NoticeState.undo, notice_id=second.id)
    assert (await tab.state(TrialState)).seen == ["orders", (1, "", "a")]


async def test_messages_are_dismissed_one_by_one_and_never_pile_up(tab: Tab) -> None:
    for _ in range(8):
        await tab.send(TrialState.refuse)
    notices = (await tab.state(NoticeState)).notices
    assert len(notices) == 5
    await tab.send(NoticeState.dismiss, notice_id=notices[0].id)
    assert (await tab.state(NoticeState)).notices == notices[1:]


def test_a_handler_without_type_hints_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="value"):

        @handler(None)
        def untyped(self: Any, value) -> None:  # noqa: ANN001
            del value


async def test_two_tabs_do_not_share_what_they_show(tab: Tab, browser: Any) -> None:
    other = await browser.open()
    await asyncio.gather(tab.send(TrialState.take, number=1), other.send(TrialState.take, number=2))
    assert (await tab.state(TrialState)).seen == [(1, "", "a")]
    assert (await other.state(TrialState)).seen == [(2, "", "a")]


async def test_a_following_that_fails_begins_anew_as_long_as_its_page_is_open(tab: Tab, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """P10-75: what failed because the engine was busy is not over; what nobody but the person can change is."""
    monkeypatch.setattr(live, "AGAIN_SECONDS", 0.05)
    following = await tab.start(TrialState.listen, fails=["unavailable", "internal"])
    shown = await tab.wait_for(TrialState, lambda state: len(state.seen) == 3)
    assert (shown.seen, shown.failure) == (["", "", ""], Failure())
    await asyncio.to_thread(portal.engine.namespaces.create, LOCAL_USER, "shop")
    await tab.wait_for(TrialState, lambda state: len(state.seen) == 4)
    await tab.disconnect()
    following.cancel()


@pytest.mark.parametrize("leave", ["close", "go on"])
async def test_a_following_that_fails_ends_with_its_page(tab: Tab, monkeypatch: pytest.MonkeyPatch, leave: str) -> None:
    monkeypatch.setattr(live, "AGAIN_SECONDS", 0.05)
    following = await tab.start(TrialState.listen, fails=["unavailable"] * 100)
    await tab.wait_for(TrialState, lambda state: len(state.seen) == 2)
    if leave == "close":
        await tab.disconnect()
    else:
        tab.address = "/runs"
        await tab.send(TrialState.count)
    async with asyncio.timeout(30):
        await following.wait_all()


async def test_a_following_that_is_refused_for_good_says_so_once(tab: Tab) -> None:
    await tab.send(TrialState.listen, fails=["not_found"])
    shown = await tab.state(TrialState)
    assert (len(shown.seen), shown.failure.message) == (1, "This time not.")
    await tab.send(TrialState.listen, fails=["", "not_found"])
    assert (await tab.state(TrialState)).seen == ["", ""]
