"""The supervisor and queries: answers, limits, what is kept of them and for how long."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from rat_engine.domain.clock import now
from rat_engine.jobs import queue
from rat_engine.metadata import tables as t
from rat_engine.observe.results import made_path, result_path
from tests.worker.conftest import QUERIES, supervising
from tests.worker.installation import Installation, make


def test_a_query_answers_with_columns_and_writes_into_the_file_it_was_handed(here: Installation) -> None:
    with supervising(here):
        good, bad = here.add_query("select 1"), here.add_query("selec 1")
        assert here.wait_for(good) == "success"
        assert here.wait_for(bad) == "failed"
    row = here.query(good)
    assert (row["columns"], row["row_count"], row["truncated"]) == ([{"name": "n", "type": "BIGINT"}], 8, False)
    assert result_path(here.settings.results, good).read_bytes() == b"select 1"
    failed = here.query(bad)
    assert (failed["error_code"], failed["error_message"], failed["error_line"], failed["error_column"]) == ("query_failed", "syntax error", 1, 7)
    assert not result_path(here.settings.results, bad).exists()


def test_a_query_beyond_its_time_is_killed_and_the_message_tells_the_limit(tmp_path: Path) -> None:
    here = make(tmp_path / "data", query_timeout_seconds=0.2)
    with supervising(here):
        query_id = here.add_query("hang")
        assert here.wait_for(query_id) == "failed"
    row = here.query(query_id)
    assert row["error_code"] == "query_timeout"
    assert "0.2 s" in str(row["error_message"])
    here.database.close()


def test_a_query_that_hangs_can_be_cancelled(here: Installation) -> None:
    with supervising(here):
        query_id = here.add_query("hang")
        here.wait_for(query_id, "running")
        here.cancel(query_id)
        assert here.wait_for(query_id) == "cancelled"
        assert here.wait_for(here.add_query()) == "success"
    assert here.query(query_id)["error_code"] == "query_cancelled"


def test_a_query_whose_child_dies_fails_and_names_the_signal_and_the_memory_limit(here: Installation) -> None:
    with supervising(here):
        query_id = here.add_query("die")
        assert here.wait_for(query_id) == "failed"
        assert here.wait_for(here.add_query()) == "success"
    row = here.query(query_id)
    assert row["error_code"] == "child_died"
    assert "SIGABRT (signal 6)" in str(row["error_message"])
    assert "RAT_QUERY_MEMORY_LIMIT_MB" in str(row["error_message"])


def test_a_result_that_cannot_be_stored_fails_the_query_and_not_the_supervisor(here: Installation) -> None:
    with supervising(here, QUERIES):
        here.settings.results.rmdir()
        here.settings.results.touch()
        query_id = here.add_query()
        assert here.wait_for(query_id) == "failed"
        here.settings.results.unlink()
        here.settings.results.mkdir()
        assert here.wait_for(here.add_query()) == "success"
    assert here.query(query_id)["error_code"] == "unavailable"


def test_old_results_go_at_the_start_and_again_while_nobody_asks_for_anything(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rat_engine.worker.supervisor.TIDY_SECONDS", 0.2)
    monkeypatch.setattr("rat_engine.observe.results._TIDY_SECONDS", 0.1)
    old, made = result_path(here.settings.results, "old"), made_path(here.settings.results, "left")
    young = result_path(here.settings.results, "young")

    def put(*paths: Path) -> None:
        for path in paths:
            path.write_bytes(b"x")
            os.utime(path, (0, 0))

    put(old, made)
    young.write_bytes(b"x")
    with supervising(here):
        for _ in range(2):
            here.wait_until(lambda: "" if old.exists() or made.exists() else "gone", "what is old to go")
            put(old, made)
    assert young.exists()


def test_answers_that_nobody_came_for_are_forgotten(here: Installation) -> None:
    ids = [here.add_query() for _ in range(3)]
    with here.database.write() as transaction:
        long_ago = now() - timedelta(days=1)
        for query_id, kind in zip(ids, ("export", "query", "estimate"), strict=True):
            values = {"kind": kind, "created_at": long_ago, "status": "success"}
            transaction.connection.execute(t.query.update().where(t.query.c.id == query_id).values(**values))
            queue.remove(transaction, query_id)
    with supervising(here):
        here.wait_until(lambda: "" if len(_queries(here)) > 1 else "gone", "answers to be forgotten")
    assert _queries(here) == [ids[1]]


def _queries(here: Installation) -> list[str]:
    with here.database.read() as connection:
        return list(connection.execute(select(t.query.c.id)).scalars())
