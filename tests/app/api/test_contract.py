"""What holds for every route: envelope, ids, limits, description."""

from __future__ import annotations

import html
import io
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rat_app.api.app import build_api
from rat_app.api.errors import STATUS_OF_KIND
from rat_app.api.front import ApiInFront
from rat_app.api.middleware import RequestScope
from rat_engine import ErrorKind, start_logging
from tests.app.api.calls import ORDERS, create, error_of, release, submit

METHODS = ("get", "put", "post", "delete", "patch")


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, operation) for path, methods in schema["paths"].items() for method, operation in methods.items()]


async def test_every_refusal_has_the_same_envelope(client: httpx.AsyncClient) -> None:
    """P3-07, P10-96: one envelope everywhere, with a machine-readable type and code."""
    refusals = {
        (404, "NOT_FOUND", "not_found"): await client.get("/namespaces/nothing"),
        (405, "VALIDATION", "method_not_allowed"): await client.patch("/namespaces"),
        (409, "CONFLICT", "run_finished"): await cancelled_twice(client),
        (422, "VALIDATION", "invalid_request"): await client.get("/runs", params={"limit": 0}),
        (422, "VALIDATION", "invalid_name"): await client.post("/namespaces", json={"name": "My-Shop"}),
    }
    for (status, kind, code), answer in refusals.items():
        error = error_of(answer, status)
        assert (error["type"], error["code"]) == (kind, code)


async def cancelled_twice(client: httpx.AsyncClient) -> httpx.Response:
    await release(client)
    run = await submit(client)
    assert (await client.post(f"/runs/{run}/cancel")).json()["status"] == "cancelled"
    return await client.post(f"/runs/{run}/cancel")


@pytest.mark.parametrize("path", ["/nothing", "/runs/", "/pipelines/shop", "/../v2/runs", "/health/live/x"])
async def test_an_unknown_path_is_an_envelope_too(client: httpx.AsyncClient, path: str) -> None:
    """P3-07."""
    assert error_of(await client.get(path), 404)["code"] == "not_found"


async def test_a_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    for path, methods in {"/runs": "GET, POST", "/namespaces/shop": "DELETE, GET, PUT", "/runs/x/cancel": "POST"}.items():
        answer = await client.patch(path)
        error_of(answer, 405)
        assert answer.headers["allow"] == methods


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[1, 2]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"", 422),
        (b"{\xff}", 400),
        (b"[" * 200_000, 400),
        (b'{"name": ' + b"1" * 5_000 + b"}", 400),
        (b'{"name": NaN}', 422),
    ],
)
async def test_a_malformed_body_is_refused_with_an_envelope(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.post("/namespaces", content=body, headers={"content-type": "application/json"})
    assert error_of(answer, status)["type"] == "VALIDATION"


async def test_json_under_another_content_type_is_not_read(client: httpx.AsyncClient) -> None:
    """A foreign page can send text/plain without asking; it must not be taken for JSON."""
    error_of(await client.post("/namespaces", content=b'{"name": "shop"}', headers={"content-type": "text/plain"}), 422)
    assert (await client.get("/namespaces")).json()["total"] == 0


async def test_a_body_beyond_one_mebibyte_is_refused_announced_or_not(client: httpx.AsyncClient) -> None:
    """P10-103."""
    body = b'{"name": "shop", "description": "' + b"x" * (1 << 20) + b'"}'
    headers = {"content-type": "application/json"}
    assert error_of(await client.post("/namespaces", content=body, headers=headers), 413)["code"] == "too_large"

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    assert error_of(await client.post("/namespaces", content=pieces(), headers=headers), 413)["code"] == "too_large"


async def test_the_largest_accepted_draft_fits_into_the_body_limit(client: httpx.AsyncClient) -> None:
    await create(client)
    text = "-- " + "x" * 499_990
    answer = await client.put(f"{ORDERS}/files", json={"revision": 1, "files": {"pipeline.sql": text}})
    assert answer.json()["files"]["pipeline.sql"] == text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/namespaces", {"name": "shop", "description": "x" * 5_001}),
        ("post", "/namespaces", {"name": "x" * 129}),
        ("post", "/pipelines", {"namespace": "shop", "layer": "gold", "name": "n", "description": "x" * 5_001}),
        ("post", "/query", {"sql": "x" * 100_001}),
        ("post", "/queries", {"sql": "x" * 100_001}),
        ("post", "/runs", {"namespace": "shop", "layer": "gold", "pipeline": "n", "trigger": "x" * 201}),
        ("post", f"{ORDERS}/publish", {"message": "x" * 1_001}),
        ("put", f"{ORDERS}/files", {"revision": 1, "files": {"pipeline.sql": "x" * 500_001}}),
        ("put", f"{ORDERS}/files", {"revision": 1, "files": {f"tests/quality/t{number}.sql": "" for number in range(201)}}),
        ("post", f"{ORDERS}/preview", {"limit": 1_001}),
        ("post", "/query", {"sql": "SELECT 1", "limit": 10_001}),
    ],
)
async def test_everything_has_a_length(client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]) -> None:
    """P10-103, P10-104: descriptions, names, SQL, messages, rows."""
    error = error_of(await client.request(method, path, json=body), 422)
    assert error["code"] == "invalid_request"
    assert "xxxx" not in error["message"]


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("post", "/namespaces", {"json": {"name": "shop", "owner": "me"}}),
        ("post", "/query", {"json": {"sql": "SELECT 1", "timeout": 5}}),
        ("get", "/runs", {"params": {"stauts": "failed"}}),
        ("get", "/pipelines", {"params": {"q": "x"}}),
        ("get", "/tables", {"params": {"order": "x"}}),
        ("get", "/events", {"params": {"after": "1"}}),
    ],
)
async def test_unknown_fields_are_refused_instead_of_ignored(client: httpx.AsyncClient, method: str, path: str, options: dict[str, Any]) -> None:
    error_of(await client.request(method, path, **options), 422)


