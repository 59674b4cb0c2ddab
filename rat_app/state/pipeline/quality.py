"""A pipeline's quality tests: what the last runs found, and what they find in the published table now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import reflex as rx

from rat_app.engine import call, engine
from rat_app.state.base import Failure, actor_of, handler
from rat_app.state.live import about, changes, present
from rat_app.state.query.results import QueryView, finished
from rat_app.state.visit import visit_table
from rat_engine import Action, Actor, Query, TableName, TestOutcome, TestState


@dataclass(frozen=True)
class Bar:
    """One run in a test's history."""

    status: str
    words: str
    height: int


@dataclass(frozen=True)
class TestView:
    """A test as its card shows it; ``history`` reads from old to new."""

    __test__ = False

    name: str
    severity: str
    description: str
    remediation: str
    sql: str
    problem: str
    status: str
    violations: int
    at: str
    run_id: str
    history: tuple[Bar, ...]
    told: str


class QualityState(rx.State):
    """The tests of the pipeline whose page is open. ``now`` holds, by test, the query that looked for bad rows just now."""

    loaded: rx.Field[bool] = rx.field(default=False)
    failure: rx.Field[Failure] = rx.field(default_factory=Failure)
    refusal: rx.Field[Failure] = rx.field(default_factory=Failure)
    name: rx.Field[str] = rx.field(default="")
    tests: rx.Field[list[TestView]] = rx.field(default_factory=list)
    now: rx.Field[dict[str, QueryView]] = rx.field(default_factory=dict)
    busy: rx.Field[list[str]] = rx.field(default_factory=list)
    shown: rx.Field[str] = rx.field(default="")

    @handler(Action.PIPELINE_READ, "read the tests", does="quality.tests", shows="failure", follows=True)
    async def follow(self) -> None:
        """Read the tests, and again whenever the draft is saved or a run ends."""
        path, table = await visit_table(self, refusal=Failure())
        async for _ in changes(self, about("pipeline.", "run.finished"), at=path):
            found = await call(engine().quality.tests, actor_of(self), table)
            async with self:
                self.tests, self.loaded = [_view(state) for state in found], True

    @handler(Action.QUERY, "run the tests", does="quality.run", shows="refusal", background=True)
    async def run(self, names: list[str]) -> None:
        """Look for bad rows in the published table, for the tests of ``names`` or all.

        It is stopped when the person closes the tab or goes to other pages than this pipeline's.
        """
        actor, place = actor_of(self), _pipeline_at(self.router.url.path)
        async with self:
            table = TableName.parse(self.name)
            self.busy = names or [test.name for test in self.tests]
        try:
            asked = await call(engine().quality.run, actor, table, names)
            await asyncio.gather(*(self._ended(actor, test.name, query, place) for test, query in asked))
        finally:
            async with self:
                self.busy = []

    async def _ended(self, actor: Actor, name: str, query: Query, place: str) -> None:
        view = QueryView.of(await finished(actor, query, lambda: not present(self) or _pipeline_at(self.router.url.path) != place))
        async with self:
            self.now = {**self.now, name: view}
            self.busy = [each for each in self.busy if each != name]

    @handler(None, "show the bad rows")
    def show(self, name: str) -> None:
        """Show the bad rows of a test, or hide them."""
        self.shown = "" if self.shown == name else name

    @handler(None, "show what went wrong")
    def cannot_read(self, message: str) -> None:
        """Say why a window of rows could not be read."""
        self.refusal = Failure("Could not read the rows", message[:1000])


def _pipeline_at(path: str) -> str:
    """The part of an address that all pages of one pipeline share."""
    return "/".join(path.split("/")[:5])


def _view(state: TestState) -> TestView:
    test, last, outcomes = state.test, state.last, tuple(reversed(state.history))
    most = max((outcome.violations for outcome in outcomes), default=0)
    passed = sum(outcome.status == "pass" for outcome in outcomes)
    return TestView(
        name=test.name,
        severity=test.severity.value,
        description=test.description,
        remediation=test.remediation,
        sql=state.compiled_sql,
        problem=state.problem,
        status=last.status.value if last else "",
        violations=last.violations if last else 0,
        at=str(last.at) if last else "",
        run_id=last.run_id if last else "",
        history=tuple(_bar(outcome, most) for outcome in outcomes),
        told=f"Passed in {passed} of the last {len(outcomes)} runs" if outcomes else "No run has carried it out yet",
    )


def _bar(outcome: TestOutcome, most: int) -> Bar:
    words = (
        "passed" if outcome.status == "pass" else f"{outcome.violations:,} bad row{'' if outcome.violations == 1 else 's'}" if outcome.violations else "error"
    )
    height = 4 if outcome.status == "pass" else max(8, round(24 * outcome.violations / most)) if most else 24
    return Bar(outcome.status.value, f"{outcome.at:%Y-%m-%d %H:%M} UTC: {words}", height)
