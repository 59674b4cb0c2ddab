"""What the engine's worker processes do, followed as it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from rat_app import routes
from rat_app.engine import TICK, call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import changes
from rat_engine import Action, LaneStaff, Worker

# The topic by which the engine says that one of them does something else.
WORKERS = "workers"


@dataclass(frozen=True)
class WorkerRow:
    """A worker as its line shows it; ``address`` is where its run is, empty for other work."""

    pid: int
    lane: str
    state: str
    work: str
    address: str
    since: datetime
    memory: int

    @classmethod
    def of(cls, lane: LaneStaff, worker: Worker) -> WorkerRow:
        """The line of a worker."""
        work = f"{worker.kind.value} {worker.table or worker.subject}" if worker.kind else ""
        address = routes.run(worker.subject) if worker.table else ""
        return cls(worker.pid, lane.lane.value, worker.state.value, work, address, worker.since, worker.memory_bytes)


@dataclass(frozen=True)
class LaneFact:
    """A lane and how many of its workers are busy, of how many at most."""

    lane: str
    busy: int
    most: int


class WorkersState(rx.State):
    """Lanes and workers as they are."""

    workers: rx.Field[list[WorkerRow]] = rx.field(default_factory=list)
    lanes: rx.Field[list[LaneFact]] = rx.field(default_factory=list)
    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)

    @handler(Action.SYSTEM_READ, "show the workers", does="health.workers", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read them again whenever the engine says that one changed, and at every tick: a dead engine says nothing."""
        path = self.router.url.path
        async for _ in changes(self, lambda _: False, (WORKERS, TICK), at=path):
            lanes = await call(engine().health.workers, actor_of(self))
            async with self:
                self.workers = [WorkerRow.of(lane, worker) for lane in lanes for worker in lane.workers]
                self.lanes = [LaneFact(lane.lane.value, sum(worker.kind is not None for worker in lane.workers), lane.most) for lane in lanes]
                self.loaded = True
