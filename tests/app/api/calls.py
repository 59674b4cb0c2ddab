"""Short ways of asking."""

from __future__ import annotations

from typing import Any

import httpx

SOURCE = "SELECT 1 AS id, 2.5 AS price"
ORDERS = "/pipelines/shop/bronze/orders"


async def create(client: httpx.AsyncClient, name: str = "orders", source: str = SOURCE, layer: str = "bronze") -> dict[str, Any]:
    """A pipeline ``shop.<layer>.<name>`` that was never released."""
    body = {"namespace": "shop", "layer": layer, "name": name, "files": {"pipeline.sql": source}}
    answer = await client.post("/pipelines", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def release(client: httpx.AsyncClient, name: str = "orders", source: str = SOURCE, layer: str = "bronze") -> None:
    """A pipeline with its first version."""
    await create(client, name, source, layer)
    answer = await client.post(f"/pipelines/shop/{layer}/{name}/publish", json={"message": "first"})
    assert answer.status_code == 200, answer.text


async def submit(client: httpx.AsyncClient, name: str = "orders", **more: Any) -> str:
    """A pending run of a released pipeline; its id."""
    answer = await client.post("/runs", json={"namespace": "shop", "layer": "bronze", "pipeline": name, **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["run_id"]


def error_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error of an answer, after checking that it is an envelope with this status."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "type", "message", "details"}
    assert body["error"]["message"]
    return body["error"]
