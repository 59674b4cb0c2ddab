"""The command line: pipelines as folders, files for landing zones."""

from __future__ import annotations

from pathlib import Path

from tests.behaviours.command import TREE, Rat, only_error, ran, read_tree, write_tree


def test_land_registers_files_for_pipelines(shop: Rat, tmp_path: Path) -> None:
    (tmp_path / "monday.csv").write_text("id,price\n1,2.5\n")
    (tmp_path / "tuesday.csv").write_text("id,price\n2,3.5\n")
    landed = shop("land", "shop.sales", tmp_path / "monday.csv", tmp_path / "tuesday.csv", "--json").json
    assert [file["filename"] for file in landed["files"]] == ["monday.csv", "tuesday.csv"]
    assert landed["total"] == 2
    (tmp_path / "notes.txt").write_text("x")
    assert ".csv or .parquet" in only_error(shop("land", "shop.sales", tmp_path / "notes.txt"), 1)
    source = {"shop/pipelines/bronze/sales/pipeline.sql": "SELECT id, _file FROM {{ landing_zone('sales') }}"}
    assert shop("apply", write_tree(tmp_path / "more", source)).status == 0
    assert ran(shop, "shop.bronze.sales")["rows_out"] == 2


def test_apply_says_what_it_did_and_then_that_nothing_is_left_to_do(rat: Rat, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "tree", TREE)
    rehearsed = rat("apply", folder, "--dry-run", "--json").json
    assert (rehearsed["total"], rehearsed["dry_run"]) == (3, True)
    assert rat("export", tmp_path / "empty", "--json").json["total"] == 0
    applied = rat("apply", folder, "--json").json
    assert applied["changes"] == rehearsed["changes"]
    assert "0 changed, 3 unchanged" in rat("apply", folder).out


def test_what_is_exported_is_what_was_applied(shop: Rat, tmp_path: Path) -> None:
    (tmp_path / "out" / ".git").mkdir(parents=True)
    assert shop("export", tmp_path / "out").status == 0
    assert read_tree(tmp_path / "out") == TREE
    assert shop("apply", tmp_path / "out", "--json").json["total"] == 0


def test_export_leaves_foreign_files_alone_unless_told_otherwise(shop: Rat, tmp_path: Path) -> None:
    stale = write_tree(tmp_path / "out", {"shop/pipelines/gold/old/pipeline.sql": "SELECT 1"})
    assert shop("export", stale, "--json").json["stale"] == ["shop/pipelines/gold/old/pipeline.sql"]
    assert (stale / "shop/pipelines/gold/old/pipeline.sql").exists()
    assert "deleted" in shop("export", stale, "--prune").out
    assert read_tree(stale) == TREE
    assert not (stale / "shop/pipelines/gold/old").exists()


def test_export_never_writes_through_a_link(shop: Rat, tmp_path: Path) -> None:
    """P1-05."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "shop").symlink_to(tmp_path / "elsewhere")
    assert "leads out of" in only_error(shop("export", tmp_path / "out"), 1)
    assert list((tmp_path / "elsewhere").rglob("*.sql")) == []


def test_apply_never_reads_through_a_link_and_names_what_has_no_place(rat: Rat, tmp_path: Path) -> None:
    """P1-05."""
    folder = write_tree(tmp_path / "tree", {**TREE, "README.md": "x", ".git/config": "x", "shop/.hidden": "x"})
    (folder / "shop/pipelines/bronze/orders/config.yaml").symlink_to("/etc/passwd")
    (folder / "zoo").symlink_to("/etc")
    (folder / "shop/pipelines/bronze/orders/table.yaml").write_bytes(b"\xff\xfe")
    message = only_error(rat("apply", folder), 1)
    for named in ("config.yaml", "zoo", "table.yaml"):
        assert named in message
    assert ".git" not in message
    (folder / "shop/pipelines/bronze/orders/config.yaml").unlink()
    (folder / "shop/pipelines/bronze/orders/table.yaml").unlink()
    (folder / "zoo").unlink()
    message = only_error(rat("apply", folder), 1)
    assert message.startswith("README.md: ")
    assert len(message.splitlines()) == 1


def test_a_broken_tree_is_refused_with_every_place(rat: Rat, tmp_path: Path) -> None:
    broken = {"shop/pipelines/gold/a/pipeline.sql": "SELECT {{ nothing }}", "shop/pipelines/gold/b/pipeline.sql": "SELECT *\nFROM {{ ref('bronze.ordres') }}"}
    message = only_error(rat("apply", write_tree(tmp_path / "tree", {**TREE, **broken})), 1)
    assert "shop/pipelines/gold/a/pipeline.sql:1:" in message
    assert "shop/pipelines/gold/b/pipeline.sql:2:" in message
    assert "bronze.orders" in message
    assert rat("export", tmp_path / "out", "--json").json["total"] == 0


def test_an_empty_folder_is_no_tree(rat: Rat, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    assert "There is no pipeline" in only_error(rat("apply", tmp_path / "tree", "--prune"), 1)


def test_landing_zones_are_made_listed_and_looked_into(rat: Rat, tmp_path: Path) -> None:
    assert rat("zone", "create", "shop.orders", "--description", "From the till", "--json").json["name"] == "orders"
    (tmp_path / "monday.csv").write_text("id\n1\n")
    rat("land", "shop.orders", str(tmp_path / "monday.csv"))
    zones = rat("zone", "list", "--json").json
    assert [(zone["name"], zone["file_count"], zone["description"]) for zone in zones["landing_zones"]] == [("orders", 1, "From the till")]
    assert "shop.orders" in rat("zone", "list", "--namespace", "shop").out
    assert [file["filename"] for file in rat("zone", "files", "shop.orders", "--json").json["files"]] == ["monday.csv"]
    assert rat("zone", "files", "shop.nothing").status == 1
