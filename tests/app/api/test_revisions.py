"""REST: versions, settings, names and quality tests of a pipeline."""

from __future__ import annotations

import httpx

from tests.app.api.calls import ORDERS, create, error_of, release

CONFIG = "# Ours.\nowner: ann # she knows\n"


async def save(client: httpx.AsyncClient, files: dict[str, str]) -> None:
    revision = (await client.get(f"{ORDERS}/files")).json()["revision"]
    answer = await client.put(f"{ORDERS}/files", json={"revision": revision, "files": files})
    assert answer.status_code == 200, answer.text


async def test_versions_are_compared_and_rolled_back(client: httpx.AsyncClient) -> None:
    await release(client)
    await save(client, {"pipeline.sql": "SELECT 2 AS id", "config.yaml": CONFIG})
    await client.post(f"{ORDERS}/publish", json={"message": "second"})
    listed = (await client.get(f"{ORDERS}/versions")).json()["versions"]
    assert [version["changed"] for version in listed] == [["config.yaml", "pipeline.sql"], ["pipeline.sql"]]

    diff = (await client.get(f"{ORDERS}/diff", params={"before": 1, "after": 2})).json()
    assert [(file["path"], file["kind"]) for file in diff["files"]] == [("config.yaml", "added"), ("pipeline.sql", "changed")]
    assert (await client.get(f"{ORDERS}/diff", params={"before": 2})).json()["total"] == 0

    back = await client.post(f"{ORDERS}/rollback", json={"version": 1, "message": "too soon"})
    assert (back.json()["version"], back.json()["message"]) == (3, "too soon")
    assert error_of(await client.post(f"{ORDERS}/rollback", json={"version": 1}), 409)
    assert error_of(await client.post(f"{ORDERS}/rollback", json={"version": 9}), 404)
    assert error_of(await client.post(f"{ORDERS}/rollback", json={"version": 0}), 422)


async def test_settings_are_read_and_changed_without_losing_a_comment(client: httpx.AsyncClient) -> None:
    await create(client)
    await save(client, {"pipeline.sql": "-- @owner: bob\nSELECT 1 AS id", "config.yaml": CONFIG})
    read = (await client.get(f"{ORDERS}/settings")).json()
    assert (read["owner"], read["overridden"]) == ("ann", {"owner": "bob"})
    changed = await client.patch(ORDERS, json={"tags": ["daily"], "revision": read["revision"]})
    assert changed.json()["tags"] == ["daily"]
    assert (await client.get(f"{ORDERS}/files")).json()["files"]["config.yaml"] == CONFIG + "tags:\n  - daily\n"
    assert error_of(await client.patch(ORDERS, json={"tags": [], "revision": read["revision"]}), 409)["code"] == "stale_draft"
    assert error_of(await client.patch(ORDERS, json={"merge_strategy": "sideways"}), 422)["code"] == "compile_failed"
    assert error_of(await client.patch(ORDERS, json={"colour": "red"}), 422)


async def test_a_pipeline_is_copied_renamed_deleted_and_restored(client: httpx.AsyncClient) -> None:
    await release(client)
    await release(client, "totals", "SELECT * FROM {{ ref('bronze.orders') }}", "gold")
    assert (await client.post(f"{ORDERS}/copy", json={"to": "shop.bronze.copy"})).status_code == 201
    assert (await client.get(f"{ORDERS}/dependents")).json()["pipelines"] == [{"namespace": "shop", "layer": "gold", "name": "totals"}]
    error_of(await client.delete(ORDERS), 409)

    renamed = (await client.post(f"{ORDERS}/rename", json={"to": "shop.silver.sales", "update_readers": True})).json()
    assert (renamed["pipeline"]["name"], [reader["name"] for reader in renamed["updated"]]) == ("sales", ["totals"])
    error_of(await client.get(ORDERS), 404)
    error_of(await client.post("/pipelines/shop/silver/sales/rename", json={"to": "Not A Name"}), 422)

    totals = "/pipelines/shop/gold/totals"
    assert (await client.delete(totals)).status_code == 204
    [gone] = (await client.get("/pipelines/deleted")).json()["pipelines"]
    assert (gone["name"], gone["deleted_by"]) == ("totals", "local")
    assert (await client.post(f"{totals}/restore")).json()["version"] == 1
    error_of(await client.post(f"{totals}/restore"), 404)


async def test_quality_tests_are_listed_before_any_run(client: httpx.AsyncClient) -> None:
    await create(client)
    test = "-- @severity: warn\n-- @description: Ids\nSELECT * FROM {{ this }} WHERE id IS NULL"
    await save(client, {"pipeline.sql": "SELECT 1 AS id", "tests/quality/has_id.sql": test, "tests/quality/odd.sql": "SELECT {{ what }}"})
    first, second = (await client.get(f"{ORDERS}/tests")).json()["tests"]
    assert (first["name"], first["severity"], first["last"], first["problem"]) == ("has_id", "warn", None, "")
    assert '"shop"."bronze"."orders"' in first["compiled_sql"]
    assert "what" in second["problem"]
    assert (await client.get(f"{ORDERS}/tests/history", params={"runs": 5})).json() == {"outcomes": [], "total": 0}
    error_of(await client.post(f"{ORDERS}/tests/run", json={"tests": ["nowhere"]}), 404)
