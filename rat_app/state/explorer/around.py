"""What stands around the table whose page is open: what it is made from, what is made from it, and what its tests found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_app.state.visit import visit_table
from rat_engine import Action, Neighbour, NotFoundError, TestState

MAX_SHOWN = 200


@dataclass(frozen=True)
class NeighbourView:
    """A table or landing zone beside the table; ``address`` is empty for what has no page."""

    kind: str
    layer: str
    full_name: str
    description: str
    rows: int | None
    published: datetime | None
    address: str


@dataclass(frozen=True)
class TestRow:
    """A test of the table's pipeline with what its last run found; ``status`` is empty before the first."""

    __test__ = False

    name: str
    severity: str
    description: str
    status: str
    violations: int
    at: datetime | None
    run: str


class TableLineageState(rx.State):
    """The neighbours of the table."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    upstream: rx.Field[list[NeighbourView]] = rx.field(default_factory=list)
    downstream: rx.Field[list[NeighbourView]] = rx.field(default_factory=list)
    address: rx.Field[str] = rx.field(default="")

    @handler(Action.TABLE_READ, "read the lineage", does="tables.neighbours", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the neighbours, and again whenever a pipeline is released or a table published."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("pipeline.", "table."), at=path):
            found = await call(engine().tables.neighbours, actor_of(self), table)
            async with self:
                self.upstream, self.downstream = (
                    [_neighbour(item) for item in found.upstream[:MAX_SHOWN]],
                    [_neighbour(item) for item in found.downstream[:MAX_SHOWN]],
                )
                self.address, self.loaded = routes.lineage(focus=str(table)), True


class TableQualityState(rx.State):
    """The tests of the pipeline that fills the table. ``pipeline`` is the address of their page; empty where there is no pipeline."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    tests: rx.Field[list[TestRow]] = rx.field(default_factory=list)
    pipeline: rx.Field[str] = rx.field(default="")

    @handler(Action.PIPELINE_READ, "read the tests", does="quality.tests", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the tests, and again whenever a run ends or the draft is saved."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("pipeline.", "run.finished"), at=path):
            try:
                tests = await call(engine().quality.tests, actor_of(self), table)
                address = routes.pipeline(table.namespace, table.layer.value, table.name, "quality")
            except NotFoundError:
                tests, address = (), ""
            async with self:
                self.tests, self.pipeline, self.loaded = [_test(state) for state in tests[:MAX_SHOWN]], address, True


def _neighbour(found: Neighbour) -> NeighbourView:
    full_name = ".".join(filter(None, (found.namespace, found.layer, found.name)))
    address = ""
    if found.kind == "table":
        published = found.published_at is not None
        address = routes.table(found.namespace, found.layer, found.name) if published else routes.pipeline(found.namespace, found.layer, found.name)
    description = found.description.strip().partition("\n")[0][:200]
    return NeighbourView(found.kind, found.layer, full_name, description, found.row_count, found.published_at, address)


def _test(state: TestState) -> TestRow:
    test, last = state.test, state.last
    facts = (test.name, test.severity.value, test.description[:300])
    if last is None:
        return TestRow(*facts, "", 0, None, "")
    status = "warn" if last.status.value == "fail" and last.severity.value == "warn" else last.status.value
    return TestRow(*facts, status, last.violations, last.at, routes.run(last.run_id))
