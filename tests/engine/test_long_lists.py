"""Lists over 1,000 pipelines, their tables and 100,000 runs: SQLite reads them by an index and never sorts them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from rat_engine import LOCAL_USER, Engine, Layer, Page, PageRequest, PipelineFilter, RunFilter, RunStatus, Settings, TableFilter
from rat_engine.domain.clock import now
from rat_engine.metadata import tables as t

PIPELINES, RUNS = 1_000, 100_000
NAMESPACES, LAYERS = ("shop", "bakery", "lab", "port"), ("bronze", "silver", "gold")
# Made by the database: a row at a time, 100,000 take half a minute.
HISTORY = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :runs - 1)
INSERT INTO run (id, pipeline_id, namespace, layer, name, version, code_hash, draft, status, "trigger", trigger_kind, took_ms, actor, request_id, parameters,
    fence, created_at, started_at, finished_at, branch, rows_in, rows_out, rows_total, bytes_written, files_written,
    error_code, error_message, cancel_requested)
SELECT printf('01k%023d', i), pipeline.id, namespace, layer, name, 1, 'x', 0, CASE i % 20 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'success' END,
    'manual', CASE i % 2 WHEN 0 THEN 'manual' ELSE 'schedule' END, i * 7919 % 60000, 'local', '', '{}', 0,
    datetime('2025-01-01', '+' || i || ' minutes'), datetime('2025-01-01', '+' || i || ' minutes'), datetime('2025-01-01', '+' || i || ' minutes'),
    '', 0, 0, 0, 0, 0, '', '', 0
FROM n JOIN pipeline ON pipeline.id = printf('p%025d', i % :pipelines)
"""

