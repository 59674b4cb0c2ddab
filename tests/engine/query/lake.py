"""A small real lake, and short ways of asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog

from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.result import ResultWindow
from rat_engine.domain.run import FilePin
from rat_engine.lakehouse.connection import Door, Interrupter
from rat_engine.observe.results import read_window
from rat_engine.query.explorer import Explorer
from rat_engine.query.request import PinnedTable, QueryLimits, QueryRequest, QueryResult
from rat_engine.settings import Settings

LIMITS = QueryLimits(rows=100_000, megabytes=64, memory_mb=512, threads=2, seconds=60)

CARRIERS = pa.table({"carrier": ["AA", "UA", "DL"], "name": ["American", "United", "Delta"]})
FLIGHTS = pa.table(
    {
        "number": pa.array(range(2_500), pa.int64()),
        "carrier": [("AA", "UA", "DL")[number % 3] for number in range(2_500)],
        "delay": pa.array([None if number % 7 == 0 else float(number % 60) for number in range(2_500)], pa.float64()),
        "note": [f"flight é{number}" for number in range(2_500)],
    }
)
SECRET = pa.table({"salary": [1_000_000]})


@dataclass
class Lake:
    """Three published tables, ``flights.gold.flights``, ``flights.silver.carriers`` and ``hr.gold.salaries``, and who asks about them."""

    settings: Settings
    tables: tuple[PinnedTable, ...] = ()
    zones: Mapping[ZoneName, tuple[FilePin, ...]] = field(default_factory=dict[ZoneName, tuple[FilePin, ...]])

    @property
    def result(self) -> Path:
        """The file of the last result."""
        return self.settings.results / "last.arrow"

    def explorer(self, *, reads_files: bool = True, confined: bool = True) -> Explorer:
        """An explorer that nobody warmed."""
        return Explorer(Door(self.settings), self.settings.scratch, reads_files, confined)

    def request(self, sql: str, *, preview: bool = False, **limits: Any) -> QueryRequest:
        """A query in the namespace ``flights``."""
        return QueryRequest(sql, self.tables, self.zones, replace(LIMITS, **limits), "flights", preview)

    def ask(self, sql: str, *, preview: bool = False, interrupter: Interrupter | None = None, **limits: Any) -> QueryResult:
        """Carry out a statement; its rows are then in ``result``."""
        with self.result.open("wb") as sink:
            return self.explorer().execute(self.request(sql, preview=preview, **limits), sink, interrupter)

    def rows(self, sql: str, *, preview: bool = False, **limits: Any) -> tuple[tuple[Any, ...], ...]:
        """The first rows of a statement as JSON values."""
        self.ask(sql, preview=preview, **limits)
        return self.window().rows

    def window(self, offset: int = 0, limit: int = 500) -> ResultWindow:
        """A window of the last result."""
        return read_window(self.result, offset, limit)

    def files(self) -> set[Path]:
        """Every file of the data folder but results."""
        return {path for path in self.settings.data.rglob("*") if path.is_file() and self.settings.results not in path.parents}

    def message(self, sql: str, **limits: Any) -> dict[str, Any]:
        """The same request as its supervisor would send it."""
        asked = replace(LIMITS, **limits)
        tables = [{"name": str(each.name), "metadata_location": each.metadata_location, "snapshot_id": each.snapshot_id} for each in self.tables]
        numbers = {name: getattr(asked, name) for name in ("rows", "megabytes", "memory_mb", "threads", "seconds")}
        return {"sql": sql, "namespace": "flights", "kind": "query", "tables": tables, "zones": [], "limits": numbers}


def make_lake(folder: Path) -> Lake:
    """A lake below ``folder``."""
    settings = Settings(data=folder / "data")
    for path in (settings.warehouse, settings.landing, settings.scratch, settings.results, settings.logs):
        path.mkdir(parents=True)
    settings.database_path.write_text("the metadata database")
    catalog = SqlCatalog("rat", uri=f"sqlite:///{folder}/catalog.db", warehouse=str(settings.warehouse))
    published = (("flights.gold.flights", FLIGHTS), ("flights.silver.carriers", CARRIERS), ("hr.gold.salaries", SECRET))
    return Lake(settings, tuple(_publish(catalog, TableName.parse(name), rows) for name, rows in published))


def _publish(catalog: SqlCatalog, name: TableName, rows: pa.Table) -> PinnedTable:
    identifier = (name.namespace, name.layer.value, name.name)
    catalog.create_namespace_if_not_exists(identifier[:2])
    table = catalog.create_table(identifier, schema=rows.schema)
    table.append(rows)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return PinnedTable(name, table.metadata_location, snapshot.snapshot_id)


def land(lake: Lake, zone: str, **files: str) -> Lake:
    """The lake with a landing zone of CSV files, ``name=text``."""
    name, pins = ZoneName.parse(zone), list[FilePin]()
    for number, (filename, text) in enumerate(files.items()):
        path = lake.settings.landing / f"{zone.replace('.', '-')}-{number}.csv"
        path.write_text(text)
        pins.append(FilePin(zone, "", f"{filename}.csv", str(path), path.stat().st_size, ""))
    return Lake(lake.settings, lake.tables, {**lake.zones, name: tuple(pins)})
