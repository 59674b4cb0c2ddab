"""Saved queries, the history of queries, and queries that become pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from rat_engine import LOCAL_USER, Engine, Layer, NotFoundError, PageRequest, QueryFilter, Settings, TableName, ValidationError, new_id
from rat_engine.compile.from_query import pipeline_source
from rat_engine.domain.clock import now
from rat_engine.errors import AlreadyExistsError
from rat_engine.metadata.saved_tables import saved_query
from rat_engine.metadata.tables import lake_table, query

FLIGHTS = TableName("air", Layer.SILVER, "flights")
CARRIERS = TableName("air", Layer.BRONZE, "carriers")
SALES = TableName("shop", Layer.SILVER, "sales")
TARGET = TableName("air", Layer.GOLD, "late")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine.open(Settings(data=tmp_path / "data")) as opened:
        yield opened


def source(sql: str, table: TableName = TARGET) -> str:
    """The SQL of the pipeline without its annotations."""
    return pipeline_source(table, sql, {FLIGHTS, CARRIERS, SALES}, "air").partition("full_refresh\n")[2].removesuffix("\n")


def test_a_saved_query_is_found_by_name_and_by_id_and_by_what_it_says(engine: Engine) -> None:
    saved = engine.saved.create(LOCAL_USER, "  Late   carriers ", "select 1 as late", "air", "The weekly list")
    assert saved.name == "Late carriers"
    assert engine.saved.get(LOCAL_USER, "Late carriers") == engine.saved.get(LOCAL_USER, saved.id) == saved
    for search in ("late c", "WEEKLY", "as late"):
        assert engine.saved.list(LOCAL_USER, search).items == (saved,)
    assert engine.saved.list(LOCAL_USER, "early").total == 0
    changed = engine.saved.update(LOCAL_USER, saved.id, sql="select 2")
    assert (changed.sql, changed.description, changed.revision) == ("select 2", "The weekly list", 2)


@pytest.mark.parametrize("name", ["", "  ", "a/b", "x" * 101, "a\x00b"])
def test_a_name_that_cannot_be_said_is_refused(engine: Engine, name: str) -> None:
    """P10-103."""
    with pytest.raises(ValidationError):
        engine.saved.create(LOCAL_USER, name, "select 1")


def test_of_one_name_there_is_one_query(engine: Engine) -> None:
    first = engine.saved.create(LOCAL_USER, "one", "select 1")
    with pytest.raises(AlreadyExistsError):
        engine.saved.create(LOCAL_USER, "one", "select 2")
    engine.saved.create(LOCAL_USER, "two", "select 2")
    with pytest.raises(AlreadyExistsError):
        engine.saved.update(LOCAL_USER, "two", name="one")
    assert engine.saved.get(LOCAL_USER, "one") == first


def test_a_deletion_is_undone_unless_the_name_was_taken_and_forgotten_after_a_day(engine: Engine) -> None:
    saved = engine.saved.delete(LOCAL_USER, engine.saved.create(LOCAL_USER, "one", "select 1").name)
    with pytest.raises(NotFoundError):
        engine.saved.get(LOCAL_USER, "one")
    assert engine.saved.restore(LOCAL_USER, saved.id).sql == "select 1"
    engine.saved.delete(LOCAL_USER, "one")
    other = engine.saved.create(LOCAL_USER, "one", "select 2")
    with pytest.raises(AlreadyExistsError):
        engine.saved.restore(LOCAL_USER, saved.id)
    with engine.database.write() as transaction:
        transaction.connection.execute(update(saved_query).where(saved_query.c.id == saved.id).values(deleted_at=now() - timedelta(hours=25)))
    engine.saved.delete(LOCAL_USER, other.id)
    with pytest.raises(NotFoundError):
        engine.saved.restore(LOCAL_USER, saved.id)


def test_the_history_is_searched_and_paged_and_holds_no_previews(engine: Engine) -> None:
    for number in range(5):
        engine.queries.submit(LOCAL_USER, f"select {number} as {'even' if number % 2 == 0 else 'odd'}")
    engine.queries.estimate(LOCAL_USER, "select 99")
    page = engine.queries.list(LOCAL_USER, page=PageRequest(2))
    assert ([each.sql for each in page.items], page.total) == (["select 4 as even", "select 3 as odd"], 5)
    rest = engine.queries.list(LOCAL_USER, page=PageRequest(10, page.next))
    assert [each.sql for each in rest.items] == ["select 2 as even", "select 1 as odd", "select 0 as even"]
    assert engine.queries.list(LOCAL_USER, QueryFilter("ODD")).total == 2


def test_the_history_forgets_after_ninety_days_with_the_rows(engine: Engine) -> None:
    old, kept = (engine.queries.submit(LOCAL_USER, "select 1").id for _ in range(2))
    for each in (old, kept):
        engine.queries.cancel(LOCAL_USER, each)
    rows = engine.settings.results / f"{old}.arrow"
    rows.write_bytes(b"rows")
    with engine.database.write() as transaction:
        transaction.connection.execute(update(query).where(query.c.id == old).values(created_at=now() - timedelta(days=91)))
    engine.queries.submit(LOCAL_USER, "select 2")
    assert [each.sql for each in engine.queries.list(LOCAL_USER).items] == ["select 2", "select 1"]
    assert not rows.exists()


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("select * from silver.flights;", "select * from {{ ref('silver.flights') }}"),
        ("select * from AIR.Silver.FLIGHTS f", "select * from {{ ref('silver.flights') }} f"),
        ("from shop.silver.sales", "from {{ ref('shop.silver.sales') }}"),
        ('from "silver"."flights" join bronze . carriers using (c)', "from {{ ref('silver.flights') }} join {{ ref('bronze.carriers') }} using (c)"),
        ("select * from silver.flights a, bronze.carriers b", "select * from {{ ref('silver.flights') }} a, {{ ref('bronze.carriers') }} b"),
        ("from (silver.flights join bronze.carriers using (c))", "from ({{ ref('silver.flights') }} join {{ ref('bronze.carriers') }} using (c))"),
        # What only looks like a table stays.
        ("select silver.flights.id from silver.flights", "select silver.flights.id from {{ ref('silver.flights') }}"),
        ("select 'from silver.flights' -- from silver.flights\n", "select 'from silver.flights' -- from silver.flights"),
        ("select * from silver.unknown", "select * from silver.unknown"),
        ("with flights as (select 1) from flights", "with flights as (select 1) from flights"),
        ("select '{{ x }}', {'a': 1}", "select '{{ '{' }}{ x }}', {'a': 1}"),
    ],
)  # fmt: skip
def test_tables_of_a_query_become_refs_and_nothing_else_changes(sql: str, made: str) -> None:
    assert source(sql) == made


def test_a_query_becomes_a_pipeline_that_compiles(engine: Engine) -> None:
    facts = {"columns": [], "row_count": 1, "size_bytes": 1, "file_count": 1, "snapshot_id": 1, "published_at": now(), "published_by_run": new_id()}
    engine.namespaces.create(LOCAL_USER, "air")
    with engine.database.write() as transaction:
        transaction.connection.execute(insert(lake_table).values(id=new_id(), namespace="air", layer="silver", name="flights", **facts))
    engine.saved.to_pipeline(LOCAL_USER, TARGET, "select '{{' as brace, f.* from silver.flights f", "air", "Late flights")
    compilation = engine.pipelines.compile(LOCAL_USER, TARGET)
    assert compilation.errors == ()
    assert [str(each.table) for each in compilation.dependencies] == ["air.silver.flights"]
    sql = engine.pipelines.compiled_sql(LOCAL_USER, TARGET)
    assert "select '{{' as brace, f.* from" in sql
    with pytest.raises(AlreadyExistsError):
        engine.saved.to_pipeline(LOCAL_USER, TARGET, "select 1")
