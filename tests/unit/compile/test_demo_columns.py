"""The columns of the demo's gold tables, traced to the landed files, checked against what a person reads in the SQL."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from rat_engine.compile import CompileCatalog, compile_pipeline
from rat_engine.domain.columns import ColumnGraph, ColumnRef, ColumnTrace
from rat_engine.domain.lineage import Place, place_id
from rat_engine.domain.names import Layer, TableName, ZoneName
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.services.tracing import trace_version

DEMO = Path(__file__).parents[3] / "rat_engine" / "demo"


@cache
def graph() -> ColumnGraph:
    """The demo's columns as after a first publish: files have their heads' columns and ``_file``."""
    sources = {
        TableName("flights", Layer.parse(path.parts[-3]), path.parts[-2]): path.read_text() for path in DEMO.glob("tree/flights/pipelines/*/*/pipeline.sql")
    }
    catalog = CompileCatalog(pipelines=frozenset(sources), zones=frozenset(ZoneName("flights", name) for name in heads()))
    files = {table: PipelineFiles({"pipeline.sql": text}) for table, text in sources.items()}
    reads = {table: [each.table or each.zone for each in compile_pipeline(table, files[table], catalog).dependencies] for table in files}
    known: dict[Place, tuple[str, ...]] = {}
    traces: dict[TableName, ColumnTrace] = {}
    for place in TopologicalSorter(reads).static_order():
        if not isinstance(place, TableName):
            continue
        if place.layer is Layer.BRONZE:
            known[place] = (*heads()[place.name], "_file")
        traces[place] = trace_version(place, files[place], {read: known[read] for read in (*reads[place], place) if read in known})
        known.setdefault(place, tuple(column.name for column in traces[place].columns))
    return ColumnGraph.of(traces, {}, {})


@cache
def heads() -> dict[str, list[str]]:
    """Zone → the columns of its files."""
    found: dict[str, list[str]] = {}
    for path in DEMO.glob("data/*.csv.gz"):
        with gzip.open(path, "rt") as lines:
            found[path.name.split("_")[0].removesuffix(".csv.gz")] = next(csv.reader(lines))
    return found


def files_behind(column: str) -> set[str]:
    """The columns of landed files that a gold table's column comes from, in short."""
    table, _, name = column.rpartition(".")
    impact = graph().impact(ColumnRef(TableName("flights", Layer.GOLD, table), name))
    return {f"{step.ref.place.name}.{step.ref.column}" for step in impact.upstream if isinstance(step.ref.place, ZoneName)}


def test_every_column_of_the_demo_is_traced() -> None:
    assert [(place_id(table), column) for table, trace in graph().traces.items() for column in trace.columns if not column.traced] == []
    assert len(graph().traces) == 14


TIMES = {f"flights.{part}" for part in ("year", "month", "day", "hour", "minute")}
DAYS = {"flights.year", "flights.month", "flights.day"}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("delay_by_carrier_and_hour.carrier", {"flights.carrier"}),
        ("delay_by_carrier_and_hour.airline", {"airlines.name"}),
        ("delay_by_carrier_and_hour.departure_hour", TIMES),
        ("delay_by_carrier_and_hour.flights", set[str]()),
        ("delay_by_carrier_and_hour.cancelled", {"flights.dep_delay"}),
        ("delay_by_carrier_and_hour.share_late", {"flights.arr_delay"}),
        ("aircraft_age_delay.age_from", {*DAYS, "planes.year"}),
        ("aircraft_age_delay.age_of_plane", {*DAYS, "planes.year"}),
        ("aircraft_age_delay.planes", {"flights.tailnum"}),
        ("busiest_routes.rank", {"flights.origin", "flights.dest"}),
        ("busiest_routes.destination_name", {"airports.name", "flights.dest"}),
        ("busiest_routes.flights_per_day", DAYS),
        ("on_time_promise.share_on_time", {"flights.arr_delay"}),
        ("weather_delay.conditions", {"weather.precip", "weather.temp", "weather.visib", "weather.wind_speed"}),
        ("weather_delay.share_cancelled", {"flights.dep_delay"}),
    ],
)
def test_a_gold_column_comes_from_the_files_that_a_reader_of_the_sql_finds(column: str, expected: set[str]) -> None:
    assert files_behind(column) == expected


def test_the_impact_of_a_landed_column_reaches_values_and_rows() -> None:
    impact = graph().impact(ColumnRef(ZoneName("flights", "flights"), "dep_delay"))
    gold = {
        f"{step.ref.place.name}.{step.ref.column}" for step in impact.downstream if isinstance(step.ref.place, TableName) and step.ref.place.layer is Layer.GOLD
    }
    assert gold == {
        "aircraft_age_delay.average_departure_delay",
        "busiest_routes.share_cancelled",
        "delay_by_carrier_and_hour.average_departure_delay",
        "delay_by_carrier_and_hour.cancelled",
        "weather_delay.average_departure_delay",
        "weather_delay.share_an_hour_late",
        "weather_delay.share_cancelled",
    }
    assert {table.name for table in impact.rows} == {"aircraft_age_delay", "on_time_promise"}
