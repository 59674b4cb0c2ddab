"""The API with workers: what is asked for is carried out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from rat_app.api.app import build_api
from rat_engine import Engine, Settings
from rat_engine.metadata import tables as t
from rat_engine.worker.local import local_engine
from tests.app.api.calls import ORDERS, create, error_of, release, submit

DEADLINE = 60.0
ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b"


@pytest.fixture
def workers(settings: Settings) -> Iterator[None]:
    with local_engine(settings):
        yield


@pytest.fixture
async def live(engine: Engine, workers: None) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_api()), base_url="http://127.0.0.1:3000/api/v1", timeout=DEADLINE) as client:
        yield client


async def ended(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The run or query at ``path`` once its status is final."""
    for _ in range(600):
        body = (await client.get(path)).json()
        if body["status"] not in ("pending", "running"):
            return body
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} does not end")


async def run_to_end(client: httpx.AsyncClient, name: str = "orders", **more: Any) -> dict[str, Any]:
    return await ended(client, f"/runs/{await submit(client, name, **more)}")


async def test_from_a_pipeline_to_a_published_table_and_its_rows(live: httpx.AsyncClient) -> None:
    """P10-92, P6-08, P10-101: the same facts under the same names in run, table and result."""
    await release(live, source="SELECT i AS id, i * 2.5 AS price, CASE WHEN i > 0 THEN 'x' END AS note FROM range(3) t(i)")
    run = await run_to_end(live)
    assert (run["status"], run["error"], run["rows_out"], run["rows_total"]) == ("success", None, 3, 3)
    assert re.fullmatch(r"\d+", run["snapshot_id"])
    assert [step["name"] for step in run["steps"]] == ["plan", "execute", "write", "audit", "publish"]
    assert all(step["duration_ms"] >= 0 for step in run["steps"])
    table = (await live.get("/tables/shop/bronze/orders")).json()
    assert (table["row_count"], table["run_id"], table["snapshot_id"]) == (3, run["id"], run["snapshot_id"])
    assert [column["name"] for column in table["columns"]] == ["id", "price", "note"]
    preview = (await live.get("/tables/shop/bronze/orders/preview", params={"limit": 2})).json()
    assert (preview["row_count"], preview["truncated"]) == (2, True)
    result = (await live.post("/query", json={"sql": "SELECT id, note FROM bronze.orders ORDER BY id", "namespace": "shop"})).json()
    assert result["rows"] == [[0, None], [1, "x"], [2, "x"]]
    assert (result["row_count"], result["truncated"]) == (3, False)
    for bounds, total in ({"started_after": run["started_at"]}, 1), ({"started_before": run["started_at"]}, 0), ({"started_after": "2200-01-01T00:00:00Z"}, 0):
        assert (await live.get("/runs", params=bounds)).json()["total"] == total
    listed = (await live.get("/pipelines")).json()["pipelines"][0]
    assert (listed["row_count"], listed["last_run"]["run_id"], listed["last_run"]["status"]) == (3, run["id"], "success")


async def test_logs_follow_a_cursor_without_loss(live: httpx.AsyncClient) -> None:
    await release(live)
    run = await run_to_end(live)
    whole = (await live.get(f"/runs/{run['id']}/logs")).json()
    assert whole["complete"] is True
    assert len(whole["logs"]) >= 2
    pieces: list[dict[str, Any]] = []
    cursor, complete = 0, False
    while not complete:
        chunk = (await live.get(f"/runs/{run['id']}/logs", params={"after": cursor, "limit": 1})).json()
        assert chunk["start"] == cursor
        pieces += chunk["logs"]
        cursor, complete = chunk["next"], chunk["complete"]
    assert pieces == whole["logs"]
    assert all(line["timestamp"].endswith("Z") and line["level"] in ("debug", "info", "warning", "error") for line in pieces)
    error_of(await live.get(f"/runs/{run['id']}/logs", params={"attempt": 9}), 404)


async def test_a_failed_gate_is_told_with_its_bad_rows_and_publishes_nothing(live: httpx.AsyncClient) -> None:
    await create(live, source="SELECT 1 AS id, -1.0 AS price")
    test = "-- @description: Prices are positive\n-- @remediation: Ask the shop\nSELECT id, price FROM {{ this }} WHERE price < 0"
    files = {"pipeline.sql": "SELECT 1 AS id, -1.0 AS price", "tests/quality/positive.sql": test}
    await live.put(f"{ORDERS}/files", json={"revision": 1, "files": files})
    await live.post(f"{ORDERS}/publish")
    run = await run_to_end(live)
    assert (run["status"], run["error"]["code"]) == ("failed", "audit_failed")
    (result,) = run["tests"]
    assert (result["name"], result["status"], result["severity"], result["violations"]) == ("positive", "fail", "error", 1)
    assert (result["sample_columns"], result["remediation"]) == (["id", "price"], "Ask the shop")
    error_of(await live.get("/tables/shop/bronze/orders"), 404)


