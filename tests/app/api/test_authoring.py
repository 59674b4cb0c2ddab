"""The routes of an editor."""

from __future__ import annotations

import httpx

from tests.app.api.calls import ORDERS, create, error_of


async def test_problems_of_unsaved_files_are_the_answer_and_nothing_is_saved(client: httpx.AsyncClient) -> None:
    await create(client)
    assert (await client.post(f"{ORDERS}/compile")).json() == {"problems": [], "total": 0}
    found = (await client.post(f"{ORDERS}/compile", json={"files": {"pipeline.sql": "select {{ oops }}"}})).json()
    assert (found["total"], found["problems"][0]["line"], found["problems"][0]["severity"]) == (1, 1, "error")


async def test_a_file_is_compiled_laid_out_and_its_scope_told(client: httpx.AsyncClient) -> None:
    await create(client, source="select 1 as id,\n2 as n")
    assert (await client.get(f"{ORDERS}/compiled")).json()["sql"] == "select 1 as id,\n2 as n"
    assert (await client.post(f"{ORDERS}/compiled", json={"files": {"pipeline.sql": "select {{ 1 + 1 }}"}})).json()["sql"] == "select 2"
    assert (await client.post(f"{ORDERS}/format")).json() == {"path": "pipeline.sql", "text": "select\n    1 as id,\n    2 as n\n", "changed": True}
    assert error_of(await client.post(f"{ORDERS}/format", json={"text": "select (1"}), 422)["code"] == "not_formatted"
    scope = (await client.post(f"{ORDERS}/scope", json={"files": {"pipeline.sql": "with a as (select 1 as x) select * from a"}})).json()
    assert [(each["kind"], each["name"]) for each in scope["relations"]] == [("this", "shop.bronze.orders"), ("cte", "a")]
    assert scope["relations"][1]["columns"][0]["name"] == "x"


async def test_words_and_plan_are_told(client: httpx.AsyncClient) -> None:
    await create(client)
    words = (await client.get("/vocabulary")).json()
    assert "full_refresh" in next(word for word in words["annotations"] if word["name"] == "merge_strategy")["values"]
    plan = (await client.get(f"{ORDERS}/plan", params={"draft": "true"})).json()
    assert (plan["version"], plan["strategy"], plan["obstacles"]) == (None, "full_refresh", [])


async def test_a_place_outside_of_every_cte_is_refused(client: httpx.AsyncClient) -> None:
    await create(client)
    error_of(await client.post(f"{ORDERS}/preview", json={"line": 1, "column": 1}), 404)
