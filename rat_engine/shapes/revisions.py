"""Shapes of how pipelines change: comparisons, settings, renames, quality tests."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rat_engine.domain import quality as domain_quality
from rat_engine.domain import revision as domain_revision
from rat_engine.domain.lake import Query
from rat_engine.domain.names import TableName
from rat_engine.domain.quality import Severity, TestStatus
from rat_engine.shapes.base import Id, LayerName, Moment, NamespaceName, Shape, TableSimpleName, Total
from rat_engine.shapes.pipelines import Pipeline

TestName = Annotated[str, Field(description="The test's name.", examples=["no_negative_distance"])]
Violations = Annotated[int, Field(description="How many bad rows it found.", examples=[0])]


class FileChange(Shape):
    """A file that differs."""

    path: str = Field(description="Its path within the pipeline.", examples=["pipeline.sql"])
    kind: str = Field(description="added, removed or changed.", examples=["changed"])
    diff: str = Field(description="The change as a unified diff.", examples=["@@ -1 +1 @@\n-select 1\n+select 2"])


class Comparison(Shape):
    """What differs between two states of a pipeline's files."""

    before: int | None = Field(description="A version's number; null is the draft.", examples=[2])
    after: int | None = Field(description="A version's number; null is the draft.", examples=[3])
    files: tuple[FileChange, ...] = Field(description="Every file that differs, by path.")
    total: Total

    @classmethod
    def of(cls, found: domain_revision.Comparison) -> Comparison:
        """The shape of a comparison."""
        files = tuple(FileChange(path=change.path, kind=change.kind, diff=change.diff) for change in found.files)
        return cls(before=found.before, after=found.after, files=files, total=len(files))


class Name(Shape):
    """A pipeline's name."""

    namespace: NamespaceName
    layer: LayerName
    name: TableSimpleName

    @classmethod
    def of_table(cls, table: TableName) -> Name:
        """The shape of a name."""
        return cls(namespace=table.namespace, layer=table.layer, name=table.name)


class NameList(Shape):
    """Pipelines by name."""

    pipelines: tuple[Name, ...] = Field(description="The pipelines.")
    total: Total

    @classmethod
    def of(cls, tables: tuple[TableName, ...]) -> NameList:
        """The shape of names."""
        return cls(pipelines=tuple(map(Name.of_table, tables)), total=len(tables))


class Renamed(Shape):
    """What a rename did."""

    pipeline: Pipeline = Field(description="The pipeline under its new name.")
    readers: tuple[Name, ...] = Field(description="Released pipelines that read it under the old name; they fail until they are changed and released.")
    updated: tuple[Name, ...] = Field(description="Those of them whose drafts read the new name now.")

    @classmethod
    def of(cls, done: domain_revision.Renamed) -> Renamed:
        """The shape of a rename."""
        return cls(pipeline=Pipeline.of(done.pipeline), readers=tuple(map(Name.of_table, done.readers)), updated=tuple(map(Name.of_table, done.updated)))


class DeletedPipeline(Name):
    """A pipeline that can be restored."""

    description: str = Field(description="What it was for.", examples=["Flights with readable carriers"])
    deleted_at: Moment = Field(description="When it was deleted.")
    deleted_by: str = Field(description="Who deleted it; empty where that is no longer known.", examples=["local"])
    restorable_until: Moment = Field(description="Until when it can be restored.")


class DeletedList(Shape):
    """Pipelines that can be restored, the last one deleted first."""

    pipelines: tuple[DeletedPipeline, ...] = Field(description="The deleted pipelines.")
    total: Total

    @classmethod
    def of(cls, found: tuple[domain_revision.DeletedPipeline, ...]) -> DeletedList:
        """The shape of what was deleted."""
        shown = tuple(
            DeletedPipeline(
                namespace=each.table.namespace,
                layer=each.table.layer,
                name=each.table.name,
                description=each.description,
                deleted_at=each.deleted_at,
                deleted_by=each.deleted_by,
                restorable_until=each.restorable_until,
            )
            for each in found
        )
        return cls(pipelines=shown, total=len(shown))


class PipelineSettings(Shape):
    """What `config.yaml` of a draft says."""

    revision: int = Field(description="The draft's revision; pass it back when saving.", examples=[4])
    description: str = Field(description="What the table is for; empty when not given.", examples=["Flights with readable carriers"])
    owner: str = Field(description="Who answers for it; empty when not given.", examples=["data@example.com"])
    tags: tuple[str, ...] = Field(description="Its tags.", examples=[["daily"]])
    merge_strategy: str = Field(description="How rows enter the table; empty when not given.", examples=["full_refresh"])
    overridden: dict[str, str] = Field(description="Keys that an annotation in the source gives too, with its value, which wins.", examples=[{"owner": "ann"}])

    @classmethod
    def of(cls, found: domain_revision.PipelineSettings) -> PipelineSettings:
        """The shape of settings."""
        return cls(
            revision=found.revision,
            description=found.description,
            owner=found.owner,
            tags=found.tags,
            merge_strategy=found.merge_strategy,
            overridden=dict(found.overridden),
        )


