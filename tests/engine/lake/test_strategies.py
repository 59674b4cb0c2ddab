"""How rows enter a table."""

from __future__ import annotations

import pytest

from rat_engine.domain.access import LOCAL_USER
from rat_engine.errors import AuditFailedError, SchemaMismatchError, ValidationError
from rat_engine.lakehouse.strategies import FullRefresh, strategy
from tests.engine.lake.laboratory import Journal, Laboratory

APPEND = "-- @merge_strategy: append_only\n"


def test_full_refresh_replaces_every_row(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT range AS id FROM range(3)")
    lab.run(table)
    lab.pipeline("shop.silver.orders", "SELECT range + 10 AS id FROM range(2)")
    lab.run(table)
    assert lab.rows(table) == [(10,), (11,)]
    assert lab.arrow(table)["id"].to_pylist() == [10, 11]
    assert len(list(lab.main(table).scan().plan_files())) == 1


def test_no_rows_empty_the_table_and_it_keeps_its_columns(lab: Laboratory) -> None:
    """Zero rows are a result."""
    table = lab.pipeline("shop.silver.orders", "SELECT range AS id, 'x' AS label FROM range(3)")
    lab.run(table)
    lab.pipeline("shop.silver.orders", "SELECT range AS id, 'x' AS label FROM range(3) WHERE false")
    result = lab.run(table)
    assert (result.counts.rows_in, result.counts.rows_total, result.counts.files_written) == (0, 0, 0)
    assert lab.rows(table) == []
    assert lab.rows(table, "SELECT column_name, column_type FROM (DESCRIBE {})") == [("id", "BIGINT"), ("label", "VARCHAR")]
    shown = lab.engine.tables.get(LOCAL_USER, table)
    assert (shown.row_count, shown.file_count, len(shown.columns)) == (0, 0, 2)


def test_a_first_run_without_rows_makes_an_empty_table_that_others_read(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id, {'a': [1]} AS nested WHERE false")
    lab.run(table)
    assert lab.arrow(table).num_rows == 0
    reader = lab.pipeline("shop.gold.orders", "SELECT count(*) AS n, max(nested.a[1]) AS top FROM {{ ref('silver.orders') }}")
    lab.run(reader)
    assert lab.rows(reader) == [(0, None)]


def test_append_only_adds_to_what_is_there(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", f"{APPEND}SELECT {{{{ 1 if is_incremental() else 0 }}}} AS later, range AS id FROM range(2)")
    first = lab.run(table)
    second = lab.run(table)
    assert lab.rows(table) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert (first.counts.rows_total, second.counts.rows_in, second.counts.rows_total) == (2, 2, 4)
    assert lab.arrow(table).num_rows == 4


def test_append_only_reads_its_own_table_as_this(lab: Laboratory) -> None:
    sql = f"{APPEND}SELECT id + 1 AS id FROM {{% if is_incremental() %}}(SELECT max(id) AS id FROM {{{{ this }}}}){{% else %}}(SELECT 0 AS id){{% endif %}}"
    table = lab.pipeline("shop.silver.counter", sql)
    results = [lab.run(table) for _ in range(3)]
    assert lab.rows(table) == [(1,), (2,), (3,)]
    [pin] = lab.detail(results[-1].run_id).inputs.tables
    assert pin.table == table


def test_the_audit_of_an_append_sees_old_and_new_rows(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 1 AS id", {"unique": "SELECT id FROM {{ this }} GROUP BY id HAVING count(*) > 1"})
    lab.run(table)
    with pytest.raises(AuditFailedError):
        lab.run(table)
    assert lab.rows(table) == [(1,)]


def test_append_aligns_columns_by_name_never_by_position(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 1 AS id, 2 AS amount")
    lab.run(table)
    lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 20 AS AMOUNT, 10 AS id")
    lab.run(table)
    assert lab.rows(table, "SELECT id, amount FROM {} ORDER BY id") == [(1, 2), (10, 20)]


def test_an_append_that_does_not_fit_lists_every_difference_and_writes_nothing(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 1 AS id, 'a' AS label, 1.5::DECIMAL(10,2) AS price")
    lab.run(table)
    files = lab.warehouse_files()
    lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 'x' AS id, 1.5::DECIMAL(12,2) AS price, true AS fresh")
    with pytest.raises(SchemaMismatchError) as caught:
        lab.run(table)
    assert caught.value.details["differences"] == [
        "the table has no column 'fresh' (BOOLEAN)",
        "'id' is INTEGER in the table and VARCHAR in the query",
        "the query does not return 'label' (VARCHAR)",
        "'price' is DECIMAL(10,2) in the table and DECIMAL(12,2) in the query",
    ]
    assert lab.warehouse_files() == files


def test_an_append_of_narrower_types_fits(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 1::BIGINT AS id, 1::DOUBLE AS share, 1::DECIMAL(20,4) AS price, 'a' AS kind")
    lab.run(table)
    lab.pipeline("shop.silver.orders", f"{APPEND}SELECT 2::TINYINT AS id, 2::FLOAT AS share, 2.5::DECIMAL(10,2) AS price, 'b'::ENUM('a', 'b') AS kind")
    lab.run(table)
    assert lab.rows(table, "SELECT id, share, price::DOUBLE, kind FROM {} ORDER BY id") == [(1, 1.0, 1.0, "a"), (2, 2.0, 2.5, "b")]


def test_full_refresh_may_change_the_columns_and_main_keeps_its_schema_until_the_publish(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id, 'a' AS label, 5 AS gone")
    lab.run(table)
    before = lab.main(table).metadata
    seen: list[tuple[int, list[tuple[object, ...]]]] = []
    lab.pipeline("shop.silver.orders", "SELECT 2.5::DOUBLE AS fresh, 'b' AS label, 9::BIGINT AS id")
    lab.run(table, Journal().on("Audit:", lambda: seen.append((lab.main(table).metadata.current_schema_id, lab.rows(table)))))

    assert seen == [(before.current_schema_id, [(1, "a", 5)])]
    after = lab.main(table).schema()
    assert [field.name for field in after.fields] == ["fresh", "label", "id"]
    assert lab.rows(table) == [(2.5, "b", 9)]
    assert lab.arrow(table).to_pylist() == [{"fresh": 2.5, "label": "b", "id": 9}]
    ids = {field.name: field.field_id for field in before.schema().fields}
    assert after.find_field("label").field_id == ids["label"]
    assert min(after.find_field("id").field_id, after.find_field("fresh").field_id) > max(ids.values())


def test_a_schema_that_comes_back_is_used_again(lab: Laboratory) -> None:
    for sql in ("SELECT 1 AS id", "SELECT 1 AS id, 2 AS more", "SELECT 1 AS id", "SELECT 1 AS id"):
        table = lab.pipeline("shop.silver.orders", f"{sql} -- {len(lab.engine.runs.list(LOCAL_USER).items)}")
        lab.run(table)
    assert [schema.schema_id for schema in lab.main(table).metadata.schemas] == [0, 1]
    assert lab.main(table).metadata.current_schema_id == 0


def test_what_earlier_refreshes_removed_is_not_carried_along(lab: Laboratory) -> None:
    """P5-06: the metadata read by a run does not grow with the number of refreshes before it."""
    table = lab.pipeline("shop.silver.orders", "SELECT 1 AS id")
    for _ in range(4):
        lab.run(table)
    main = lab.main(table)
    snapshot = main.current_snapshot()
    assert snapshot is not None
    assert len(snapshot.manifests(main.io)) == 2


def test_a_large_result_is_written_in_files_of_bounded_size_without_being_held_in_memory(lab: Laboratory) -> None:
    table = lab.pipeline("shop.silver.orders", "SELECT range AS id, md5(range::VARCHAR) || md5((range + 1)::VARCHAR) AS noise FROM range(3000000)")
    result = lab.run(table)
    assert result.counts.rows_in == 3_000_000
    assert lab.rows(table, "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM {}") == [(3_000_000, 3_000_000, 0, 2_999_999)]


def test_an_unknown_strategy_offers_the_nearest() -> None:
    """P6-02."""
    assert isinstance(strategy("full_refresh"), FullRefresh)
    with pytest.raises(ValidationError, match=r"There is no 'full_refrehs' among rat\.strategies: append_only, full_refresh\. Did you mean 'full_refresh'\?"):
        strategy("full_refrehs")
