"""Queries in a real confined child: honest ones work, hostile ones reach nothing, bombs end within their limits."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rat_engine.access import landlock
from tests.engine.query.lake import Lake, make_lake
from tests.worker.confined import ROOT

pytestmark = pytest.mark.skipif(landlock.abi() < landlock.ABI_WITH_TRUNCATE, reason="this kernel has no Landlock that can keep a file from being emptied")

# A supervisor kills what does not stop by itself.
PATIENCE_SECONDS = 60
BOMB_SECONDS = 8


class Child:
    """A confined child with a lake to query."""

    def __init__(self, process: subprocess.Popen[str], lake: Lake) -> None:
        self._process = process
        self._lake = lake
        self.dead = False
        self.confinement = self._read()

    def ask(self, sql: str, *, patience: float = PATIENCE_SECONDS, **limits: Any) -> dict[str, Any]:
        """The child's answer to a query, or how it died; it is killed after ``patience`` seconds."""
        watchdog = threading.Timer(patience, self._process.kill)
        watchdog.start()
        try:
            return self._send(self._lake.message(sql, **limits))
        finally:
            watchdog.cancel()

    def raw(self, sql: str) -> dict[str, Any]:
        """The child's answer to a statement that nothing but the confinement stands against."""
        return self._send({"raw": sql})

    def _send(self, message: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.dead = not line
        return json.loads(line) if line else {"died": self._process.wait(timeout=30)}


class Nest:
    """Gives out one child as long as it lives, then the next."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._stack = contextlib.ExitStack()
        self._child: Child | None = None

    def child(self) -> Child:
        """A living child."""
        if self._child is None or self._child.dead:
            self.close()
            self._child = self._stack.enter_context(_started(self._lake))
        return self._child

    def close(self) -> None:
        """End the child."""
        self._stack.close()


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "outside.csv").write_text("a,b\n1,2\n")
    return folder


@pytest.fixture(scope="module")
def lake(outside: Path) -> Lake:
    return make_lake(outside)


@pytest.fixture(scope="module")
def nest(lake: Lake) -> Iterator[Nest]:
    with contextlib.closing(Nest(lake)) as opened:
        yield opened


@pytest.fixture
def child(nest: Nest) -> Child:
    return nest.child()


@contextlib.contextmanager
def _started(lake: Lake) -> Iterator[Child]:
    with lake.result.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.worker.confined_explorer", str(lake.settings.data), str(sink.fileno())],
            env={"PYTHONPATH": str(ROOT), "TZ": "UTC", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[sink.fileno()],
        )
    with process:
        try:
            yield Child(process, lake)
        finally:
            process.kill()


def test_a_query_works_in_a_strictly_confined_child(child: Child, lake: Lake) -> None:
    assert child.confinement == ["strict", ""]
    answer = child.ask("select carrier, count(*) as n from gold.flights join silver.carriers using (carrier) group by all order by 1")
    assert answer == {"columns": [{"name": "carrier", "type": "VARCHAR"}, {"name": "n", "type": "BIGINT"}], "row_count": 3, "truncated": False}
    assert lake.window().rows == (("AA", 834), ("DL", 833), ("UA", 833))


def test_confined_queries_spill_into_the_scratch_folder_one_after_the_other(child: Child, lake: Lake) -> None:
    """The limit on memory counts memory: what allocators keep of earlier queries is not held against later ones."""
    sort = "select max(h) from (select i, hash(i) as h, repeat('x', 50) as s from range(2000000) t(i) order by h, s)"
    for _ in range(5):
        answer = child.ask(sort, memory_mb=192)
        assert answer.get("row_count") == 1, answer
    assert list((lake.settings.scratch / "child").iterdir()) == []


def test_a_child_serves_many_queries_one_after_the_other(child: Child) -> None:
    for number in range(20):
        good = child.ask(f"select {number}")
        assert good["row_count"] == 1
        assert child.ask("select nothing")["code"] == "query_failed"


# {own}: a data file the child may read; {outside}: the folder above the data folder; {data}: the data folder.
UNGUARDED = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_text('{data}/rat.db')",
    "SELECT * FROM read_csv('{outside}/outside.csv')",
    "COPY (SELECT 1) TO '{own}' (FORMAT parquet)",
    "COPY (SELECT 1) TO '{own}' (FORMAT parquet, USE_TMP_FILE false)",
    "COPY (SELECT 1) TO '{outside}/new.csv'",
    "COPY (SELECT 1) TO '{data}/results/new.csv'",
    "COPY (SELECT 1) TO '{data}/warehouse/new.csv' (USE_TMP_FILE false)",
    "ATTACH '{data}/rat.db' AS r",
    "ATTACH '{outside}/new.db' AS n",
    "EXPORT DATABASE '{data}/warehouse/export'",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x')",
    "INSTALL httpfs",
    "LOAD '{outside}/x.duckdb_extension'",
)


def test_without_guard_and_lock_the_process_still_reads_and_writes_nothing_else(child: Child, lake: Lake, outside: Path) -> None:
    """P1-03: the third wall on its own; the hole of USE_TMP_FILE ends here."""
    own = next(path for path in lake.settings.warehouse.rglob("*.parquet"))
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file() and path != lake.result}
    assert child.raw(f"SELECT count(*) FROM '{own}'").get("rows"), "the control: this it may read"
    for statement in UNGUARDED:
        answer = child.raw(statement.format(own=own, outside=outside, data=lake.settings.data))
        assert "code" in answer, f"{statement} gave {answer}"
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file() and path != lake.result} == before


BOMBS = (
    "select repeat('x', 10000000000)",
    "select len(repeat('x', 3000000000))",
    "select len(range(1000000000))",
    "select lpad('x', 2000000000, 'y')",
    "select list(range) from range(1000000000)",
    "select string_agg(range::varchar, ',') from range(1000000000)",
    "select list_transform(range(100000000), lambda x: x * 2)",
    "select count(*) from range(1000000000) a, range(1000000000) b where a.range + b.range = 7",
    "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r",
    "with recursive r as (select 1 as n union all select n + x from r, range(2) t(x)) select count(*) from r",
    "select regexp_replace(repeat('a', 1000000), '(a*)*b', 'c'), regexp_matches(repeat('a', 100000), '(a|aa)+$')",
    "select " + ", ".join(f"range as c{number}" for number in range(1_999)) + " from range(100000)",
    "select * from range(100000000000)",
    "select i, repeat('x', 10000000) from range(100000) t(i)",
)
# A result within the limits, told as such; a value that DuckDB itself finds too long; or a limit.
ENDS = {"", "query_failed", "query_timeout", "resource_limit"}


@pytest.mark.slow
@pytest.mark.parametrize("sql", BOMBS, ids=[sql[:60] for sql in BOMBS])
def test_a_bomb_ends_within_its_limits(child: Child, lake: Lake, sql: str) -> None:
    """P1-03, P2-12: a clear error, or the death of the one process that did it; never the machine's memory, never a written file."""
    before = lake.files()
    answer = child.ask(sql, patience=BOMB_SECONDS, seconds=1, memory_mb=256)
    if "died" in answer:
        # Native code that is denied memory may crash, and one endless function call hears no interrupt: then the child is gone, and nothing else.
        assert answer["died"] < 0
    else:
        assert answer.get("code", "") in ENDS, answer
        assert answer.get("truncated", True) or answer["row_count"] == 1
        assert child.ask("select 1")["row_count"] == 1, "it goes on working"
    assert {path for path in lake.files() if "scratch" not in path.parts} == {path for path in before if "scratch" not in path.parts}


def test_the_configuration_that_libraries_look_for_does_not_stop_the_child(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts RAT may have files for PyIceberg in the working folder; a confined child cannot read them, and need not."""
    (tmp_path / ".pyiceberg.yaml").write_text("catalog: {}")
    monkeypatch.chdir(tmp_path)
    with _started(lake) as child:
        assert child.ask("select count(*) from gold.flights")["row_count"] == 1
