"""Lists: sorted by an allow-list, filtered by dates, cut in SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from rat_engine import LOCAL_USER, Engine, LakeTable, Layer, Page, PageRequest, Pipeline, PipelineFiles, RunFilter, TableName
from rat_engine.domain.clock import new_id, now
from rat_engine.errors import ValidationError
from rat_engine.metadata.lake import store_table

NAMES = ("delta", "alpha", "charlie", "bravo")


@pytest.fixture
def filled(engine: Engine) -> Engine:
    for name in NAMES:
        table = TableName("shop", Layer.BRONZE, name)
        engine.pipelines.create(LOCAL_USER, table, PipelineFiles({"pipeline.sql": "select 1 as a"}))
        engine.pipelines.release(LOCAL_USER, table)
    return engine


def all_pages(fetch: Callable[[PageRequest], Page[Pipeline]], sort: str) -> list[str]:
    seen: list[str] = []
    page = fetch(PageRequest(limit=2, sort=sort))
    while True:
        seen += [item.table.name for item in page.items]
        if page.next is None:
            return seen
        page = fetch(PageRequest(limit=2, sort=sort, after=page.next))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("", sorted(NAMES)), ("name", sorted(NAMES)), ("-name", sorted(NAMES, reverse=True)), ("created_at", list(NAMES)), ("-created_at", list(NAMES[::-1]))],
)
def test_pages_follow_each_other_in_every_order(filled: Engine, sort: str, expected: list[str]) -> None:
    """P10-100."""
    assert all_pages(lambda page: filled.pipelines.list(LOCAL_USER, page=page), sort) == expected


@pytest.mark.parametrize("sort", ["", "-name", "created_at", "-created_at", "row_count"])
def test_pages_lead_back_the_way_they_came(filled: Engine, sort: str) -> None:
    fetch = lambda **where: filled.pipelines.list(LOCAL_USER, page=PageRequest(1, sort=sort, **where))  # noqa: E731
    pages = [fetch()]
    while (following := pages[-1].next) is not None:
        pages.append(fetch(after=following))
    assert (len(pages), pages[0].previous) == (len(NAMES), None)
    here = pages[-1]
    for front in pages[-2::-1]:
        here = fetch(before=here.previous)
        assert (here.items, here.next, here.previous) == (front.items, front.next, front.previous)


def test_a_page_in_front_of_which_nothing_is_left_is_the_first_and_full(filled: Engine) -> None:
    first = filled.pipelines.list(LOCAL_USER, page=PageRequest(3))
    second = filled.pipelines.list(LOCAL_USER, page=PageRequest(3, offset=1))
    assert filled.pipelines.list(LOCAL_USER, page=PageRequest(3, before=second.previous)) == first
    with pytest.raises(ValidationError, match="before"):
        PageRequest(before=second.previous, after=first.next)


@pytest.mark.parametrize("sort", ["nothing", "name; drop table run", "--name", "draft_hash", "-"])
def test_only_the_listed_fields_can_be_sorted_by(filled: Engine, sort: str) -> None:
    """P10-100, P10-26: a field is looked up, never formatted into the statement."""
    with pytest.raises(ValidationError, match="created_at"):
        filled.pipelines.list(LOCAL_USER, page=PageRequest(sort=sort))


def test_runs_that_have_not_started_sort_first(filled: Engine) -> None:
    ids = [filled.runs.submit(LOCAL_USER, TableName("shop", Layer.BRONZE, name)).id for name in NAMES]
    with filled.database.write() as transaction:
        statement = text("UPDATE run SET status = 'running', started_at = '2024-01-01 00:00:00.000000' WHERE id = :id")
        transaction.connection.execute(statement, {"id": ids[0]})
    first = filled.runs.list(LOCAL_USER, page=PageRequest(limit=3, sort="started_at"))
    second = filled.runs.list(LOCAL_USER, page=PageRequest(limit=3, sort="started_at", after=first.next))
    assert [run.id for run in (*first.items, *second.items)] == [*ids[1:], ids[0]]


def test_runs_are_filtered_by_the_time_they_started(filled: Engine) -> None:
    """P10-101."""
    run = filled.runs.submit(LOCAL_USER, TableName("shop", Layer.BRONZE, "alpha"))
    with filled.database.write() as transaction:
        statement = text("UPDATE run SET status = 'running', started_at = :at WHERE id = :id")
        transaction.connection.execute(statement, {"id": run.id, "at": f"{run.created_at + timedelta(seconds=5):%Y-%m-%d %H:%M:%S.%f}"})
    started = filled.runs.get(LOCAL_USER, run.id).started_at
    assert started is not None
    assert filled.runs.list(LOCAL_USER, RunFilter(started_after=started, started_before=started + timedelta(seconds=1))).total == 1
    assert filled.runs.list(LOCAL_USER, RunFilter(started_before=started)).total == 0
    assert filled.runs.list(LOCAL_USER, RunFilter(started_after=now() + timedelta(hours=1))).total == 0


def test_a_list_costs_the_same_number_of_statements_whatever_its_length(filled: Engine) -> None:
    """P2-06: no statement per row. P2-05: the limit is in SQL."""

    def statements(limit: int) -> int:
        counted: list[str] = []
        listener = lambda *args: counted.append(args[2])  # noqa: E731
        event.listen(filled.database.engine, "before_cursor_execute", listener)
        try:
            assert len(filled.pipelines.list(LOCAL_USER, page=PageRequest(limit=limit)).items) == min(limit, len(NAMES))
        finally:
            event.remove(filled.database.engine, "before_cursor_execute", listener)
        assert any("LIMIT" in statement for statement in counted)
        return len(counted)

    assert statements(1) == statements(4)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-last_run_at", ["charlie", "delta", "bravo", "alpha"]),
        ("last_run_at", ["alpha", "bravo", "delta", "charlie"]),
        ("-row_count", ["alpha", "delta", "charlie", "bravo"]),
        ("published_at", ["bravo", "charlie", "alpha", "delta"]),
        ("-namespace", sorted(NAMES, reverse=True)),
    ],
)
def test_pipelines_are_sorted_by_how_they_stand(filled: Engine, sort: str, expected: list[str]) -> None:
    """P10-100: what never ran or was never published is the oldest and the emptiest."""
    for name in ("delta", "charlie"):
        filled.runs.submit(LOCAL_USER, TableName("shop", Layer.BRONZE, name))
    with filled.database.write() as transaction:
        for minute, (name, rows) in enumerate({"alpha": 20, "delta": 10}.items()):
            table = TableName("shop", Layer.BRONZE, name)
            store_table(transaction.connection, LakeTable(new_id(), table, (), rows, 1, 1, 7, now() + timedelta(minutes=minute), new_id()), "append")
    assert all_pages(lambda page: filled.pipelines.list(LOCAL_USER, page=page), sort) == expected
