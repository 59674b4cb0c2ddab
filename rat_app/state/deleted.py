"""The pipelines that were deleted and can still be had back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_engine import Action, DeletedPipeline


@dataclass(frozen=True)
class DeletedView:
    """A deleted pipeline; ``latest`` is False for one whose name was given to another that was deleted later: that one comes back first."""

    id: str
    name: str
    description: str
    deleted: datetime
    by: str
    until: datetime
    latest: bool


class DeletedState(rx.State):
    """What was deleted within the last 24 hours, the last one first."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    pipelines: rx.Field[list[DeletedView]] = rx.field(default_factory=list)

    @handler(Action.PIPELINE_READ, "list the deleted pipelines", does="lifecycle.deleted", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read them, and again whenever a pipeline changes."""
        path = self.router.url.path
        async for _ in changes(self, about("pipeline."), at=path):
            found = await call(engine().lifecycle.deleted, actor_of(self))
            async with self:
                self.pipelines, self.loaded = views_of(found), True


def views_of(found: Sequence[DeletedPipeline]) -> list[DeletedView]:
    """The deleted pipelines as the page shows them."""
    seen: set[Any] = set()
    views: list[DeletedView] = []
    for each in found:
        ends = (each.deleted_at, each.deleted_by, each.restorable_until)
        views.append(DeletedView(f"{each.table} {each.deleted_at}", str(each.table), each.description, *ends, each.table not in seen))
        seen.add(each.table)
    return views
