"""What an editor asks for: columns in scope, CTEs, the plan of the next run."""

from __future__ import annotations

import io

import pytest

from rat_engine import LOCAL_USER, Column, Cursor, Engine, LakeTable, NotFoundError, PipelineFiles, TableName, ZoneName
from rat_engine.domain.clock import new_id, now
from rat_engine.metadata.lake import store_table

ORDERS, TOTALS = TableName.parse("shop.bronze.orders"), TableName.parse("shop.silver.totals")
SOURCE = """with big as (
    select o.id, o.price::double as price, 1 as one from {{ ref('bronze.orders') }} as o
),
rest as (select * exclude (one) from big)
select * from rest"""


@pytest.fixture
def shop(engine: Engine) -> Engine:
    """A published table, and a pipeline that reads it."""
    columns = (Column("id", "BIGINT", "Its number"), Column("price", "DECIMAL(9,2)"))
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": "select 1 as id"}))
    engine.pipelines.release(LOCAL_USER, ORDERS)
    run = engine.runs.submit(LOCAL_USER, ORDERS)
    with engine.database.write() as transaction:
        store_table(transaction.connection, LakeTable(new_id(), ORDERS, columns, 5, 900, 1, 77, now(), run.id, "Every order"), "append")
    landed = PipelineFiles({"pipeline.sql": "select * from {{ landing_zone('orders') }}"})
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, landed, engine.pipelines.draft(LOCAL_USER, ORDERS).revision)
    test = "-- @severity: warn\nselect * from {{ this }}"
    engine.pipelines.create(LOCAL_USER, TOTALS, PipelineFiles({"pipeline.sql": SOURCE, "tests/quality/none.sql": test}))
    return engine


def test_the_scope_has_tables_and_ctes_with_their_columns(shop: Engine) -> None:
    scope = shop.authoring.scope(LOCAL_USER, TOTALS)
    found = {relation.name: [(column.name, column.type) for column in relation.columns] for relation in scope.relations}
    assert scope.whole
    assert found == {
        "shop.bronze.orders": [("id", "BIGINT"), ("price", "DECIMAL(9,2)")],
        "shop.silver.totals": [],
        "big": [("id", "BIGINT"), ("price", "DOUBLE"), ("one", "")],
        "rest": [("id", "BIGINT"), ("price", "DOUBLE")],
    }
    assert (scope.relations[0].description, scope.relations[0].columns[0].description, scope.relations[0].row_count) == ("Every order", "Its number", 5)


def test_an_unfinished_text_still_has_its_tables_in_scope(shop: Engine) -> None:
    scope = shop.authoring.scope(LOCAL_USER, TOTALS, PipelineFiles({"pipeline.sql": "select o. from {{ ref('bronze.orders') }} as o where"}))
    assert not scope.whole
    assert [relation.name for relation in scope.relations] == ["shop.bronze.orders", "shop.silver.totals"]


def test_the_next_run_is_planned_and_nothing_happens(shop: Engine) -> None:
    plan = shop.authoring.plan(LOCAL_USER, TOTALS)
    assert (plan.version, plan.strategy, plan.incremental, plan.obstacles) == (None, "full_refresh", False, ())
    assert [(table.table, table.snapshot_id, table.row_count, table.size_bytes) for table in plan.tables] == [(ORDERS, 77, 5, 900)]
    assert [(test.name, test.severity.value) for test in plan.tests] == [("none", "warn")]
    shop.pipelines.release(LOCAL_USER, TOTALS)
    assert shop.authoring.plan(LOCAL_USER, TOTALS).version == 1
    assert shop.authoring.plan(LOCAL_USER, TOTALS, draft=True).version is None
    assert shop.authoring.plan(LOCAL_USER, ORDERS, draft=True).read_by == (TOTALS,)
    assert shop.runs.list(LOCAL_USER).total == 1


def test_a_plan_says_what_stands_in_the_way_and_which_files_wait(shop: Engine) -> None:
    assert "no landing zone" in shop.authoring.plan(LOCAL_USER, ORDERS, draft=True).obstacles[0]
    shop.landing.create(LOCAL_USER, ZoneName("shop", "orders"))
    assert shop.authoring.plan(LOCAL_USER, ORDERS, draft=True).obstacles == ("The landing zone shop.orders has no files. Land one first.",)
    shop.landing.land(LOCAL_USER, ZoneName("shop", "orders"), "a.csv", io.BytesIO(b"id\n1\n"))
    plan = shop.authoring.plan(LOCAL_USER, ORDERS, draft=True)
    assert (plan.obstacles, plan.zones[0].file_count, plan.zones[0].total_bytes) == ((), 1, 5)
    assert plan.target.row_count == 5


def test_the_cte_under_the_cursor_is_previewed_with_those_before_it(shop: Engine) -> None:
    query = shop.queries.preview(LOCAL_USER, TOTALS, path=Cursor("pipeline.sql", 4, 12))
    assert query.sql.endswith("rest as (select * exclude (one) from big)\nSELECT * FROM rest")
    assert query.sql.startswith("with big as (")
    files = shop.pipelines.draft(LOCAL_USER, TOTALS).files
    assert shop.authoring.part(LOCAL_USER, TOTALS, files, Cursor("pipeline.sql", 2, 9)) == "big"
    assert shop.authoring.part(LOCAL_USER, TOTALS, files, Cursor("pipeline.sql", 5, 3)) == ""
    with pytest.raises(NotFoundError, match="no CTE"):
        shop.queries.preview(LOCAL_USER, TOTALS, path=Cursor("pipeline.sql", 5, 3))


def test_the_drafts_file_is_laid_out_without_being_saved(shop: Engine) -> None:
    text = shop.authoring.format(LOCAL_USER, TOTALS)
    assert text.startswith("with big as (\n    select o.id, o.price::double as price, 1 as one\n    from ")
    assert shop.pipelines.draft(LOCAL_USER, TOTALS).files.source == SOURCE
    with pytest.raises(NotFoundError):
        shop.authoring.format(LOCAL_USER, TOTALS, "tests/quality/nothing.sql")