Fetch = Callable[[Engine, PageRequest], Page[Any]]
LISTS: dict[str, tuple[Fetch, tuple[str, ...]]] = {
    "pipelines": (lambda engine, page: engine.pipelines.list(LOCAL_USER, page=page), ("", "-namespace")),
    "pipelines of a namespace": (lambda engine, page: engine.pipelines.list(LOCAL_USER, PipelineFilter("shop"), page), ("",)),
    "tables": (lambda engine, page: engine.tables.list(LOCAL_USER, page=page), ("",)),
    "tables of a namespace": (lambda engine, page: engine.tables.list(LOCAL_USER, TableFilter("shop"), page), ("",)),
    "runs": (lambda engine, page: engine.runs.list(LOCAL_USER, page=page), ("", "created_at", "-duration_ms", "pipeline", "-pipeline", "-status")),
    "runs of a namespace": (lambda engine, page: engine.runs.list(LOCAL_USER, RunFilter(namespace="shop"), page), ("",)),
    "runs of a layer": (lambda engine, page: engine.runs.list(LOCAL_USER, RunFilter(layer=Layer.GOLD), page), ("",)),
    "runs of a status": (lambda engine, page: engine.runs.list(LOCAL_USER, RunFilter(statuses=(RunStatus.FAILED,)), page), ("",)),
    "runs of a trigger": (lambda engine, page: engine.runs.list(LOCAL_USER, RunFilter(trigger="schedule"), page), ("",)),
    "runs of a pipeline": (lambda engine, page: engine.runs.list(LOCAL_USER, RunFilter(namespace="shop", layer=Layer.BRONZE, name="table_0"), page), ("",)),
}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An installation with a long past."""
    folder: Path = tmp_path_factory.mktemp("long")
    with Engine.open(Settings(data=folder / "data")) as engine:
        for namespace in NAMESPACES:
            engine.namespaces.create(LOCAL_USER, namespace)
        with engine.database.write() as transaction:
            transaction.connection.execute(insert(t.pipeline), [_pipeline(number) for number in range(PIPELINES)])
            transaction.connection.execute(insert(t.lake_table), [_table(number) for number in range(PIPELINES)])
            transaction.connection.exec_driver_sql(HISTORY, {"runs": RUNS, "pipelines": PIPELINES})
        yield engine


@pytest.mark.parametrize(("name", "sort"), [(name, sort) for name, (_, sorts) in LISTS.items() for sort in sorts])
def test_a_page_of_a_list_is_read_in_the_order_of_an_index(full: Engine, name: str, sort: str) -> None:
    """P2-05: also the page after and the one in front, which begin where the cursor is."""
    fetch, _ = LISTS[name]
    first = fetch(full, PageRequest(20, sort=sort))
    assert first.next is not None, "a list of one page shows nothing"
    third = fetch(full, PageRequest(20, fetch(full, PageRequest(20, first.next, sort=sort)).next, sort=sort))
    for page in (PageRequest(sort=sort), PageRequest(after=first.next, sort=sort), PageRequest(20, before=third.previous, sort=sort)):
        plans = plans_of(full, lambda page=page: fetch(full, page))
        steps = [step for _, plan in plans for step in plan]
        assert not [step for step in steps if "TEMP B-TREE" in step or (step.startswith("SCAN") and "INDEX" not in step)], steps
        _, rows = plans[-1]
        assert rows[0].startswith("SEARCH") or page.after is page.before is None, rows


@pytest.mark.parametrize("sort", ["last_run_at", "-row_count", "-published_at", "-created_at"])
def test_sorting_pipelines_looks_at_pipelines_and_never_through_the_runs(full: Engine, sort: str) -> None:
    first = full.pipelines.list(LOCAL_USER, page=PageRequest(sort=sort))
    for page in (PageRequest(sort=sort), PageRequest(after=first.next, sort=sort)):
        steps = [step for _, plan in plans_of(full, lambda page=page: full.pipelines.list(LOCAL_USER, page=page)) for step in plan]
        assert not [step for step in steps if step.startswith(("SCAN run", "SCAN lake_table"))], steps


@pytest.mark.parametrize("text", ["table_99", "01k0000000000000000000000042", "01", "shop gold"])
def test_a_search_never_looks_through_the_runs(full: Engine, text: str) -> None:
    for search in (lambda: full.search.find(LOCAL_USER, text), lambda: full.runs.list(LOCAL_USER, RunFilter(search=text))):
        steps = [step for _, plan in plans_of(full, search) for step in plan]
        assert not [step for step in steps if step.startswith("SCAN run")], steps


def test_the_counts_to_narrow_runs_by_are_read_from_an_index_alone(full: Engine) -> None:
    steps = [step for _, plan in plans_of(full, lambda: full.runs.facets(LOCAL_USER)) for step in plan]
    assert [step for step in steps if step.startswith("SCAN run")] == ["SCAN run USING COVERING INDEX ix_run_facets"], steps


def plans_of(engine: Engine, read: Callable[[], object]) -> list[tuple[str, list[str]]]:
    """Every SELECT that ``read`` sends, and how SQLite carries it out."""
    sent: list[tuple[str, Any]] = []
    listener = lambda *args: sent.append((args[2], args[3]))  # noqa: E731
    event.listen(engine.database.engine, "before_cursor_execute", listener)
    try:
        read()
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", listener)
    with engine.database.read() as connection:
        return [
            (statement, [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)])
            for statement, values in sent
            if statement.startswith("SELECT")
        ]


def _pipeline(number: int) -> dict[str, Any]:
    facts = {"type": "sql", "description": f"About table {number}", "version": 1, "version_hash": "x", "draft_hash": "x"}
    return {"id": f"p{number:025d}", **_name(number), **facts, "created_at": now(), "updated_at": now()}


def _table(number: int) -> dict[str, Any]:
    numbers = {"row_count": number * 7919 % 1_000_003, "size_bytes": number, "file_count": 1, "snapshot_id": number}
    named = _name(number)
    return {
        "id": f"t{number:025d}", **named, "columns": [], **numbers, "search_names": ".".join(named.values()), "published_at": now(),
        "published_by_run": f"r{number:025d}",
    }  # fmt: skip


def _name(number: int) -> dict[str, str]:
    return {"namespace": NAMESPACES[number % 4], "layer": LAYERS[number % 3], "name": f"table_{number}"}
