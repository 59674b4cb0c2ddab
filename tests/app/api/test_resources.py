"""Each resource's own behaviour, as far as it needs no worker."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from rat_engine import Engine
from rat_engine.domain.names import checked_name
from rat_engine.errors import InvalidNameError
from tests.app.api.calls import ORDERS, SOURCE, create, error_of, release, submit

HOSTILE = (
    "Robert'); DROP TABLE namespace;--",
    '"quoted"',
    "../../etc/passwd",
    "..%2f..%2fetc",
    "%2e%2e",
    "name with spaces",
    "émile",
    "naïve\u202ereversed",
    "\u0000",
    "line\nbreak",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "a" * 64,
    "1abc",
    "UPPER",
    "-",
    "main",
    "information_schema",
)


async def test_health_says_version_and_build_and_what_is_missing(client: httpx.AsyncClient) -> None:
    """P5-05, P10-110: live always answers; ready is 503 with every check while no engine process runs."""
    for path in ("/health", "/health/live"):
        body = (await client.get(path)).json()
        assert body["status"] == "ok"
        assert body["version"]
        assert body["build"]
    error = error_of(await client.get("/health/ready"), 503)
    assert error["type"] == "UNAVAILABLE"
    assert {check["name"]: check["status"] for check in error["details"]["checks"]}.items() >= {"database": "ok", "engine": "fail"}.items()


async def test_a_namespace_is_created_described_and_deleted(client: httpx.AsyncClient) -> None:
    created = await client.post("/namespaces", json={"name": "shop", "description": "Things we sell"})
    assert created.status_code == 201
    assert created.json()["pipeline_count"] == 0
    assert (await client.put("/namespaces/shop", json={"description": "Sold"})).json()["description"] == "Sold"
    assert (await client.get("/namespaces")).json()["namespaces"][0]["name"] == "shop"
    assert (await client.delete("/namespaces/shop")).status_code == 204
    error_of(await client.get("/namespaces/shop"), 404)
    error_of(await client.delete("/namespaces/shop"), 404)


async def test_only_true_duplicates_are_conflicts_and_say_nothing_of_the_database(client: httpx.AsyncClient) -> None:
    """P2-10, P10-95."""
    await client.post("/namespaces", json={"name": "shop"})
    error = error_of(await client.post("/namespaces", json={"name": "shop"}), 409)
    assert (error["code"], error["message"]) == ("already_exists", "The namespace 'shop' exists already.")
    await create(client)
    body = {"namespace": "shop", "layer": "bronze", "name": "orders"}
    assert error_of(await client.post("/pipelines", json=body), 409)["code"] == "already_exists"


async def test_a_namespace_with_a_pipeline_is_not_deleted(client: httpx.AsyncClient) -> None:
    await create(client)
    assert "1 pipeline." in error_of(await client.delete("/namespaces/shop"), 409)["message"]


async def test_namespaces_are_paged_by_cursor_and_by_offset(client: httpx.AsyncClient) -> None:
    """P10-91, P10-98: nothing is lost or doubled when something is added between two pages."""
    for number in range(5):
        await client.post("/namespaces", json={"name": f"n{number}"})
    first = (await client.get("/namespaces", params={"limit": 2})).json()
    await client.post("/namespaces", json={"name": "a_newcomer"})
    second = (await client.get("/namespaces", params={"limit": 2, "after": first["next"]})).json()
    third = (await client.get("/namespaces", params={"limit": 2, "after": second["next"]})).json()
    assert [item["name"] for page in (first, second, third) for item in page["namespaces"]] == ["n0", "n1", "n2", "n3", "n4"]
    assert (first["total"], second["total"], third["next"]) == (5, 6, None)
    by_offset = (await client.get("/namespaces", params={"limit": 2, "offset": 2})).json()
    assert [item["name"] for item in by_offset["namespaces"]] == ["n1", "n2"]


async def test_a_cursor_of_another_list_is_refused(client: httpx.AsyncClient) -> None:
    error_of(await client.get("/pipelines", params={"after": "nonsense"}), 422)


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_refused_wherever_a_name_is_taken(client: httpx.AsyncClient, name: str) -> None:
    """P0-02, P1-05: in bodies, paths and filters; never a 500, nothing is made of it."""
    bodies = [
        ("/namespaces", {"name": name}),
        ("/pipelines", {"namespace": name, "layer": "bronze", "name": "orders"}),
        ("/landing-zones", {"namespace": name, "name": "files"}),
        ("/runs", {"namespace": name, "layer": "bronze", "pipeline": "orders"}),
    ]
    table_names = [
        ("/pipelines", {"namespace": "shop", "layer": "bronze", "name": name}),
        ("/landing-zones", {"namespace": "shop", "name": name}),
        ("/runs", {"namespace": "shop", "layer": "bronze", "pipeline": name}),
    ]
    for path, body in bodies + ([] if valid(name) else table_names):
        assert error_of(await client.post(path, json=body), 422)["type"] == "VALIDATION"
    for path in (f"/namespaces/{quote(name, safe='')}", f"/pipelines/{quote(name, safe='')}/bronze/orders", f"/tables/shop/bronze/{quote(name, safe='')}"):
        assert (await client.get(path)).status_code in (404, 422)
    for path in ("/pipelines", "/tables", "/runs", "/landing-zones"):
        answer = await client.get(path, params={"namespace": name})
        assert (answer.status_code, answer.json().get("total")) in ((200, 0), (422, None))
    assert (await client.get("/pipelines", params={"search": name})).json()["total"] == 0
    assert (await client.get("/namespaces")).json()["total"] == 0


def valid(name: str) -> bool:
    try:
        checked_name(name, "table")
    except InvalidNameError:
        return False
    return True


async def test_a_hyphen_is_refused_with_the_right_spelling(client: httpx.AsyncClient) -> None:
    assert "'my_orders'" in error_of(await client.post("/namespaces", json={"name": "my-orders"}), 422)["message"]


async def test_a_wrong_layer_is_refused_with_the_right_ones(client: httpx.AsyncClient) -> None:
    """P10-86."""
    error = error_of(await client.get("/pipelines/shop/brozne/orders"), 422)
    assert all(layer in error["message"] for layer in ("bronze", "silver", "gold"))


async def test_pipelines_are_searched_and_filtered(client: httpx.AsyncClient) -> None:
    """P10-102."""
    await create(client, "orders")
    await create(client, "customers", layer="silver")
    await create(client, "order_totals", layer="gold")

    async def names(**params: str) -> list[str]:
        return [item["name"] for item in (await client.get("/pipelines", params=params)).json()["pipelines"]]

    assert await names() == ["orders", "order_totals", "customers"]
    assert await names(search="ORDER") == ["orders", "order_totals"]
    assert await names(layer="silver") == ["customers"]
    assert await names(namespace="zoo") == []
    assert await names(search="%") == []


async def test_a_pipeline_without_files_starts_as_a_working_template(client: httpx.AsyncClient) -> None:
    answer = await client.post("/pipelines", json={"namespace": "shop", "layer": "bronze", "name": "orders", "description": "What was sold"})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["version"], body["draft_dirty"], body["last_run"], body["row_count"]) == (None, True, None, None)
    assert (await client.post(f"{ORDERS}/publish")).json()["version"] == 1


async def test_a_draft_is_saved_under_its_revision_and_an_outdated_one_is_refused_with_the_present_files(client: httpx.AsyncClient) -> None:
    await create(client)
    draft = (await client.get(f"{ORDERS}/files")).json()
    saved = await client.put(f"{ORDERS}/files", json={"revision": draft["revision"], "files": {"pipeline.sql": "SELECT 2 AS id"}})
    assert saved.json()["revision"] == draft["revision"] + 1
    error = error_of(await client.put(f"{ORDERS}/files", json={"revision": draft["revision"], "files": {}}), 409)
    assert error["code"] == "stale_draft"
    assert error["details"]["files"] == {"pipeline.sql": "SELECT 2 AS id"}
    assert error["details"]["revision"] == saved.json()["revision"]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "pipeline.py", "tests/quality/Bad-Name.sql", "tests/quality/../x.sql", "", "/pipeline.sql", "pipeline.sql\x00"]
)
async def test_a_file_that_is_no_pipelines_is_refused(client: httpx.AsyncClient, path: str) -> None:
    """P1-05."""
    await create(client)
    error_of(await client.put(f"{ORDERS}/files", json={"revision": 1, "files": {path: "x"}}), 422)
    assert (await client.get(f"{ORDERS}/files")).json()["files"] == {"pipeline.sql": SOURCE}


async def test_publishing_makes_numbered_versions_that_keep_their_files(client: httpx.AsyncClient) -> None:
    await release(client)
    await client.put(f"{ORDERS}/files", json={"revision": 1, "files": {"pipeline.sql": "SELECT 3 AS id"}})
    assert (await client.get(ORDERS)).json()["draft_dirty"] is True
    second = (await client.post(f"{ORDERS}/publish", json={"message": "Third item"})).json()
    assert (second["version"], second["message"], second["files"]["pipeline.sql"]) == (2, "Third item", "SELECT 3 AS id")
    listed = (await client.get(f"{ORDERS}/versions")).json()
    assert [(version["version"], version["files"]) for version in listed["versions"]] == [(2, None), (1, None)]
    assert (await client.get(f"{ORDERS}/versions/1")).json()["files"] == {"pipeline.sql": SOURCE}
    error_of(await client.get(f"{ORDERS}/versions/3"), 404)
    error_of(await client.get(f"{ORDERS}/versions/0"), 422)
    error_of(await client.post(f"{ORDERS}/publish"), 409)


async def test_publishing_a_broken_draft_lists_every_problem_with_its_place(client: httpx.AsyncClient) -> None:
    await create(client, source="SELECT *\nFROM {{ ref('bronze.ordres') }}")
    error = error_of(await client.post(f"{ORDERS}/publish"), 422)
    assert error["code"] == "compile_failed"
    (problem,) = error["details"]["problems"]
    assert (problem["file"], problem["line"]) == ("pipeline.sql", 2)
    assert (await client.get(ORDERS)).json()["version"] is None


async def test_a_deleted_pipeline_is_gone_and_its_name_free(client: httpx.AsyncClient) -> None:
    await release(client)
    assert (await client.delete(ORDERS)).status_code == 204
    error_of(await client.get(ORDERS), 404)
    error_of(await client.delete(ORDERS), 404)
    await create(client)


async def test_a_run_is_accepted_listed_and_cancelled(client: httpx.AsyncClient) -> None:
    """P10-92: the same names in the answer, the list and the detail."""
    await release(client)
    answer = await client.post(
        "/runs", json={"namespace": "shop", "layer": "bronze", "pipeline": "orders", "trigger": "schedule:0 6 * * *", "parameters": {"day": "x"}}
    )
    assert answer.status_code == 202
    assert set(answer.json()) == {"run_id", "status"}
    run_id = answer.json()["run_id"]
    assert answer.headers["location"] == f"/api/v1/runs/{run_id}"
    detail = (await client.get(f"/runs/{run_id}")).json()
    (listed,) = (await client.get("/runs")).json()["runs"]
    assert {key: detail[key] for key in listed} | {"waiting_for": ""} == listed
    assert (detail["status"], detail["version"], detail["trigger"], detail["parameters"]) == ("pending", 1, "schedule:0 6 * * *", {"day": "x"})
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", detail["created_at"])
    cancelled = (await client.post(f"/runs/{run_id}/cancel")).json()
    assert (cancelled["status"], cancelled["error"]["code"]) == ("cancelled", "cancelled")
    assert (await client.get(f"/runs/{run_id}/logs")).json() == {
        "logs": [],
        "run_id": run_id,
        "attempt": 0,
        "start": 0,
        "next": 0,
        "complete": True,
        "matches": None,
    }


async def test_runs_are_filtered_and_paged_by_cursor(client: httpx.AsyncClient) -> None:
    """P10-98."""
    await release(client)
    await release(client, "customers")
    ids = [await submit(client) for _ in range(3)] + [await submit(client, "customers")]
    await client.post(f"/runs/{ids[0]}/cancel")

    async def found(**params: Any) -> list[str]:
        return [run["id"] for run in (await client.get("/runs", params=params)).json()["runs"]]

    assert await found() == ids[::-1]
    assert await found(pipeline="orders", status="pending") == [ids[2], ids[1]]
    assert await found(status=["pending", "cancelled"], pipeline="orders") == [ids[2], ids[1], ids[0]]
    assert await found(namespace="zoo") == []
    assert await found(layer="gold") == []
    first = (await client.get("/runs", params={"limit": 3})).json()
    assert await found(limit=3, after=first["next"]) == [ids[0]]
    error_of(await client.get("/runs", params={"status": "done"}), 422)


async def test_running_what_was_never_released_is_refused_and_says_what_to_do(client: httpx.AsyncClient) -> None:
    await create(client)
    error = error_of(await client.post("/runs", json={"namespace": "shop", "layer": "bronze", "pipeline": "orders"}), 409)
    assert "Release" in error["message"]
    assert await submit(client, draft=True)


async def test_what_does_not_exist_is_404(client: httpx.AsyncClient) -> None:
    for path in ("/runs/none", "/runs/none/logs", "/queries/none", "/queries/none/rows", "/tables/shop/bronze/orders", ORDERS, f"{ORDERS}/files"):
        error_of(await client.get(path), 404)
    for path in ("/runs/none/cancel", "/queries/none/cancel", f"{ORDERS}/publish", f"{ORDERS}/preview"):
        error_of(await client.post(path), 404)
    error_of(await client.get("/landing-zones/shop/files"), 404)
    error_of(await client.get("/landing-zones/shop/files/files"), 404)
    error_of(await client.get("/tables/shop/bronze/orders/preview"), 404)


async def test_a_preview_of_a_broken_draft_is_an_error_and_never_half_a_result(client: httpx.AsyncClient) -> None:
    """P10-90, P10-15."""
    await create(client, source="SELECT {{ nothing }}")
    error = error_of(await client.post(f"{ORDERS}/preview"), 422)
    assert error["details"]["problems"][0]["line"] == 1


async def test_a_long_query_is_accepted_watched_and_cancelled(client: httpx.AsyncClient) -> None:
    answer = await client.post("/queries", json={"sql": "SELECT 1"})
    assert answer.status_code == 202
    query_id = answer.json()["id"]
    assert answer.headers["location"] == f"/api/v1/queries/{query_id}"
    assert (await client.get(f"/queries/{query_id}")).json()["status"] == "pending"
    error_of(await client.get(f"/queries/{query_id}/rows"), 409)
    assert (await client.post(f"/queries/{query_id}/cancel")).json()["status"] == "cancelled"
    error_of(await client.post(f"/queries/{query_id}/cancel"), 409)


async def test_events_follow_a_cursor(client: httpx.AsyncClient) -> None:
    await client.post("/namespaces", json={"name": "shop"})
    first = (await client.get("/events")).json()
    assert [(event["kind"], event["subject"]) for event in first["events"]] == [("namespace.created", "shop")]
    await client.post("/namespaces", json={"name": "zoo"})
    second = (await client.get("/events", params={"cursor": first["next"]})).json()
    assert [event["subject"] for event in second["events"]] == ["zoo"]
    assert (await client.get("/events", params={"cursor": second["next"]})).json() == {"events": [], "next": second["next"]}


async def test_without_an_open_engine_every_answer_is_503(engine: Engine, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """P0-04."""
    import rat_app.engine

    monkeypatch.setattr(rat_app.engine._Process, "portal", None)
    assert error_of(await client.get("/runs"), 503)["code"] == "unavailable"
    assert (await client.get("/health/live")).status_code == 200


async def test_lists_are_sorted_by_fields_that_are_allowed_and_by_no_others(client: httpx.AsyncClient) -> None:
    """P10-100."""
    for name in ("pears", "apples", "plums"):
        await create(client, name)

    async def names(**params: Any) -> list[str]:
        return [item["name"] for item in (await client.get("/pipelines", params=params)).json()["pipelines"]]

    assert await names(sort="name") == ["apples", "pears", "plums"]
    assert await names(sort="-name") == ["plums", "pears", "apples"]
    assert await names(sort="-created_at") == ["plums", "apples", "pears"]
    page = (await client.get("/pipelines", params={"sort": "-name", "limit": 2})).json()
    assert await names(sort="-name", limit=2, after=page["next"]) == ["apples"]
    for unknown in ("hash", "draft_hash", "1", "name; DROP TABLE pipeline", "--name"):
        assert "sort" in error_of(await client.get("/pipelines", params={"sort": unknown}), 422)["message"]


async def test_runs_are_found_by_the_time_they_started(client: httpx.AsyncClient) -> None:
    """P10-101."""
    await release(client)
    await submit(client)
    past, future = "2020-01-01T00:00:00Z", "2200-01-01T00:00:00+02:00"
    assert (await client.get("/runs", params={"started_after": past})).json()["total"] == 0, "it has not started yet"
    assert (await client.get("/runs", params={"started_before": future})).json()["total"] == 0
    for wrong in ("yesterday", "2020-01-01T00:00:00", "2020-13-01T00:00:00Z"):
        error_of(await client.get("/runs", params={"started_after": wrong}), 422)
