"""How the API treats its callers: budgets, tags, time-outs, examples."""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter
from starlette.requests import ClientDisconnect

from rat_app.api.app import build_api
from rat_app.api.rates import MAX_CALLERS, Budgets, RouteClass, class_of
from rat_app.api.timeouts import TimeOuts
from rat_app.engine import opened
from rat_engine import Settings, shapes
from tests.app.api.calls import create, error_of

BASE = "http://127.0.0.1:3000/api/v1"


class Clock:
    """A time that goes on only when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_budget_is_spent_refills_evenly_and_says_when() -> None:
    """P10-106."""
    clock = Clock()
    budgets = Budgets(clock)
    spent = [budgets.take("a", "read", 6) for _ in range(6)]
    assert [verdict.remaining for verdict in spent] == [5, 4, 3, 2, 1, 0]
    refused = budgets.take("a", "read", 6)
    assert (refused.allowed, refused.remaining, round(refused.retry_after), round(refused.reset)) == (False, 0, 10, 60)
    clock.now += 9.9
    assert not budgets.take("a", "read", 6).allowed
    clock.now += 0.2
    assert budgets.take("a", "read", 6).allowed
    assert not budgets.take("a", "read", 6).allowed
    clock.now += 60
    assert budgets.take("a", "read", 6).remaining == 5


def test_callers_and_classes_have_budgets_of_their_own() -> None:
    """P10-107."""
    budgets = Budgets(Clock())
    assert budgets.take("a", "query", 1).allowed
    assert not budgets.take("a", "query", 1).allowed
    assert budgets.take("b", "query", 1).allowed
    assert budgets.take("a", "preview", 1).allowed


def test_budgets_that_are_full_again_are_forgotten() -> None:
    """P10-108: without anything in the background that would have to be stopped."""
    clock = Clock()
    budgets = Budgets(clock)
    for number in range(MAX_CALLERS):
        budgets.take(str(number), "read", 60)
    clock.now += 61
    budgets.take("late", "read", 60)
    assert len(budgets._full_at) == 1


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/api/v1/query", RouteClass.QUERY),
        ("POST", "/api/v1/queries", RouteClass.QUERY),
        ("GET", "/api/v1/queries", RouteClass.READ),
        ("GET", "/api/v1/queries/1/rows", RouteClass.READ),
        ("POST", "/api/v1/queries/1/cancel", RouteClass.WRITE),
        ("POST", "/api/v1/pipelines/a/gold/b/preview", RouteClass.PREVIEW),
        ("GET", "/api/v1/tables/a/gold/b/preview", RouteClass.PREVIEW),
        ("POST", "/api/v1/query/estimate", RouteClass.PREVIEW),
        ("GET", "/api/v1/queries/1/chart", RouteClass.PREVIEW),
        ("GET", "/api/v1/queries/1/download", RouteClass.PREVIEW),
        ("POST", "/api/v1/pipelines/a/gold/b/tests/run", RouteClass.QUERY),
        ("POST", "/api/v1/landing-zones/a/b/files", RouteClass.UPLOAD),
        ("GET", "/api/v1/landing-zones/a/b/files", RouteClass.READ),
        ("DELETE", "/api/v1/namespaces/a", RouteClass.WRITE),
        ("GET", "/api/v1/queries/1/columns/a%20b/statistics", RouteClass.PREVIEW),
        ("GET", "/api/v1/runs/1/logs/download", RouteClass.PREVIEW),
        ("GET", "/api/v1/pipelines/a/gold/health/files", RouteClass.READ),
        ("POST", "/api/v1/pipelines/a/gold/health/preview", RouteClass.PREVIEW),
        ("GET", "/api/v1/pipelines/a/gold/preview", RouteClass.READ),
        ("PATCH", "/api/v1/pipelines/a/gold/query", RouteClass.WRITE),
        ("GET", "/api/v1/health", None),
        ("GET", "/api/v1/health/ready", None),
    ],
)
def test_every_request_belongs_to_a_class(method: str, path: str, expected: RouteClass | None) -> None:
    """P10-107."""
    assert class_of(method, path) is expected


async def test_answers_tell_the_budget_and_beyond_it_is_429(tmp_path: Path) -> None:
    """P10-106, P10-107."""
    with opened(Settings(data=tmp_path / "data", rate_write=2, rate_read=0)):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(build_api()), base_url=BASE) as client:
            first = await client.post("/namespaces", json={"name": "shop"})
            assert [first.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")] == ["2", "1", "30"]
            await client.post("/namespaces", json={"name": "shop"})
            answer = await client.post("/namespaces", json={"name": "later"})
            error = error_of(answer, 429)
            assert (error["code"], error["type"], error["details"]["class"]) == ("rate_limited", "RATE_LIMIT", "write")
            assert 1 <= int(answer.headers["retry-after"]) <= 30
            assert "x-request-id" in answer.headers
            free = await client.get("/namespaces")
            assert free.json()["total"] == 1
            assert "ratelimit-limit" not in free.headers
            assert (await client.get("/health/live")).status_code == 200


async def test_a_list_that_did_not_change_is_not_sent_again(client: httpx.AsyncClient) -> None:
    await create(client)
    for path in ("/pipelines", "/runs", "/namespaces", "/tables", "/events", "/pipelines/shop/bronze/orders"):
        first = await client.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        assert first.headers["cache-control"] == "private, no-cache"
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = await client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await client.get(path, headers={"If-None-Match": 'W/"other"'})).status_code == 200
    tag = (await client.get("/pipelines")).headers["etag"]
    await create(client, "sales")
    assert (await client.get("/pipelines", headers={"If-None-Match": tag})).json()["total"] == 2


async def test_what_is_refused_has_no_tag(client: httpx.AsyncClient) -> None:
    answer = await client.get("/namespaces/nothing", headers={"If-None-Match": "*"})
    error_of(answer, 404)
    assert "etag" not in answer.headers


async def test_a_body_that_stops_coming_is_answered_408(engine: Any) -> None:
    """P0-05."""
    sent: list[MutableMapping[str, Any]] = []
    pieces = iter([{"type": "http.request", "body": b'{"name"', "more_body": True}])

    async def receive() -> MutableMapping[str, Any]:
        return next(pieces, None) or await asyncio.Event().wait()  # pyright: ignore[reportReturnType]

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"host", b"localhost")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/namespaces", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1)}
    api = build_api()
    impatient = next(each for each in api.user_middleware if each.cls is TimeOuts)
    impatient.kwargs["read_seconds"] = 0.1
    async with asyncio.timeout(20):
        await api(scope, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_an_answer_that_nobody_takes_ends() -> None:
    """P0-05."""

    async def endless(_scope: Any, _receive: Any, send: Any) -> None:
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def stuck(_message: Any) -> None:
        await asyncio.Event().wait()

    async with asyncio.timeout(20):
        with pytest.raises(ClientDisconnect):
            await TimeOuts(endless, write_seconds=0.05)({"type": "http"}, stuck, stuck)  # pyright: ignore[reportArgumentType]


def test_what_is_deprecated_says_what_to_use_instead() -> None:
    """P10-94: the policy is written, and holds for what is marked."""
    policy = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "api-rules.md").read_text("utf-8")
    assert "`deprecated`" in policy
    for methods in build_api().openapi()["paths"].values():
        for operation in methods.values():
            assert not operation.get("deprecated") or "instead" in operation["description"].lower()


def test_every_json_body_has_an_example_that_its_shape_accepts() -> None:
    schema = build_api().openapi()
    checked = 0
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for answer in operation["responses"].values():
                content = answer.get("content", {}).get("application/json")
                if content is None or "$ref" not in content["schema"]:
                    continue
                shape = getattr(shapes, content["schema"]["$ref"].rsplit("/", 1)[-1])
                TypeAdapter(shape).validate_python(content["example"], strict=False)
                checked += 1
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            assert body is None or body["example"], f"{method} {path}"
    assert checked > 100


def test_every_class_has_a_route_and_every_costly_route_a_class() -> None:
    """P10-107: a pattern that fits no address would leave its routes without their budget."""
    routes = [(method.upper(), path) for path, methods in build_api().openapi()["paths"].items() for method in methods]
    classes = {(method, path): class_of(method, re.sub(r"\{\w+\}", "x", path)) for method, path in routes}
    assert set(RouteClass) | {None} == set(classes.values())
    assert classes[("POST", "/api/v1/landing-zones/{namespace}/{zone}/files")] is RouteClass.UPLOAD
    assert {path for (_, path), kind in classes.items() if kind is None} == {"/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready"}
