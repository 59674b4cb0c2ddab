"""What a statement will read, before it runs: never too little, and less than everything where the manifests prove it."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from rat_engine.domain.lake import Estimate
from rat_engine.domain.names import TableName
from rat_engine.errors import QueryFailedError, StatementRefusedError
from rat_engine.query.request import PinnedTable, QueryRequest
from rat_engine.settings import Settings
from tests.engine.query.lake import LIMITS, Lake


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """``shop.silver.sales`` in four files of 100 rows: ids 0 to 99, 100 to 199 and so on; and ``shop.silver.days``."""
    folder = tmp_path_factory.mktemp("parted")
    settings = Settings(data=folder / "data")
    for path in (settings.warehouse, settings.scratch, settings.results):
        path.mkdir(parents=True)
    catalog = SqlCatalog("rat", uri=f"sqlite:///{folder}/catalog.db", warehouse=str(settings.warehouse))
    return Lake(settings, (_table(catalog, "shop.silver.sales", 4), _table(catalog, "shop.silver.days", 2)))


def _table(catalog: SqlCatalog, name: str, files: int) -> PinnedTable:
    table_name = TableName.parse(name)
    identifier = tuple(name.split("."))
    catalog.create_namespace_if_not_exists(identifier[:2])
    table = None
    for number in range(files):
        ids = pa.array(range(number * 100, number * 100 + 100), pa.int64())
        rows = pa.table({"id": ids, "day": pa.array([f"2026-01-{number + 1:02}"] * 100), "note": [f"a rather long note {i}" * 20 for i in range(100)]})
        table = table or catalog.create_table(identifier, schema=rows.schema)
        table.append(rows)
    assert table is not None
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return PinnedTable(table_name, table.metadata_location, snapshot.snapshot_id)


def ask(lake: Lake, sql: str) -> Estimate:
    return lake.explorer().estimate(QueryRequest(sql, lake.tables, {}, LIMITS, "shop"))


@pytest.mark.parametrize(
    ("where", "files"),
    [
        ("", 4),
        ("where id >= 300", 1),
        ("where id between 150 and 210", 2),
        ("where 250 <= id and id < 299", 1),
        ("where id = 5 and note <> 'x'", 1),
        ("where day = '2026-01-02'", 1),
        ("s where s.id > 199", 2),
        ("s join silver.days d using (id) where s.id > 299", 1),
        # Whatever might be true of a row outside is counted.
        ("where id = 5 or note = 'x'", 4),
        ("where not id > 5", 4),
        ("where id + 1 = 5", 4),
        ("where id = '5'", 4),
        ("where id > 5.5", 4),
        ("s left join silver.days d using (id) where d.id > 150", 4),
        ("s where s.id > (select min(id) from silver.days)", 4),
        ("where id > 10000", 0),
    ],
)
def test_files_that_cannot_hold_a_wanted_row_are_left_out(parted: Lake, where: str, files: int) -> None:
    sales = ask(parted, f"select id from silver.sales {where}").tables
    found = next(table for table in sales if table.name == "shop.silver.sales")
    assert (found.files, found.files_total, found.rows) == (files, 4, files * 100)


def test_a_table_that_is_read_twice_counts_what_either_reads(parted: Lake) -> None:
    (sales,) = ask(parted, "select id from silver.sales where id < 100 union all select id from shop.silver.sales where id >= 300").tables
    assert sales.files == 2
    (sales,) = ask(parted, "with s as (select * from silver.sales) select a.id from s a where id < 100").tables
    assert sales.files == 4


def test_only_the_columns_that_are_named_count(parted: Lake) -> None:
    everything = ask(parted, "select * from silver.sales").size_bytes
    assert ask(parted, "select id from silver.sales").size_bytes < everything / 3
    for sql in ("from silver.sales", "select s from silver.sales s", "select sales from silver.sales", "select columns('i.*') from silver.sales"):
        assert ask(parted, sql).size_bytes == everything, sql
    assert ask(parted, "select count(*) from silver.sales").size_bytes == 0
    assert ask(parted, "select 1").tables == ()


def test_what_cannot_run_has_no_estimate(parted: Lake) -> None:
    with pytest.raises(QueryFailedError):
        ask(parted, "select id from")
    with pytest.raises(StatementRefusedError):
        ask(parted, "select * from silver.nothing")


def test_an_estimate_opens_no_data_file(parted: Lake) -> None:
    files = list(parted.settings.warehouse.rglob("*.parquet"))
    for path in files:
        path.chmod(0)
    try:
        assert ask(parted, "select * from silver.sales where id > 250").rows == 200
    finally:
        for path in files:
            path.chmod(0o600)
