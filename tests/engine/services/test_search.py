"""The search over everything."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from rat_engine import LOCAL_USER, Action, Actor, Column, Engine, FoundKind, LakeTable, TableName
from rat_engine.domain.clock import new_id, now
from rat_engine.errors import ForbiddenError, ValidationError
from rat_engine.metadata import pipelines as sql
from rat_engine.metadata.lake import store_table
from rat_engine.services.search import SearchService
from rat_engine.services.templates import starter_files

ENOUGH = 1_000


def keys(engine: Engine, text: str, kind: FoundKind = FoundKind.PIPELINE) -> list[str]:
    return [found.key for found in engine.search.find(LOCAL_USER, text) if found.kind is kind]


def publish(engine: Engine, name: str, columns: tuple[Column, ...]) -> None:
    table = TableName.parse(name)
    engine.pipelines.create(LOCAL_USER, table)
    with engine.database.write() as transaction:
        store_table(transaction.connection, LakeTable(new_id(), table, columns, 1, 1, 1, 7, now(), new_id()), "append")


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


@dataclass(frozen=True)
class Only:
    """Allows everything on what ``names`` begin, and to ask at all."""

    names: tuple[str, ...]

    def require(self, actor: Actor, action: Action, resource: str) -> None:
        """Return when allowed. Raises ForbiddenError otherwise."""
        if action is not Action.SYSTEM_READ and not resource.startswith(self.names):
            raise ForbiddenError(f"{actor.name} may not {action.value} {resource}.")


def test_what_one_may_not_read_is_not_found_and_takes_nobodys_place(engine: Engine) -> None:
    for number in range(6):
        engine.pipelines.create(LOCAL_USER, TableName.parse(f"a.gold.orders_{number}"))
    engine.pipelines.create(LOCAL_USER, TableName.parse("shop.gold.orders_of_today"))
    search = SearchService(engine.database, Only(("shop",)))
    assert [(found.kind, found.key) for found in search.find(LOCAL_USER, "orders", 2)] == [(FoundKind.PIPELINE, "shop.gold.orders_of_today")]
    assert [found.key for found in search.find(LOCAL_USER, "orders_3")] == []


def test_columns_are_found_by_their_own_words_and_those_of_their_table(engine: Engine) -> None:
    columns = (Column("id", "BIGINT"), Column("Delay", "DOUBLE"), Column("delay_reason", "VARCHAR"))
    publish(engine, "shop.gold.flights", columns)
    publish(engine, "shop.gold.trains", columns)
    assert keys(engine, "delay", FoundKind.COLUMN)[:3] == ["shop.gold.flights.Delay", "shop.gold.trains.Delay", "shop.gold.flights.delay_reason"]
    found = [each for each in engine.search.find(LOCAL_USER, "trains reason") if each.kind is FoundKind.COLUMN]
    assert [(each.key, each.title, each.more, each.place) for each in found] == [
        ("shop.gold.trains.delay_reason", "delay_reason", "shop.gold.trains, VARCHAR", 3),
    ]
    assert keys(engine, "trains", FoundKind.COLUMN) == []
    assert [found for found in SearchService(engine.database, Only(("shop.gold.f",))).find(LOCAL_USER, "delay") if "trains" in found.key] == []


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