async def test_a_request_id_is_echoed_when_it_is_plain_and_replaced_otherwise(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live", headers={"X-Request-ID": "abc-1.2_Z"})).headers["x-request-id"] == "abc-1.2_Z"
    for strange in ("a b", "x" * 65, "", "a\tb", "é".encode("latin-1").decode("latin-1")):
        given = (await client.get("/nothing", headers=[(b"X-Request-ID", strange.encode("latin-1"))])).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-z]{26}", given)


async def test_the_request_id_reaches_the_run(client: httpx.AsyncClient, engine: Any) -> None:
    """P10-131."""
    await release(client)
    answer = await client.post("/runs", json={"namespace": "shop", "layer": "bronze", "pipeline": "orders"}, headers={"X-Request-ID": "from-my-cron-17"})
    run_id = answer.json()["run_id"]
    from sqlalchemy import select

    from rat_engine.metadata import tables as t

    with engine.database.read() as connection:
        assert connection.execute(select(t.run.c.request_id).where(t.run.c.id == run_id)).scalar() == "from-my-cron-17"


async def test_each_request_writes_one_access_line_without_its_query_string(client: httpx.AsyncClient) -> None:
    """P5-14, P5-03: method, path, status, time and request id; nothing of what was asked."""
    lines = io.StringIO()
    start_logging("info", lines)
    try:
        await client.get("/pipelines", params={"search": "top-secret"}, headers={"X-Request-ID": "r-1", "Authorization": "Bearer token-of-mine"})
        await client.get("/nothing%0A2026 forged", headers={"X-Request-ID": "r-3"})
    finally:
        start_logging("warning")
    written = [line for line in lines.getvalue().splitlines() if "middleware request" in line]
    assert len(written) == 2
    assert re.search(r"method=GET path=/api/v1/pipelines status=200 duration_ms=[\d.]+ request_id=r-1$", written[0])
    assert 'path="/api/v1/nothing\\n2026 forged" status=404' in written[1]
    assert "secret" not in lines.getvalue()
    assert "token-of-mine" not in lines.getvalue()


async def test_an_error_nobody_foresaw_is_logged_and_tells_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    """P0-06: a proper 500, never half a body; P10-130."""
    broken = build_api()

    @broken.get("/api/v1/broken")
    async def fail() -> None:
        raise ZeroDivisionError("secret.db of somebody")

    @broken.get("/api/v1/unserialisable")
    async def unserialisable() -> dict[str, object]:
        return {"value": object()}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(broken), base_url="http://localhost") as client:
        for path in ("broken", "unserialisable"):
            with caplog.at_level(logging.ERROR):
                answer = await client.get(f"/api/v1/{path}", headers={"X-Request-ID": "r-9"})
            error = error_of(answer, 500)
            assert (error["code"], error["type"]) == ("internal", "INTERNAL")
            assert "secret" not in answer.text
            assert answer.headers["x-request-id"] == "r-9"
    assert "ZeroDivisionError: secret.db of somebody" in caplog.text


async def test_an_answer_that_breaks_off_breaks_the_connection() -> None:
    """P0-06: half a body must not look whole."""

    async def half(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async with httpx.AsyncClient(transport=httpx.ASGITransport(RequestScope(half)), base_url="http://localhost") as client:
        with pytest.raises(ZeroDivisionError):
            await client.get("/")


async def test_only_paths_below_api_are_taken_from_the_portal(engine: Any) -> None:
    async def portal(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"portal"})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(ApiInFront(portal)), base_url="http://localhost") as client:
        assert (await client.get("/")).text == "portal"
        assert (await client.get("/apiary")).text == "portal"
        assert "x-request-id" in (await client.get("/runs")).headers
        assert (await client.get("/api/v1/health/live")).json()["status"] == "ok"
        for path in ("/api", "/api/", "/api/v2/runs", "/api/v1"):
            error_of(await client.get(path), 404)


def test_every_kind_of_error_has_a_status() -> None:
    """P2-10: one table; only a conflict is 409."""
    assert set(STATUS_OF_KIND) == set(ErrorKind)
    assert [kind for kind, status in STATUS_OF_KIND.items() if status == 409] == [ErrorKind.CONFLICT]


