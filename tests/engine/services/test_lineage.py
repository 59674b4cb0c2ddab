"""The graph of tables and landing zones, read from the metadata of a real engine."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import event

from rat_engine import LOCAL_USER, Engine, LineageFilter, NotFoundError, PipelineFiles, TableName, ZoneName, parse_place
from rat_engine.services.tracing import trace_all


def released(engine: Engine, name: str, sql: str) -> TableName:
    table = TableName.parse(name)
    engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": sql}))
    engine.pipelines.release(LOCAL_USER, table)
    return table


@pytest.fixture
def shop(engine: Engine) -> Engine:
    """A zone, three tables one after the other, a second namespace that reads the last, and a draft."""
    engine.landing.create(LOCAL_USER, ZoneName("shop", "orders"))
    released(engine, "shop.bronze.orders", "select * from {{ landing_zone('orders') }}")
    released(engine, "shop.silver.orders", "select id from {{ ref('bronze.orders') }}")
    released(engine, "shop.gold.totals", "select count(*) as n from {{ ref('silver.orders') }}")
    released(engine, "board.gold.numbers", "select n from {{ ref('shop.gold.totals') }}")
    engine.pipelines.create(LOCAL_USER, TableName.parse("shop.gold.someday"))
    return engine


CHAIN = ["shop.landing.orders", "shop.bronze.orders", "shop.silver.orders", "shop.gold.totals", "board.gold.numbers"]


def ids(engine: Engine, wanted: LineageFilter = LineageFilter()) -> set[str]:
    return {node.id for node in engine.lineage.graph(LOCAL_USER, wanted).nodes}


def test_the_whole_graph_has_zones_tables_and_drafts_over_all_namespaces(shop: Engine) -> None:
    graph = shop.lineage.graph(LOCAL_USER)
    assert ids(shop) == {*CHAIN, "shop.gold.someday"}
    assert set(graph.edges) == set(pairwise(CHAIN))
    assert graph.total == 6
    versions = {node.id: node.version for node in graph.nodes if node.pipeline}
    assert versions["shop.gold.totals"] == 1
    assert versions["shop.gold.someday"] is None


@pytest.mark.parametrize(("up", "down", "expected"), [(0, 0, CHAIN[2:3]), (1, 0, CHAIN[1:3]), (1, 1, CHAIN[1:4]), (50, 0, CHAIN[:3]), (0, 50, CHAIN[2:])])
def test_a_focus_shows_what_lies_so_many_steps_before_and_after_it(shop: Engine, up: int, down: int, expected: list[str]) -> None:
    assert ids(shop, LineageFilter(TableName.parse("shop.silver.orders"), up, down)) == set(expected)


def test_a_zone_can_be_the_focus(shop: Engine) -> None:
    assert ids(shop, LineageFilter(ZoneName("shop", "orders"), 1, 1)) == set(CHAIN[:2])


def test_a_namespace_is_shown_with_what_it_touches_elsewhere(shop: Engine) -> None:
    assert ids(shop, LineageFilter(namespace="board")) == {"shop.gold.totals", "board.gold.numbers"}


def test_a_focus_that_does_not_exist_is_said(shop: Engine) -> None:
    with pytest.raises(NotFoundError, match=r"shop\.gold\.nothing"):
        shop.lineage.graph(LOCAL_USER, LineageFilter(TableName.parse("shop.gold.nothing")))


def test_a_deleted_pipeline_leaves_the_graph(shop: Engine) -> None:
    shop.pipelines.delete(LOCAL_USER, TableName.parse("board.gold.numbers"))
    graph = shop.lineage.graph(LOCAL_USER)
    assert "board.gold.numbers" not in {node.id for node in graph.nodes}
    assert all("board.gold.numbers" not in edge for edge in graph.edges)


def test_the_graph_costs_the_same_number_of_statements_whatever_its_size(shop: Engine) -> None:
    """P2-06."""

    def statements() -> int:
        counted: list[str] = []
        event.listen(shop.database.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
        shop.lineage.graph(LOCAL_USER)
        return len([text for text in counted if text.lstrip().upper().startswith("SELECT")])

    few = statements()
    for number in range(20):
        released(shop, f"shop.gold.more_{number}", "select count(*) as n from {{ ref('silver.orders') }}")
    assert statements() == few


def kinds(engine: Engine, table: str) -> dict[str, str]:
    return {column.name: column.kind.value for column in engine.lineage.columns(LOCAL_USER, parse_place(table)).trace.columns}


def test_columns_are_traced_through_tables_that_were_never_published(shop: Engine) -> None:
    assert kinds(shop, "shop.gold.totals") == {"n": "aggregated"}
    hidden = shop.lineage.impact(LOCAL_USER, TableName.parse("shop.bronze.orders"), "id")
    assert (hidden.column.kind.value, [step.ref.id for step in hidden.downstream]) == ("unknown", ["shop.silver.orders.id"])
    assert "first published run" in hidden.column.reason
    released(shop, "shop.silver.named", "select id, upper(name) as name from {{ landing_zone('orders') }}")
    released(shop, "shop.gold.names", "select name as label from {{ ref('silver.named') }} where id > 0")
    impact = shop.lineage.impact(LOCAL_USER, ZoneName("shop", "orders"), "NAME")
    assert [(step.ref.id, step.column.kind.value, step.distance) for step in impact.downstream] == [
        ("shop.silver.named.name", "computed", 1),
        ("shop.gold.names.label", "copied", 2),
    ]
    assert [str(table) for table in shop.lineage.impact(LOCAL_USER, TableName.parse("shop.silver.named"), "id").rows] == ["shop.gold.names"]


def test_a_new_version_is_traced_anew(shop: Engine) -> None:
    table = TableName.parse("board.gold.numbers")
    assert kinds(shop, "board.gold.numbers") == {"n": "copied"}
    draft = shop.pipelines.draft(LOCAL_USER, table)
    shop.pipelines.save_draft(LOCAL_USER, table, PipelineFiles({"pipeline.sql": "select n + 1 as more from {{ ref('shop.gold.totals') }}"}), draft.revision)
    assert kinds(shop, "board.gold.numbers") == {"n": "copied"}
    shop.pipelines.release(LOCAL_USER, table)
    assert kinds(shop, "board.gold.numbers") == {"more": "computed"}


def test_sql_that_the_tracer_does_not_know_lowers_the_coverage_and_blocks_nothing(shop: Engine) -> None:
    table = released(shop, "shop.gold.odd", "pivot {{ ref('silver.orders') }} on id using count(*)")
    found = shop.lineage.columns(LOCAL_USER, table)
    assert (found.traced, found.total) == (0, 0)
    assert "PIVOT" in found.trace.problem


def test_traces_are_kept_for_the_next_process(shop: Engine) -> None:
    shop.lineage.columns(LOCAL_USER, TableName.parse("shop.gold.totals"))
    with Engine.open(shop.settings) as again, again.database.read() as connection:
        assert trace_all(connection).fresh == {}


def test_a_column_or_table_that_does_not_exist_is_said(shop: Engine) -> None:
    with pytest.raises(NotFoundError, match="has no column nothing"):
        shop.lineage.impact(LOCAL_USER, TableName.parse("shop.gold.totals"), "nothing")
    with pytest.raises(NotFoundError, match=r"shop\.gold\.nothing"):
        shop.lineage.columns(LOCAL_USER, TableName.parse("shop.gold.nothing"))
