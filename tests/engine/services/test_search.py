"""The search over everything."""

from __future__ import annotations

import time

import pytest

from rat_engine import LOCAL_USER, Engine, FoundKind, TableName
from rat_engine.errors import ValidationError
from rat_engine.metadata import pipelines as sql
from rat_engine.services.templates import starter_files

ENOUGH = 1_000


def keys(engine: Engine, text: str, kind: FoundKind = FoundKind.PIPELINE) -> list[str]:
    return [found.key for found in engine.search.find(LOCAL_USER, text) if found.kind is kind]


def test_every_word_counts_and_what_begins_with_it_comes_first(engine: Engine) -> None:
    for name in ("shop.gold.daily_orders", "shop.silver.orders", "shop.silver.orders_cleaned", "news.gold.readers"):
        engine.pipelines.create(LOCAL_USER, TableName.parse(name))
    assert keys(engine, "orders") == ["shop.silver.orders", "shop.silver.orders_cleaned", "shop.gold.daily_orders"]
    assert keys(engine, "GOLD ord") == ["shop.gold.daily_orders"]
    assert keys(engine, "shop.silver.orders") == ["shop.silver.orders", "shop.silver.orders_cleaned"]
    assert keys(engine, "news", FoundKind.NAMESPACE) == ["news"]
    assert keys(engine, "nothing like it") == []


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\\", "\x00"])
def test_signs_of_sql_mean_themselves(engine: Engine, text: str) -> None:
    """P10-26."""
    engine.pipelines.create(LOCAL_USER, TableName.parse("shop.gold.orders"))
    try:
        assert keys(engine, text) == []
    except ValidationError:
        assert "\x00" in text


def test_a_run_is_found_by_the_beginning_of_its_id(engine: Engine) -> None:
    table = TableName.parse("shop.gold.orders")
    engine.pipelines.create(LOCAL_USER, table)
    engine.pipelines.release(LOCAL_USER, table)
    run = engine.runs.submit(LOCAL_USER, table)
    assert keys(engine, run.id[:10], FoundKind.RUN) == [run.id]
    assert keys(engine, run.id[:3], FoundKind.RUN) == []


def test_a_thousand_pipelines_are_searched_in_a_moment(engine: Engine) -> None:
    engine.namespaces.create(LOCAL_USER, "shop")
    with engine.database.write() as transaction:
        for number in range(ENOUGH):
            table = TableName.parse(f"shop.gold.table_{number}")
            sql.insert_pipeline(transaction.connection, table, starter_files(table), "", "local")
    began = time.monotonic()
    assert len(keys(engine, "table 99")) == 8
    # Generous: what matters is that it does not read everything one by one.
    assert time.monotonic() - began < 5
