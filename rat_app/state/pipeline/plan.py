"""The plan of the next run, beside the editor."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from rat_app import routes
from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes
from rat_app.state.visit import visit_table
from rat_engine import Action, NextRun, PlannedTable, TableName

MAX_SHOWN = 100


@dataclass(frozen=True)
class ReadView:
    """Something that a run reads, or somebody who reads its table: its name as it is written in the namespace, and where it is."""

    name: str
    href: str = ""
    rows: int = 0
    size: int = 0
    snapshot: str = ""
    files: int = 0


@dataclass(frozen=True)
class TestView:
    """A quality test that decides about the publish."""

    __test__ = False

    name: str
    severity: str
    description: str


@dataclass(frozen=True)
class PlanView:
    """What the next run would do."""

    what: str = ""
    strategy: str = ""
    incremental: bool = False
    rows: int = 0
    published: bool = False
    tables: tuple[ReadView, ...] = ()
    zones: tuple[ReadView, ...] = ()
    tests: tuple[TestView, ...] = ()
    readers: tuple[ReadView, ...] = ()
    obstacles: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: NextRun) -> PlanView:
        """What is shown of ``plan``."""
        home = plan.table.namespace
        tables = tuple(_read(each, home) for each in plan.tables)
        return cls(
            what="the draft" if plan.version is None else f"version {plan.version}",
            strategy=plan.strategy,
            incremental=plan.incremental,
            rows=plan.target.row_count,
            published=plan.target.snapshot_id is not None,
            tables=tables[:MAX_SHOWN],
            zones=tuple(ReadView(each.zone.name, size=each.total_bytes, files=each.file_count) for each in plan.zones),
            tests=tuple(TestView(test.name, test.severity.value, test.description) for test in plan.tests)[:MAX_SHOWN],
            readers=tuple(ReadView(_short(str(name), home), _page(str(name))) for name in plan.read_by)[:MAX_SHOWN],
            obstacles=plan.obstacles[:20],
        )


class PlanState(rx.State):
    """The plan of the pipeline that is open."""

    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    draft: rx.Field[bool] = rx.field(default=False)
    plan: rx.Field[PlanView] = rx.field(default_factory=PlanView)

    @handler(Action.PIPELINE_READ, "plan the next run", does="authoring.plan", shows="failure", follows=True)
    async def follow(self) -> None:
        """Plan the next run, and again whenever something changes that it depends on."""
        path, table = await visit_table(self)
        async for _ in changes(self, about("pipeline.", "table.", "landing."), at=path):
            plan = await call(engine().authoring.plan, actor_of(self), table, None, self.draft)
            async with self:
                self.plan = PlanView.of(plan)

    @handler(Action.PIPELINE_READ, "plan the next run", does="authoring.plan", shows="failure")
    async def choose(self, draft: bool) -> None:
        """Plan a run of the draft, or of the released version."""
        self.draft = draft
        self.plan = PlanView.of(await call(engine().authoring.plan, actor_of(self), TableName.parse(self.name), None, draft))


def _read(table: PlannedTable, namespace: str) -> ReadView:
    name = str(table.table)
    return ReadView(_short(name, namespace), _page(name), table.row_count, table.size_bytes, str(table.snapshot_id or ""))


def _short(name: str, namespace: str) -> str:
    return name.removeprefix(f"{namespace}.")


def _page(name: str) -> str:
    return routes.pipeline(*name.split("."))
