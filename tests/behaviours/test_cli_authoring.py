"""Authoring on the command line."""

from __future__ import annotations

from tests.behaviours.command import Rat

ORDERS = "shop.bronze.orders"


def test_a_draft_is_checked_compiled_laid_out_and_planned(shop: Rat) -> None:
    assert shop("pipeline", "check", ORDERS).out == "0 problems\n"
    assert "SELECT i AS id" in shop("pipeline", "compile", ORDERS).out
    assert shop("pipeline", "format", ORDERS).out.startswith("SELECT\n    i AS id,\n") or shop("pipeline", "format", ORDERS).out.startswith("SELECT i AS id")
    saved = shop("pipeline", "format", ORDERS, "--write", "--json").json
    assert (saved["path"], shop("pipeline", "format", ORDERS, "--json").json["changed"]) == ("pipeline.sql", False)
    plan = shop("pipeline", "plan", "shop.gold.totals")
    assert plan.status == 1
    assert "Runs version 1 of shop.gold.totals: full_refresh" in plan.out
    assert "There is no table shop.bronze.orders yet" in plan.out
    assert shop("pipeline", "plan", ORDERS, "--json").json["obstacles"] == []
    assert "merge_strategy" in shop("pipeline", "words").out


def test_a_cte_of_a_draft_is_previewed(shop: Rat) -> None:
    rows = shop("pipeline", "preview", ORDERS, "--json").json
    assert rows["row_count"] == 3
    refused = shop("pipeline", "preview", ORDERS, "--at", "1:1")
    assert (refused.status, "There is no CTE" in refused.err) == (1, True)
    assert shop("pipeline", "preview", ORDERS, "--at", "x").status == 1