async def test_a_failing_store_is_no_conflict(client: httpx.AsyncClient, engine: Any, settings: Any) -> None:
    """P2-10, P10-95: whatever else the database says is a 500, without its text."""
    with engine.database.write() as transaction:
        transaction.connection.exec_driver_sql("CREATE TRIGGER broken BEFORE INSERT ON namespace BEGIN SELECT RAISE(ABORT, 'secret reason'); END")
    answer = await client.post("/namespaces", json={"name": "shop"})
    error_of(answer, 500)
    assert "secret reason" not in answer.text
    assert "INSERT" not in answer.text


@pytest.fixture
def api() -> FastAPI:
    return build_api()


def test_every_route_is_described_with_its_answer(api: FastAPI) -> None:
    """P3-08, P10-89, P10-33 (nothing is opened for it): summary, description, a model for the answer, the envelope for refusals."""
    schema = api.openapi()
    for path, method, operation in operations(schema):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        successes = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        # Beside an answer with a body there may be one without (204).
        assert len(successes) == 1 or (len(successes) == 2 and "204" in successes), where
        (status, answer), *_ = successes.items()
        contents = answer.get("content", {})
        assert contents or status == "204", where
        # A file is described by its types, everything else by its fields.
        assert path.endswith("/download") or all("$ref" in content["schema"] for content in contents.values()), where
        for refusal in ("404", "409", "413", "422", "500", "503"):
            reference = operation["responses"][refusal]["content"]["application/json"]["schema"]["$ref"]
            assert reference == "#/components/schemas/ErrorEnvelope", where
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], f"{where} {parameter['name']}"


def test_every_field_of_every_shape_is_described_with_an_example(api: FastAPI) -> None:
    """P10-89."""
    schemas = api.openapi()["components"]["schemas"]
    described = {name: body["properties"] for name, body in schemas.items() if "properties" in body}
    assert len(described) > 40
    for name, properties in described.items():
        assert schemas[name]["description"], name
        for field, facts in properties.items():
            assert facts.get("description") or "$ref" in facts, f"{name}.{field}"


def test_every_object_is_closed(api: FastAPI) -> None:
    """P10-37: a field that was not declared cannot leak out or slip in."""
    schemas = api.openapi()["components"]["schemas"]
    assert [name for name, body in schemas.items() if "properties" in body and body.get("additionalProperties") is not False] == []


def test_layers_and_statuses_are_enums_in_the_schema(api: FastAPI) -> None:
    """P10-86."""
    schemas = api.openapi()["components"]["schemas"]
    assert schemas["Layer"]["enum"] == ["bronze", "silver", "gold"]
    assert "cancelled" in schemas["RunStatus"]["enum"]
    assert "UNAVAILABLE" in schemas["ErrorKind"]["enum"]


def test_the_same_thing_has_the_same_parameter_name_everywhere(api: FastAPI) -> None:
    """P3-13."""
    names = {name for path, _, _ in operations(api.openapi()) for name in re.findall(r"{(\w+)}", path)}
    assert names == {"namespace", "layer", "name", "version", "run_id", "zone", "query_id", "saved", "column"}


def test_the_same_fact_has_the_same_name_and_type_everywhere(api: FastAPI) -> None:
    """P10-92."""
    schemas = api.openapi()["components"]["schemas"]
    types: dict[str, set[str]] = {}
    for body in schemas.values():
        for field, facts in body.get("properties", {}).items():
            kinds = [choice.get("type", "ref") for choice in facts.get("anyOf", [facts])]
            types.setdefault(field, set()).update(kind for kind in kinds if kind != "null")
    for field in ("run_id", "duration_ms", "created_at", "row_count", "snapshot_id", "total", "namespace", "size_bytes"):
        assert len(types[field]) == 1, (field, types[field])
    assert not types.keys() & {"runId", "duration", "rows_written", "version_number", "count"}


def test_times_are_declared_as_utc_timestamps(api: FastAPI) -> None:
    """P6-08."""
    schemas = api.openapi()["components"]["schemas"]
    moments = [facts for body in schemas.values() for field, facts in body.get("properties", {}).items() if field.endswith("_at") or field == "timestamp"]
    assert len(moments) > 15
    for facts in moments:
        assert "date-time" in {choice.get("format") for choice in facts.get("anyOf", [facts])}


async def test_the_description_is_served_as_json_and_as_a_page_without_scripts(client: httpx.AsyncClient) -> None:
    """P3-08: generated from the code; the page loads nothing from elsewhere."""
    schema = (await client.get("/openapi.json")).json()
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page.text)
    for path, method, operation in operations(schema):
        assert f"<code>{path}</code>" in page.text
        assert html.escape(operation["summary"]) in page.text
        assert method.upper() in page.text


def test_no_module_holds_the_whole_api(api: FastAPI) -> None:
    """P10-38: routers by resource."""
    from rat_app.api.app import RESOURCES

    for resource in RESOURCES:
        assert len(resource.router.routes) <= 12, resource.__name__