async def test_a_preview_shows_rows_of_unsaved_files_and_writes_nothing(live: httpx.AsyncClient) -> None:
    """P10-104, P10-90."""
    await create(live)
    body = {"files": {"pipeline.sql": "SELECT i AS n FROM range(500) t(i)"}, "limit": 7}
    answer = (await live.post(f"{ORDERS}/preview", json=body)).json()
    assert (answer["row_count"], answer["truncated"], answer["columns"][0]["name"]) == (7, True, "n")
    assert (await live.post(f"{ORDERS}/preview")).json()["rows"][0][0] == 1
    assert (await live.get("/runs")).json()["total"] == 0
    assert (await live.get(f"{ORDERS}/files")).json()["revision"] == 1


async def test_what_is_wrong_with_a_query_comes_with_its_place(live: httpx.AsyncClient) -> None:
    """P10-130, P10-90."""
    error = error_of(await live.post("/query", json={"sql": "SELECT 1,\n  nothing"}), 422)
    assert (error["code"], error["type"]) == ("query_failed", "VALIDATION")
    assert (error["details"]["line"], error["details"]["column"]) == (2, 3)
    assert "nothing" in error["message"]
    assert not re.search(r"(/tmp|/home|\.py|0x)", error["message"])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "INSTALL httpfs",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "CREATE TABLE t AS SELECT 1",
        "PRAGMA database_list",
        "SET memory_limit = '1GB'",
        "SELECT getenv('HOME')",
        "DROP TABLE shop.bronze.orders",
        "-- nothing",
    ],
)
async def test_statements_that_are_no_query_are_refused(live: httpx.AsyncClient, sql: str) -> None:
    """P1-03."""
    assert error_of(await live.post("/query", json={"sql": sql}), 422)["type"] == "VALIDATION"


async def test_a_long_query_is_read_by_window(live: httpx.AsyncClient) -> None:
    asked = (await live.post("/queries", json={"sql": "SELECT i AS n FROM range(12345) t(i)", "limit": 12000})).json()
    query = await ended(live, f"/queries/{asked['id']}")
    assert (query["status"], query["row_count"], query["truncated"], query["error"]) == ("success", 12_000, True, None)
    window = (await live.get(f"/queries/{asked['id']}/rows", params={"offset": 11_998, "limit": 5_000})).json()
    assert (window["rows"], window["offset"], window["total"]) == ([[11_998], [11_999]], 11_998, 12_000)
    assert [column["name"] for column in window["columns"]] == ["n"]
    beyond = (await live.get(f"/queries/{asked['id']}/rows", params={"offset": 20_000})).json()
    assert beyond["rows"] == []


async def test_a_result_is_downloaded_as_a_file_with_a_name_of_our_making(live: httpx.AsyncClient) -> None:
    """P10-79: whatever the query is called or returns, the header holds only what we made."""
    sql = 'SELECT i AS n, \'a,"b\' AS "x""; y", NULL AS nothing, \'\' AS empty FROM range(12000) t(i) ORDER BY i'
    asked = (await live.post("/queries", json={"sql": sql})).json()
    await ended(live, f"/queries/{asked['id']}")
    answer = await live.get(f"/queries/{asked['id']}/download")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="query-{asked["id"]}.csv"'
    lines = answer.text.split("\r\n")
    assert lines[:2] == ['n,"x""; y",nothing,empty', '0,"a,""b",,""']
    assert [line.split(",")[0] for line in lines[1:-1]] == [str(number) for number in range(12_000)]
    error_of(await live.get("/queries/none%22%0d%0a/download"), 404)


async def test_what_is_made_of_a_result_says_what_its_rows_say(live: httpx.AsyncClient) -> None:
    """P10-79: a wanted name is cleaned; statistics and charts are over every row."""
    asked = (await live.post("/queries", json={"sql": "SELECT i AS n, i % 3 AS rest FROM range(12000) t(i)"})).json()
    path = f"/queries/{asked['id']}"
    await ended(live, path)
    answer = await live.get(f"{path}/download", params={"format": "ndjson", "name": '../my "rows"\r\nX: y'})
    assert answer.headers["content-disposition"] == 'attachment; filename="my-rows-X-y.ndjson"'
    assert len(answer.text.splitlines()) == 12_000
    found = (await live.get(f"{path}/columns/1/statistics")).json()
    assert (found["rows"], found["nulls"], found["distinct"], found["least"], found["most"]) == (12_000, 0, 3, 0, 2)
    error_of(await live.get(f"{path}/columns/2/statistics"), 404)
    chart = (await live.get(f"{path}/chart", params={"x": 1, "y": 0})).json()
    assert [[x, int(value)] for x, value in chart["series"][0]["points"]] == [[rest, sum(range(rest, 12_000, 3))] for rest in range(3)]
    error_of(await live.get(f"{path}/chart", params={"x": 1}), 422)


