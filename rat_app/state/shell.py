"""What the frame around every page shows: whether the engine answers, and how much waits."""

from __future__ import annotations

import time

import reflex as rx

from rat_app.engine import TICK, call, engine
from rat_app.state.base import actor_of, handler, logger
from rat_app.state.live import about, changes
from rat_engine import Action, RatError

# Much less than the hour after which Reflex forgets a tab.
KEPT_SECONDS = 300.0


class ShellState(rx.State):
    """The health line."""

    ok: rx.Field[bool] = rx.field(default=True)
    problem: rx.Field[str] = rx.field(default="")
    queued: rx.Field[int] = rx.field(default=0)

    @handler(Action.SYSTEM_READ, "ask the engine how it is", does="health.ready", follows=True)
    async def follow(self) -> None:
        """Keep the health line true: after every change of a run, and at every tick. It is the last thing that may stop when all else fails."""
        kept = time.monotonic()
        async for _ in changes(self, about("run."), (TICK,)):
            health = await self._health()
            # Writing is also what keeps Reflex from forgetting an open tab in which nobody clicks: its forms and filters would go with it.
            if health != (self.ok, self.problem, self.queued) or time.monotonic() - kept > KEPT_SECONDS:
                async with self:
                    self.ok, self.problem, self.queued = health
                kept = time.monotonic()

    async def _health(self) -> tuple[bool, str, int]:
        actor = actor_of(self)
        try:
            ready = await call(engine().health.ready, actor)
            summary = await call(engine().runs.summary, actor)
        except RatError as error:
            return False, error.message, self.queued
        problem = next((check.detail for check in ready.checks if check.status == "fail"), "")
        return ready.ok, problem, summary.pending

    @handler(None, "report the fault")
    def report(self, fault: str) -> None:
        """Write a fault that the browser met while drawing into the server's log."""
        logger.error("the browser could not draw a part of %s: %.4000s", self.router.url.path, fault)
