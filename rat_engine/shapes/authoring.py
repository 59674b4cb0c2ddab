"""What an editor needs as JSON: problems, words, columns in scope, the next run."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from rat_engine import errors
from rat_engine.domain import authoring as domain
from rat_engine.domain.quality import Severity
from rat_engine.shapes.base import BigId, Column, Moment, Shape

TableFullName = Field(description="The table's full name.", examples=["flights.silver.flights"])


class Problem(Shape):
    """Something wrong in a pipeline's files."""

    file: str = Field(description="Path within the pipeline.", examples=["pipeline.sql"])
    line: int = Field(description="Counted from 1; 0 is the file as a whole.", examples=[3])
    column: int = Field(description="Counted from 1; 0 is the file as a whole.", examples=[8])
    message: str = Field(description="What is wrong.", examples=["There is no table or pipeline 'flights.silver.flihgts'."])
    hint: str = Field(description="What to do; may be empty.", examples=["Did you mean 'silver.flights'?"])
    severity: str = Field(description="error, which forbids a release, or warning.", examples=["error"])

    @classmethod
    def of(cls, problem: errors.Problem) -> Problem:
        """The shape of a problem."""
        return cls(file=problem.file, line=problem.line, column=problem.column, message=problem.message, hint=problem.hint, severity=problem.severity)


class ProblemList(Shape):
    """What the compiler says of a pipeline's files."""

    problems: tuple[Problem, ...] = Field(description="By file and place; none: it can be released.")
    total: int = Field(description="How many there are.", examples=[1])

    @classmethod
    def of(cls, problems: Iterable[errors.Problem]) -> ProblemList:
        """The shape of problems."""
        found = tuple(map(Problem.of, problems))
        return cls(problems=found, total=len(found))


class CompiledSql(Shape):
    """What a file becomes."""

    path: str = Field(description="The file.", examples=["pipeline.sql"])
    sql: str = Field(description="The SQL that a run would execute now.", examples=['SELECT * FROM "flights"."bronze"."flights"'])


class FormattedFile(Shape):
    """A file laid out anew."""

    path: str = Field(description="The file.", examples=["pipeline.sql"])
    text: str = Field(description="Its text; only line ends and spaces differ.", examples=["SELECT *\nFROM {{ ref('bronze.flights') }}\n"])
    changed: bool = Field(description="Whether it differs from what was given.", examples=[True])


class Relation(Shape):
    """Something that a file reads."""

    kind: str = Field(description="table, this, zone or cte.", examples=["table"])
    name: str = Field(description="A table's full name, or the name of the zone or CTE.", examples=["flights.bronze.flights"])
    columns: tuple[Column, ...] = Field(description="Its columns, as far as they are known; one that is computed has no type.")
    description: str = Field(description="What it is; may be empty.", examples=["Every flight that left New York"])
    row_count: int | None = Field(description="Rows of a published table.", examples=[80789])

    @classmethod
    def of(cls, relation: domain.Relation) -> Relation:
        """The shape of a relation."""
        columns = tuple(map(Column.of, relation.columns))
        return cls(kind=relation.kind, name=relation.name, columns=columns, description=relation.description, row_count=relation.row_count)


class Scope(Shape):
    """What a file reads, with columns."""

    relations: tuple[Relation, ...] = Field(description="Tables, the pipeline's own table, landing zones, and the file's CTEs.")
    whole: bool = Field(description="False while the SQL cannot be read as it stands: the CTEs are then missing.", examples=[True])

    @classmethod
    def of(cls, scope: domain.Scope) -> Scope:
        """The shape of a scope."""
        return cls(relations=tuple(map(Relation.of, scope.relations)), whole=scope.whole)


class Word(Shape):
    """A word that may stand somewhere in a pipeline's files."""

    name: str = Field(description="The word.", examples=["merge_strategy"])
    meaning: str = Field(description="What it means; may be empty.", examples=["How a run's rows get into the table."])
    values: tuple[str, ...] = Field(description="All the values it may have, where they are limited.", examples=[["full_refresh", "append_only"]])
    insert: str = Field(description="What to write, where that is more than the word.", examples=["ref('')"])

    @classmethod
    def of(cls, word: domain.Word) -> Word:
        """The shape of a word."""
        return cls(name=word.name, meaning=word.meaning, values=word.values, insert=word.insert)