async def test_a_query_is_explained_and_only_a_query(live: httpx.AsyncClient) -> None:
    """P10-47."""
    body = {"sql": "SELECT i % 3 AS rest, count(*) FROM range(12000) t(i) GROUP BY rest"}
    plan = (await live.post("/query/explain", json=body)).json()
    assert (plan["analyzed"], plan["steps"][0]["depth"], plan["steps"][0]["rows"]) == (False, 0, None)
    ran = (await live.post("/query/explain", json=body | {"analyze": True})).json()
    assert (ran["analyzed"], ran["steps"][0]["rows"]) == (True, 3)
    error_of(await live.post("/query/explain", json={"sql": "DROP TABLE x"}), 422)


async def test_the_most_rows_of_one_answer_come_whole(live: httpx.AsyncClient) -> None:
    result = (await live.post("/query", json={"sql": "SELECT i AS n FROM range(20000) t(i) ORDER BY i", "limit": 10_000})).json()
    assert [row[0] for row in result["rows"]] == list(range(10_000))
    assert result["truncated"] is True


async def test_every_kind_of_cell_survives_json(live: httpx.AsyncClient) -> None:
    """P0-06: numbers JavaScript cannot hold, numbers JSON cannot say, bytes, dates, nested values."""
    sql = (
        "SELECT 9007199254740993::BIGINT AS big, 'NaN'::DOUBLE AS nan, 'Infinity'::DOUBLE AS inf, 1.10::DECIMAL(9,2) AS dec, '\\x00\\xFF'::BLOB AS raw, "
        "DATE '2024-02-29' AS day, TIMESTAMPTZ '2024-02-29 12:00:00+01' AS at, INTERVAL 1 MONTH AS span, [1, NULL] AS list, {'a': 1} AS struct, "
        "MAP {'k': 1} AS map, '' AS empty, NULL AS nothing, true AS yes, uuid() AS id, 170141183460469231731687303715884105727::HUGEINT AS huge"
    )
    result = (await live.post("/query", json={"sql": sql})).json()
    row = dict(zip([column["name"] for column in result["columns"]], result["rows"][0], strict=True))
    assert (row["big"], row["huge"], row["dec"]) == ("9007199254740993", "170141183460469231731687303715884105727", "1.10")
    assert (row["empty"], row["nothing"], row["yes"]) == ("", None, True)
    assert isinstance(row["nan"], str)
    assert isinstance(row["inf"], str)
    assert row["day"] == "2024-02-29"


async def test_a_client_that_goes_away_cancels_its_query(live: httpx.AsyncClient) -> None:
    await call_and_leave("POST", "/query", {"sql": ENDLESS}, after=1.0)
    events = (await live.get("/events")).json()["events"]
    (finished,) = [event for event in events if event["kind"] == "query.finished"] or [await finished_query(live)]
    assert (await live.get(f"/queries/{finished['subject']}")).json()["status"] == "cancelled"


async def finished_query(client: httpx.AsyncClient) -> dict[str, Any]:
    for _ in range(600):
        for event in (await client.get("/events")).json()["events"]:
            if event["kind"] == "query.finished":
                return event
        await asyncio.sleep(0.05)
    raise AssertionError("the query goes on")


async def test_a_client_that_goes_away_stops_all_the_tests_it_asked_for(live: httpx.AsyncClient, engine: Engine) -> None:
    files = {"pipeline.sql": "SELECT 1 AS id", **{f"tests/quality/{name}.sql": ENDLESS for name in ("first", "second", "third")}}
    await create(live, source=files["pipeline.sql"])
    await live.put(f"{ORDERS}/files", json={"revision": 1, "files": files})
    await call_and_leave("POST", f"{ORDERS}/tests/run", None, after=1.0)
    assert await ends(engine, "preview") == ["cancelled"] * 3


async def test_a_client_that_goes_away_stops_the_making_of_its_file_and_nothing_is_left(live: httpx.AsyncClient, engine: Engine) -> None:
    asked = await _large_result(live)
    await call_and_leave("GET", f"/queries/{asked}/download", None, after=0.5, search="format=json")
    assert await ends(engine, "export") == ["cancelled"]
    assert [file.name for file in engine.settings.results.iterdir()] == [f"{asked}.arrow"]


