"""What the frame around every page shows: whether the engine answers, and how much waits."""

from __future__ import annotations

import reflex as rx

from rat_app.engine import TICK, call, engine
from rat_app.state.base import actor_of, handler, logger
from rat_app.state.live import about, changes
from rat_engine import Action


class ShellState(rx.State):
    """The health line."""

    ok: rx.Field[bool] = rx.field(default=True)
    problem: rx.Field[str] = rx.field(default="")
    queued: rx.Field[int] = rx.field(default=0)

    @handler(Action.SYSTEM_READ, "ask the engine how it is", does="health.ready", background=True)
    async def follow(self) -> None:
        """Keep the health line true: after every change of a run, and at every tick."""
        async for _ in changes(self, about("run."), (TICK,)):
            actor = actor_of(self)
            ready = await call(engine().health.ready, actor)
            summary = await call(engine().runs.summary, actor)
            problem = next((check.detail for check in ready.checks if check.status == "fail"), "")
            if (ready.ok, problem, summary.pending) != (self.ok, self.problem, self.queued):
                async with self:
                    self.ok, self.problem, self.queued = ready.ok, problem, summary.pending

    @handler(None, "report the fault")
    def report(self, fault: str) -> None:
        """Write a fault that the browser met while drawing into the server's log."""
        logger.error("the browser could not draw a part of %s: %.4000s", self.router.url.path, fault)