class Vocabulary(Shape):
    """Every word that compiling knows."""

    helpers: tuple[Word, ...] = Field(description="Functions and values of templates.")
    filters: tuple[Word, ...] = Field(description="Filters of templates.")
    annotations: tuple[Word, ...] = Field(description="Annotations of a pipeline.")
    test_annotations: tuple[Word, ...] = Field(description="Annotations of a quality test.")
    config_keys: tuple[Word, ...] = Field(description="Keys of config.yaml.")
    table_keys: tuple[Word, ...] = Field(description="Keys of table.yaml.")

    @classmethod
    def of(cls, words: domain.Vocabulary) -> Vocabulary:
        """The shape of the vocabulary."""
        return cls(**{name: tuple(map(Word.of, getattr(words, name))) for name in cls.model_fields})


class PlannedTable(Shape):
    """A table that a run reads or fills, as it is now."""

    table: str = TableFullName
    snapshot_id: BigId | None = Field(description="Its present snapshot; null when it was never published.")
    row_count: int = Field(description="Its rows.", examples=[80789])
    size_bytes: int = Field(description="Its bytes.", examples=[1048576])
    published_at: Moment | None = Field(description="When it was last published.")

    @classmethod
    def of(cls, table: domain.PlannedTable) -> PlannedTable:
        """The shape of a table."""
        snapshot = None if table.snapshot_id is None else str(table.snapshot_id)
        return cls(table=str(table.table), snapshot_id=snapshot, row_count=table.row_count, size_bytes=table.size_bytes, published_at=table.published_at)


class PlannedZone(Shape):
    """A landing zone that a run reads."""

    zone: str = Field(description="The zone.", examples=["flights.flights"])
    file_count: int = Field(description="Its files.", examples=[2])
    total_bytes: int = Field(description="Their bytes.", examples=[204800])


class PlannedTest(Shape):
    """A quality test that a run carries out."""

    name: str = Field(description="Its name.", examples=["flights_are_unique"])
    severity: Severity = Field(description="Whether bad rows forbid the publish.", examples=["error"])
    description: str = Field(description="What it makes sure of; may be empty.", examples=["No flight twice"])


class NextRun(Shape):
    """What the next run of a pipeline would do if it began now."""

    table: str = TableFullName
    version: int | None = Field(description="The version that runs; null: the draft.", examples=[3])
    strategy: str = Field(description="How the rows get into the table.", examples=["full_refresh"])
    incremental: bool = Field(description="What is_incremental() says.", examples=[False])
    target: PlannedTable = Field(description="The table it fills.")
    tables: tuple[PlannedTable, ...] = Field(description="The tables it reads.")
    zones: tuple[PlannedZone, ...] = Field(description="The landing zones it reads.")
    tests: tuple[PlannedTest, ...] = Field(description="The quality tests that decide about the publish.")
    read_by: tuple[str, ...] = Field(description="The pipelines that read its table.", examples=[["flights.gold.busiest_routes"]])
    obstacles: tuple[str, ...] = Field(description="Why it would fail at once; none: it can run.", examples=[[]])

    @classmethod
    def of(cls, plan: domain.NextRun) -> NextRun:
        """The shape of a plan."""
        return cls(
            table=str(plan.table),
            version=plan.version,
            strategy=plan.strategy,
            incremental=plan.incremental,
            target=PlannedTable.of(plan.target),
            tables=tuple(map(PlannedTable.of, plan.tables)),
            zones=tuple(PlannedZone(zone=str(each.zone), file_count=each.file_count, total_bytes=each.total_bytes) for each in plan.zones),
            tests=tuple(PlannedTest(name=test.name, severity=test.severity, description=test.description) for test in plan.tests),
            read_by=tuple(map(str, plan.read_by)),
            obstacles=plan.obstacles,
        )