async def test_what_goes_wrong_with_a_file_is_an_error_and_not_half_a_file(live: httpx.AsyncClient, engine: Engine) -> None:
    asked = await _large_result(live)
    path = engine.settings.results / f"{asked}.arrow"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 40_000)
    for kind in ("csv", "json", "xlsx"):
        assert error_of(await live.get(f"/queries/{asked}/download", params={"format": kind}), 503)["code"] == "unavailable"
    error_of(await live.get(f"/queries/{asked}/chart", params={"x": 1, "y": 0}), 503)
    path.write_bytes(b"")
    error_of(await live.get(f"/queries/{asked}/download"), 503)
    path.unlink()
    error_of(await live.get(f"/queries/{asked}/download"), 404)
    assert list(engine.settings.results.iterdir()) == []


async def ends(engine: Engine, kind: str) -> list[str]:
    """The statuses of all queries of a kind once they have ended."""
    for _ in range(600):
        with engine.database.read() as connection:
            found = list(connection.execute(select(t.query.c.status).where(t.query.c.kind == kind)).scalars())
        if found and not {"pending", "running"}.intersection(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"some {kind} goes on")


async def _large_result(client: httpx.AsyncClient) -> str:
    asked = (await client.post("/queries", json={"sql": "SELECT i, 'row ' || i AS words, i / 3.0 AS third FROM range(1000000) t(i)"})).json()
    await ended(client, f"/queries/{asked['id']}")
    return asked["id"]


async def call_and_leave(method: str, path: str, content: Any, after: float, search: str = "") -> None:
    """Send a request as an HTTP server would hand it over, and hang up."""
    body = b"" if content is None else json.dumps(content).encode()
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.sleep(after)
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        raise AssertionError("nobody is there to answer")

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": method, "path": f"/api/v1{path}", "raw_path": b"", "query_string": search.encode(), "headers": headers}
    caller = {"http_version": "1.1", "scheme": "http", "server": ("localhost", 3000), "client": ("127.0.0.1", 1), "root_path": ""}
    await asyncio.wait_for(build_api()({**scope, **caller}, receive, send), DEADLINE)


async def test_a_query_beyond_its_time_ends_with_504(tmp_path: Any) -> None:
    """P2-12."""
    from rat_app.engine import following, opened

    impatient = Settings(data=tmp_path / "impatient", query_timeout_seconds=1.0)
    with opened(impatient), local_engine(impatient):
        async with following(), httpx.AsyncClient(transport=httpx.ASGITransport(build_api()), base_url="http://localhost/api/v1", timeout=DEADLINE) as client:
            answer = await client.post("/query", json={"sql": "SELECT count(*) FROM range(1000000000) a, range(1000000000) b"})
            assert error_of(answer, 504)["code"] == "query_timeout"
            assert (await client.post("/query", json={"sql": "SELECT 1 AS n"})).json()["rows"] == [[1]]


async def test_landed_files_are_read_by_a_pipeline(live: httpx.AsyncClient) -> None:
    for day in ("monday", "tuesday"):
        await live.post("/landing-zones/shop/sales/files", files={"file": (f"{day}.csv", b"id,price\n1,2.5\n")})
    await release(live, source="SELECT id, price, _file FROM {{ landing_zone('sales') }}")
    run = await run_to_end(live)
    assert run["status"] == "success", run["error"]
    assert sorted(file["filename"] for file in run["inputs"]["files"]) == ["monday.csv", "tuesday.csv"]
    result = (await live.post("/query", json={"sql": "SELECT _file FROM shop.bronze.orders ORDER BY 1"})).json()
    assert result["rows"] == [["monday.csv"], ["tuesday.csv"]]


async def test_a_running_run_is_cancelled_and_publishes_nothing(live: httpx.AsyncClient) -> None:
    """P0-09."""
    await release(live, source="SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b")
    run_id = await submit(live)
    for _ in range(600):
        if (await live.get(f"/runs/{run_id}")).json()["status"] == "running":
            break
        await asyncio.sleep(0.05)
    answer = (await live.post(f"/runs/{run_id}/cancel")).json()
    assert answer["cancel_requested"] or answer["status"] == "cancelled"
    assert (await ended(live, f"/runs/{run_id}"))["status"] == "cancelled"
    error_of(await live.get("/tables/shop/bronze/orders"), 404)
    assert error_of(await live.post(f"/runs/{run_id}/cancel"), 409)["code"] == "run_finished"


async def test_the_server_is_ready_once_its_engine_runs(live: httpx.AsyncClient) -> None:
    """P5-05."""
    await live.post("/query", json={"sql": "SELECT 1"})
    ready = (await live.get("/health/ready")).json()
    assert ready["status"] == "ok"
    assert {check["name"] for check in ready["checks"]} >= {"database", "engine", "disk"}
