"""The command line: a pipeline from its creation to its deletion and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.behaviours.command import TREE, Rat, ran, write_tree

ORDERS = "shop.bronze.orders"


@pytest.fixture
def shop(rat: Rat, tmp_path: Path) -> Rat:
    """A shop whose pipelines are released."""
    assert rat("apply", write_tree(tmp_path / "tree", TREE)).status == 0
    return rat


def test_a_draft_becomes_a_version_and_goes_back(shop: Rat, tmp_path: Path) -> None:
    draft = shop("pipeline", "draft", ORDERS, "--json").json
    folder = write_tree(tmp_path / "draft", {**draft["files"], "pipeline.sql": "SELECT 9 AS id, 1.0 AS price, 'x' AS note\n"})
    assert shop("pipeline", "save", ORDERS, folder, "--revision", str(draft["revision"])).status == 0
    assert "+SELECT 9 AS id" in shop("pipeline", "diff", ORDERS).out
    assert shop("pipeline", "release", ORDERS, "-m", "nine", "--json").json["version"] == 2
    assert shop("pipeline", "rollback", ORDERS, "1").out == f"{ORDERS} version 3 released\n"
    assert shop("pipeline", "versions", ORDERS, "--json").json["versions"][0]["changed"] == ["pipeline.sql"]
    assert "nine" in shop("pipeline", "versions", ORDERS).out
    assert shop("pipeline", "version", ORDERS, "1", "--json").json["files"]["pipeline.sql"] in shop("pipeline", "version", ORDERS, "1").out


def test_a_pipeline_is_renamed_copied_deleted_and_restored(shop: Rat) -> None:
    assert "shop.gold.totals reads the old name: its draft is changed" in shop("pipeline", "rename", ORDERS, "shop.silver.sales", "--update-readers").out
    assert shop("pipeline", "copy", "shop.silver.sales", "shop.silver.twin").status == 0
    assert shop("pipeline", "delete", "shop.silver.twin").status == 0
    assert "shop.silver.twin" in shop("pipeline", "deleted").out
    assert shop("pipeline", "restore", "shop.silver.twin").status == 0
    assert shop("pipeline", "release", "shop.gold.totals").status == 0
    refused = shop("pipeline", "delete", "shop.silver.sales")
    assert (refused.status, "shop.gold.totals" in refused.err) == (1, True)
    assert "shop.gold.totals" in shop("pipeline", "show", "shop.silver.sales").out
    assert shop("pipeline", "dependents", "shop.silver.sales", "--json").json["total"] == 1
    assert {each["name"] for each in shop("pipeline", "list", "--layer", "silver", "--json").json["pipelines"]} == {"sales", "twin"}


def test_settings_are_changed_in_the_draft(shop: Rat) -> None:
    assert shop("pipeline", "set", ORDERS, "owner=ann", "tags=daily", "--json").json["tags"] == ["daily"]
    assert "owner          ann" in shop("pipeline", "settings", ORDERS).out
    assert shop("pipeline", "create", "shop.gold.fresh", "--description", "New").status == 0


def test_a_published_table_is_tested_without_a_run(shop: Rat) -> None:
    ran(shop)
    tested = shop("pipeline", "test", ORDERS, "--json")
    assert (tested.status, [each["status"] for each in tested.json["results"]]) == (0, ["pass"])
    assert [each["status"] for each in shop("pipeline", "test-history", ORDERS, "--json").json["outcomes"]] == ["pass"]
    assert "has_id" in shop("pipeline", "tests", ORDERS).out
    missing = shop("pipeline", "test", "shop.gold.refused", "--json")
    assert (missing.status, missing.json["results"][0]["status"]) == (1, "error")
