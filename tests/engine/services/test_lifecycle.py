"""A pipeline as a whole: renamed, moved, copied, deleted and brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from rat_engine import LOCAL_USER, Engine, PipelineFiles, TableName
from rat_engine.domain.clock import now
from rat_engine.errors import AlreadyExistsError, CompileError, ConflictError, NotFoundError
from rat_engine.metadata import tables as t

ORDERS, SALES, TOTALS = (TableName.parse(name) for name in ("shop.bronze.orders", "shop.silver.sales", "shop.gold.totals"))


def made(engine: Engine, table: TableName, sql: str, **more: str) -> None:
    engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": sql, **more}))
    engine.pipelines.release(LOCAL_USER, table)


@pytest.fixture
def shop(engine: Engine) -> Engine:
    """Totals reads orders."""
    made(engine, ORDERS, "select 1 as id")
    made(engine, TOTALS, "select count(*) as n\nfrom {{ ref('bronze.orders') }} -- ref('bronze.orders')")
    return engine


def test_a_rename_keeps_draft_versions_and_runs_and_lists_the_readers(shop: Engine) -> None:
    run = shop.runs.submit(LOCAL_USER, ORDERS)
    shop.runs.cancel(LOCAL_USER, run.id)
    renamed = shop.lifecycle.rename(LOCAL_USER, ORDERS, SALES)
    assert (renamed.readers, renamed.updated) == ((TOTALS,), ())
    assert (renamed.pipeline.table, renamed.pipeline.version, renamed.pipeline.last_run_id) == (SALES, 1, run.id)
    assert shop.runs.get(LOCAL_USER, run.id).table == SALES
    with pytest.raises(NotFoundError):
        shop.pipelines.get(LOCAL_USER, ORDERS)
    assert "bronze.orders" in shop.pipelines.draft(LOCAL_USER, TOTALS).files.source


def test_the_drafts_of_readers_follow_when_asked_and_only_where_a_ref_stands(shop: Engine) -> None:
    renamed = shop.lifecycle.rename(LOCAL_USER, ORDERS, SALES, update_readers=True)
    assert renamed.updated == (TOTALS,)
    draft = shop.pipelines.draft(LOCAL_USER, TOTALS).files.source
    assert draft == "select count(*) as n\nfrom {{ ref('silver.sales') }} -- ref('bronze.orders')"
    assert shop.pipelines.version(LOCAL_USER, TOTALS, 1).files != shop.pipelines.draft(LOCAL_USER, TOTALS).files
    shop.pipelines.release(LOCAL_USER, TOTALS)
    assert shop.lifecycle.dependents(LOCAL_USER, SALES) == (TOTALS,)


def test_a_move_that_would_change_what_is_read_is_refused(shop: Engine) -> None:
    elsewhere = TableName.parse("bakery.gold.totals")
    with pytest.raises(ConflictError, match=r"no longer read shop\.bronze\.orders"):
        shop.lifecycle.rename(LOCAL_USER, TOTALS, elsewhere)
    assert shop.pipelines.get(LOCAL_USER, TOTALS).table == TOTALS
    assert shop.lifecycle.rename(LOCAL_USER, ORDERS, TableName.parse("bakery.bronze.orders")).pipeline.table.namespace == "bakery"


def test_a_test_that_names_its_own_table_forbids_the_rename(engine: Engine) -> None:
    made(engine, ORDERS, "select 1 as id", **{"tests/quality/t.sql": "select * from {{ ref('bronze.orders') }} where id is null"})
    with pytest.raises(ConflictError, match="not compile"):
        engine.lifecycle.rename(LOCAL_USER, ORDERS, SALES)


def test_a_name_in_use_and_a_run_that_goes_on_forbid_a_rename(shop: Engine) -> None:
    with pytest.raises(AlreadyExistsError):
        shop.lifecycle.rename(LOCAL_USER, ORDERS, TOTALS)
    shop.runs.submit(LOCAL_USER, ORDERS)
    with pytest.raises(ConflictError, match=r"1 run of shop\.bronze\.orders still goes on"):
        shop.lifecycle.rename(LOCAL_USER, ORDERS, SALES)


def test_a_rename_that_would_close_a_cycle_is_refused(shop: Engine) -> None:
    """P10-08: readers go on naming what was there before."""
    readers = TableName.parse("shop.silver.readers")
    shop.lifecycle.rename(LOCAL_USER, ORDERS, SALES)
    made(shop, readers, "select n from {{ ref('gold.totals') }}")
    with pytest.raises(CompileError, match=r"Renaming shop\.silver\.readers to shop\.bronze\.orders would close a cycle: "):
        shop.lifecycle.rename(LOCAL_USER, readers, ORDERS)
    shop.pipelines.get(LOCAL_USER, readers)
    made(shop, TableName.parse("shop.gold.other"), "select 1 as n")


def test_a_copy_has_the_draft_and_nothing_else(shop: Engine) -> None:
    copied = shop.lifecycle.copy(LOCAL_USER, ORDERS, SALES)
    assert copied.version is None
    assert shop.pipelines.draft(LOCAL_USER, SALES).files == shop.pipelines.draft(LOCAL_USER, ORDERS).files
    with pytest.raises(AlreadyExistsError):
        shop.lifecycle.copy(LOCAL_USER, ORDERS, SALES)


def test_a_pipeline_whose_run_waits_is_not_deleted(shop: Engine) -> None:
    run = shop.runs.submit(LOCAL_USER, TOTALS)
    with pytest.raises(ConflictError, match=r"1 run of shop\.gold\.totals still goes on"):
        shop.pipelines.delete(LOCAL_USER, TOTALS)
    shop.runs.cancel(LOCAL_USER, run.id)
    shop.pipelines.delete(LOCAL_USER, TOTALS)


def test_what_was_deleted_comes_back_whole(shop: Engine) -> None:
    with pytest.raises(ConflictError, match=r"shop\.gold\.totals"):
        shop.pipelines.delete(LOCAL_USER, ORDERS)
    shop.pipelines.delete(LOCAL_USER, TOTALS)
    assert [(deleted.table, deleted.deleted_by) for deleted in shop.lifecycle.deleted(LOCAL_USER)] == [(TOTALS, LOCAL_USER.name)]
    restored = shop.lifecycle.restore(LOCAL_USER, TOTALS)
    assert (restored.version, shop.lifecycle.dependents(LOCAL_USER, ORDERS)) == (1, (TOTALS,))
    assert shop.pipelines.versions(LOCAL_USER, TOTALS).total == 1
    assert not shop.lifecycle.deleted(LOCAL_USER)


def test_what_took_the_name_meanwhile_and_a_day_that_passed_forbid_it(shop: Engine) -> None:
    shop.pipelines.delete(LOCAL_USER, TOTALS)
    shop.pipelines.create(LOCAL_USER, TOTALS)
    with pytest.raises(AlreadyExistsError, match="Rename it first"):
        shop.lifecycle.restore(LOCAL_USER, TOTALS)
    shop.lifecycle.rename(LOCAL_USER, TOTALS, SALES)
    with shop.database.write() as transaction:
        transaction.connection.execute(update(t.pipeline).where(t.pipeline.c.deleted_at.is_not(None)).values(deleted_at=now() - timedelta(hours=25)))
    with pytest.raises(NotFoundError, match="24 hours"):
        shop.lifecycle.restore(LOCAL_USER, TOTALS)


def test_what_would_close_a_cycle_does_not_come_back(shop: Engine) -> None:
    shop.pipelines.delete(LOCAL_USER, TOTALS)
    draft = shop.pipelines.draft(LOCAL_USER, ORDERS)
    shop.pipelines.create(LOCAL_USER, TOTALS)
    shop.pipelines.save_draft(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": "select * from {{ ref('gold.totals') }}"}), draft.revision)
    shop.pipelines.release(LOCAL_USER, ORDERS)
    shop.lifecycle.rename(LOCAL_USER, TOTALS, SALES)
    with pytest.raises(CompileError, match="cycle"):
        shop.lifecycle.restore(LOCAL_USER, TOTALS)
    assert [deleted.table for deleted in shop.lifecycle.deleted(LOCAL_USER)] == [TOTALS]
