"""Deciding what a run will do: a frozen value made from one read of the database, without any side effect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass

from sqlalchemy import Connection

from rat_engine.compile import CompileCatalog, RenderContext, Rendered, TableDocs, compile_pipeline, read_names, render_traced
from rat_engine.domain.clock import iso
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import SOURCE_FILE, Dependency
from rat_engine.domain.quality import QualityTest
from rat_engine.domain.run import FilePin, RecordedPlan, RunInputs, TablePin
from rat_engine.errors import CompileError, MissingInputError
from rat_engine.metadata import lake
from rat_engine.metadata.attempts import RunningRun, fetch_run_files
from rat_engine.metadata.lake import Pointer
from rat_engine.metadata.pipelines import fetch_pipeline_names, fetch_zone_names
from rat_engine.metadata.published import fetch_table_names


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Everything a run will do. ``pointer`` is the table it fills, where that exists; ``missing`` is what only its tests would read."""

    run: RunningRun
    strategy: str
    incremental: bool
    source: Rendered
    tests: tuple[tuple[QualityTest, Rendered], ...]
    docs: TableDocs
    pointer: Pointer | None
    tables: tuple[TablePin, ...]
    zones: tuple[tuple[ZoneName, tuple[FilePin, ...]], ...]
    missing: tuple[str, ...] = ()

    @property
    def inputs(self) -> RunInputs:
        """What is pinned to the run."""
        return RunInputs(self.tables, tuple(file for _, files in self.zones for file in files))

    @property
    def record(self) -> RecordedPlan:
        """What is kept of the decision."""
        return RecordedPlan(self.strategy, self.incremental, self.source.sql)

    @property
    def relations(self) -> tuple[str, ...]:
        """Names of all that the run's statements may read."""
        zones = (f"{zone.namespace}.landing.{zone.name}" for zone, _ in self.zones)
        return (str(self.run.table), *(str(pin.table) for pin in self.tables), *zones)


def plan_run(connection: Connection, run: RunningRun) -> RunPlan:
    """The plan of a run that has begun. All its inputs are resolved in the caller's transaction, so they fit together.

    Raises CompileError, and MissingInputError for a table or landing zone that the pipeline reads and that is not there.
    """
    files = fetch_run_files(connection, run)
    names = read_names(run.table, files)
    pointers = lake.fetch_pointers(connection, {run.table, *(name for name in names if isinstance(name, TableName))})
    zones = lake.fetch_zone_files(connection, {name for name in names if isinstance(name, ZoneName)})
    compilation = compile_pipeline(run.table, files, _catalog(connection, names, pointers, zones))
    if compilation.errors:
        raise CompileError(compilation.errors)
    _refuse_missing(compilation.dependencies, pointers, zones)
    own = pointers.get(run.table)
    context = RenderContext(run.ticket.run_id, iso(run.clock) or "", own is not None and own.published, compilation.config.merge_strategy)
    source = render_traced(run.table, files.source, SOURCE_FILE, context)
    read = {pointer.table for pointer in pointers.values() if pointer.published and (pointer.table != run.table or run.table.sql in source.sql)}
    return RunPlan(
        run=run,
        strategy=compilation.config.merge_strategy.value,
        incremental=context.incremental,
        source=source,
        tests=tuple((test, render_traced(run.table, files.texts[test.path], test.path, context)) for test in compilation.tests),
        docs=compilation.docs,
        pointer=own,
        tables=tuple(_pin(pointers[table]) for table in sorted(read)),
        zones=tuple(sorted((zone, pins) for zone, pins in zones.items() if pins)),
        missing=tuple(name for name in _missing(compilation.test_dependencies, pointers, zones) if name != run.table.sql),
    )


def _catalog(
    connection: Connection, names: Set[TableName | ZoneName], pointers: dict[TableName, Pointer], zones: dict[ZoneName, tuple[FilePin, ...]]
) -> CompileCatalog:
    """What ``names`` are looked up in: they alone when all are there, so that a run's start does not grow with the lake."""
    tables = frozenset(table for table, pointer in pointers.items() if pointer.published)
    filled = frozenset(zone for zone, files in zones.items() if files)
    if names <= tables | filled:
        return CompileCatalog(tables, zones=filled)
    return CompileCatalog(fetch_table_names(connection), fetch_pipeline_names(connection), fetch_zone_names(connection))


def _tables(dependencies: Iterable[Dependency]) -> set[TableName]:
    return {dependency.table for dependency in dependencies if dependency.table is not None}


def _zones(dependencies: Iterable[Dependency]) -> set[ZoneName]:
    return {dependency.zone for dependency in dependencies if dependency.zone is not None}


def _missing(dependencies: Iterable[Dependency], pointers: dict[TableName, Pointer], zones: dict[ZoneName, tuple[FilePin, ...]]) -> list[str]:
    """Full names, as compiled SQL has them, of what cannot be read."""
    published = {table for table, pointer in pointers.items() if pointer.published}
    absent = [table.sql for table in sorted(_tables(dependencies)) if table not in published]
    return [*absent, *(zone.sql for zone in sorted(_zones(dependencies)) if not zones[zone])]


def _refuse_missing(dependencies: Collection[Dependency], pointers: dict[TableName, Pointer], zones: dict[ZoneName, tuple[FilePin, ...]]) -> None:
    absent = _missing(dependencies, pointers, zones)
    messages = [f"There is no table {table} yet. Run its pipeline first." for table in sorted(_tables(dependencies)) if table.sql in absent]
    empty = [zone for zone in sorted(_zones(dependencies)) if zone.sql in absent]
    messages += [f"The landing zone {zone} has no files. Land one with `rat land {zone} FILE`." for zone in empty]
    if messages:
        raise MissingInputError("\n".join(messages), details={"missing": absent})


def _pin(pointer: Pointer) -> TablePin:
    assert pointer.snapshot_id is not None
    return TablePin(pointer.table, pointer.table_id, pointer.snapshot_id, pointer.metadata_location)
