"""What a pipeline's overview shows beside its runs: its table, what is written about it, its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_app.state.prose import from_markdown
from rat_app.state.visit import visit_table
from rat_engine import Action, Actor, NotFoundError, TableName, TestOutcome

OVERVIEW_CHANGES = about("pipeline.", "table.published", "run.finished")
MAX_TESTS = 200


@dataclass(frozen=True)
class TestMark:
    """What a test found in the last run that carried it out."""

    __test__ = False

    name: str
    status: str
    violations: int
    run: str


@dataclass(frozen=True)
class TableFacts:
    """The published table; ``published_at`` is empty before the first publish."""

    published_at: str = ""
    run: str = ""
    size_bytes: int | None = None
    files: int | None = None
    query: str = ""


class OverviewState(rx.State):
    """The pipeline whose overview is open."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    facts: rx.Field[TableFacts] = rx.field(default_factory=TableFacts)
    prose: rx.Field[list[Any]] = rx.field(default_factory=list)
    tags: rx.Field[list[str]] = rx.field(default_factory=list)
    strategy: rx.Field[str] = rx.field(default="")
    tests: rx.Field[list[TestMark]] = rx.field(default_factory=list)

    @handler(Action.PIPELINE_READ, "read the overview", does="pipelines.get", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read it, and again whenever a pipeline changes or a run ends."""
        path, table = await visit_table(self)
        async for _ in changes(self, OVERVIEW_CHANGES, at=path):
            actor = actor_of(self)
            compiled = await call(engine().pipelines.compile, actor, table)
            outcomes = await call(engine().quality.history, actor, table, 1)
            facts = await _facts(actor, table)
            written = from_markdown(compiled.docs.description or compiled.config.description)
            async with self:
                self.facts, self.tests, self.loaded = facts, [_mark(each) for each in outcomes[:MAX_TESTS]], True
                self.prose, self.tags, self.strategy = written, list(compiled.config.tags), compiled.config.merge_strategy.value.replace("_", " ")


async def _facts(actor: Actor, name: TableName) -> TableFacts:
    try:
        table = await call(engine().tables.get, actor, name)
    except NotFoundError:
        return TableFacts()
    query = routes.query(sql=f"select * from {name} limit 100")
    return TableFacts(str(table.published_at), table.published_by_run, table.size_bytes, table.file_count, query)


def _mark(outcome: TestOutcome) -> TestMark:
    return TestMark(outcome.name, outcome.status.value, outcome.violations, outcome.run_id)