class TestOutcome(Shape):
    """What a test of a run found."""

    __test__ = False

    name: TestName
    run_id: Id = Field(description="The run.")
    at: Moment = Field(description="When the run was asked for.")
    severity: Severity = Field(description="Whether a failure blocks the publish.")
    status: TestStatus = Field(description="How it ended.")
    violations: Violations
    duration_ms: float = Field(description="How long it took, in milliseconds.", examples=[12.0])
    message: str = Field(description="What it said.", examples=["3 bad rows."])

    @classmethod
    def of(cls, found: domain_quality.TestOutcome) -> TestOutcome:
        """The shape of an outcome."""
        return cls(
            name=found.name,
            run_id=found.run_id,
            at=found.at,
            severity=found.severity,
            status=found.status,
            violations=found.violations,
            duration_ms=found.duration_ms,
            message=found.message,
        )


class TestHistory(Shape):
    """What tests found, newest first."""

    __test__ = False

    outcomes: tuple[TestOutcome, ...] = Field(description="One for each test of each run.")
    total: Total

    @classmethod
    def of(cls, found: tuple[domain_quality.TestOutcome, ...]) -> TestHistory:
        """The shape of a history."""
        return cls(outcomes=tuple(map(TestOutcome.of, found)), total=len(found))


class QualityTest(Shape):
    """A quality test of a draft."""

    name: TestName
    path: str = Field(description="Its file within the pipeline.", examples=["tests/quality/no_negative_distance.sql"])
    severity: Severity = Field(description="Whether a failure blocks the publish.")
    description: str = Field(description="What it says of every row.", examples=["No distance is negative"])
    remediation: str = Field(description="What to do when a row breaks it.", examples=["Ask the source"])
    compiled_sql: str = Field(description="What would be carried out now; empty when it does not compile.", examples=["SELECT 1"])
    problem: str = Field(description="Why it does not compile; empty when it does.", examples=[""])
    last: TestOutcome | None = Field(description="What the last run found; null when none carried it out.")

    @classmethod
    def of(cls, state: domain_quality.TestState) -> QualityTest:
        """The shape of a test."""
        test = state.test
        told = {"description": test.description, "remediation": test.remediation, "compiled_sql": state.compiled_sql, "problem": state.problem}
        return cls(name=test.name, path=test.path, severity=test.severity, last=TestOutcome.of(state.last) if state.last else None, **told)


class QualityTestList(Shape):
    """The quality tests of a draft, by name."""

    tests: tuple[QualityTest, ...] = Field(description="The tests.")
    total: Total

    @classmethod
    def of(cls, states: tuple[domain_quality.TestState, ...]) -> QualityTestList:
        """The shape of the tests."""
        return cls(tests=tuple(map(QualityTest.of, states)), total=len(states))


class TestRun(Shape):
    """What a test found in the published table just now."""

    __test__ = False

    name: TestName
    severity: Severity = Field(description="Whether a failure would block a publish.")
    status: TestStatus = Field(description="How it ended.")
    violations: Violations
    truncated: bool = Field(description="Whether there are more bad rows than were counted.", examples=[False])
    message: str = Field(description="Why it could not be carried out; empty when it was.", examples=[""])
    query_id: Id = Field(description="Read the bad rows with it: GET /queries/{query_id}/rows.")

    @classmethod
    def of(cls, test: domain_quality.QualityTest, query: Query) -> TestRun:
        """The shape of a test whose query has ended."""
        failed = TestStatus.ERROR if query.error_code else TestStatus.FAIL
        status = TestStatus.PASS if not query.error_code and query.row_count == 0 else failed
        said: dict[str, Any] = {"truncated": query.truncated, "message": query.error_message, "query_id": query.id}
        return cls(name=test.name, severity=test.severity, status=status, violations=query.row_count, **said)


class TestRunList(Shape):
    """What tests found in the published table just now."""

    __test__ = False

    results: tuple[TestRun, ...] = Field(description="One for each test, by name.")
    total: Total

    @classmethod
    def of(cls, ended: tuple[tuple[domain_quality.QualityTest, Query], ...]) -> TestRunList:
        """The shape of tests whose queries have ended."""
        return cls(results=tuple(TestRun.of(test, query) for test, query in ended), total=len(ended))
