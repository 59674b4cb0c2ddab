"""What the next run of a pipeline would do, decided from one read of the database: nothing is opened, nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from rat_engine.compile import Compilation, CompileCatalog, RenderContext, compile_pipeline
from rat_engine.domain.authoring import NextRun, PlannedTable, PlannedZone
from rat_engine.domain.lake import LakeTable
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import Dependency, PipelineFiles
from rat_engine.metadata import landing, published
from rat_engine.metadata.pipelines import fetch_dependents, fetch_pipeline_names, fetch_zone_names


def forecast(connection: Connection, table: TableName, files: PipelineFiles, version: int | None) -> NextRun:
    """The next run of ``files``, which are those of ``version``, or the draft's where it is None."""
    names = published.fetch_table_names(connection)
    compilation = compile_pipeline(table, files, CompileCatalog(names, fetch_pipeline_names(connection), fetch_zone_names(connection)))
    reads = sorted({each.table for each in compilation.dependencies if each.table is not None})
    known = published.fetch_named_tables(connection, [table, *reads])
    zones = _zones(connection, compilation.dependencies)
    strategy = compilation.config.merge_strategy
    return NextRun(
        table=table,
        version=version,
        strategy=strategy.value,
        incremental=RenderContext("", "", table in names, strategy).incremental,
        target=_planned(table, known),
        tables=tuple(_planned(read, known) for read in reads),
        zones=zones,
        tests=compilation.tests,
        read_by=tuple(name for name in fetch_dependents(connection, table) if name != table),
        obstacles=(*_problems(compilation), *_missing(reads, known, zones)),
    )


def _planned(table: TableName, known: Mapping[TableName, LakeTable]) -> PlannedTable:
    facts = known.get(table)
    return PlannedTable(table, facts.snapshot_id, facts.row_count, facts.size_bytes, facts.published_at) if facts else PlannedTable(table)


def _zones(connection: Connection, dependencies: Sequence[Dependency]) -> tuple[PlannedZone, ...]:
    wanted = sorted({each.zone for each in dependencies if each.zone is not None})
    sizes = landing.fetch_zone_sizes(connection, wanted)
    return tuple(PlannedZone(zone, *sizes.get(zone, (0, 0))) for zone in wanted)


def _problems(compilation: Compilation) -> list[str]:
    return [str(problem) for problem in compilation.errors]


def _missing(reads: Sequence[TableName], known: Mapping[TableName, LakeTable], zones: Sequence[PlannedZone]) -> list[str]:
    absent = [f"There is no table {table} yet. Run its pipeline first." for table in reads if table not in known]
    return [*absent, *(_empty(planned.zone) for planned in zones if not planned.file_count)]


def _empty(zone: ZoneName) -> str:
    return f"The landing zone {zone} has no files. Land one first."
