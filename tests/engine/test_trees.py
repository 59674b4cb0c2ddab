"""Pipelines as a folder tree: applied as a whole or not at all, exported as they are."""

from __future__ import annotations

from typing import Any

import pytest

from rat_engine import LOCAL_USER, ApplyOptions, CompileError, ConflictError, Engine, PipelineFiles, TableName, TreeAction, ValidationError
from rat_engine.compile import Compilation
from rat_engine.domain.tree import split_tree_path, tree_path
from rat_engine.services import trees

ORDERS = TableName.parse("shop.bronze.orders")
TOTALS = TableName.parse("shop.gold.totals")
TREE = {
    "shop/pipelines/bronze/orders/pipeline.sql": "-- @description: What was sold\nSELECT 1 AS id, 2.5 AS price\n",
    "shop/pipelines/bronze/orders/tests/quality/no_free_goods.sql": "-- @severity: warn\nSELECT * FROM {{ this }} WHERE price = 0\n",
    "shop/pipelines/gold/totals/pipeline.sql": "SELECT sum(price) AS total FROM {{ ref('bronze.orders') }}\n",
    "shop/pipelines/gold/totals/config.yaml": "merge_strategy: full_refresh\n",
    "shop/pipelines/gold/totals/table.yaml": "description: Sales in all\ncolumns:\n  - name: total\n    description: Dollars\n",
}


def changed(tree: dict[str, str], path: str, text: str | None) -> dict[str, str]:
    rest = {name: content for name, content in tree.items() if name != path}
    return rest if text is None else {**rest, path: text}


def summary(engine: Engine, tree: dict[str, str], **options: bool) -> list[tuple[str, str, int | None]]:
    report = engine.trees.apply(LOCAL_USER, tree, ApplyOptions(**options))
    return [(change.action.value, str(change.table), change.version) for change in report.changes]


def versions(engine: Engine) -> dict[str, int | None]:
    return {str(pipeline.table): pipeline.version for pipeline in engine.pipelines.list(LOCAL_USER).items}


def event_count(engine: Engine) -> int:
    return engine.events.latest(LOCAL_USER)


def test_a_tree_becomes_released_pipelines_whatever_the_order_of_their_references(engine: Engine) -> None:
    assert summary(engine, TREE) == [("create", "shop.bronze.orders", 1), ("create", "shop.gold.totals", 1)]
    assert versions(engine) == {"shop.bronze.orders": 1, "shop.gold.totals": 1}
    assert engine.pipelines.get(LOCAL_USER, ORDERS).description == "What was sold"
    assert not engine.pipelines.get(LOCAL_USER, TOTALS).draft_changed


def test_export_gives_back_exactly_what_was_applied(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    assert engine.trees.export(LOCAL_USER) == dict(sorted(TREE.items()))


def test_export_can_be_narrowed_to_a_namespace(engine: Engine) -> None:
    other = {"zoo/pipelines/bronze/animals/pipeline.sql": "SELECT 1 AS n"}
    engine.trees.apply(LOCAL_USER, {**TREE, **other})
    assert engine.trees.export(LOCAL_USER, "zoo") == other
    assert engine.trees.export(LOCAL_USER, "nothing_here") == {}


def test_applying_the_same_tree_again_changes_nothing_at_all(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    before, drafts = event_count(engine), [engine.pipelines.draft(LOCAL_USER, table) for table in (ORDERS, TOTALS)]
    report = engine.trees.apply(LOCAL_USER, TREE)
    assert report.changes == ()
    assert report.unchanged == 2
    assert event_count(engine) == before
    assert [engine.pipelines.draft(LOCAL_USER, table) for table in (ORDERS, TOTALS)] == drafts


def test_only_what_changed_is_released_and_the_report_names_the_files(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    report = engine.trees.apply(LOCAL_USER, changed(TREE, "shop/pipelines/gold/totals/table.yaml", "description: All sales\n"))
    assert [(change.action, change.table, change.version, change.files) for change in report.changes] == [(TreeAction.UPDATE, TOTALS, 2, ("table.yaml",))]
    assert report.unchanged == 1
    assert versions(engine) == {"shop.bronze.orders": 1, "shop.gold.totals": 2}


def test_a_dry_run_lists_the_same_changes_and_makes_none(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    wanted = changed(changed(TREE, "shop/pipelines/gold/totals/config.yaml", None), "shop/pipelines/silver/extra/pipeline.sql", "SELECT 1 AS n")
    before = event_count(engine)
    rehearsed = engine.trees.apply(LOCAL_USER, wanted, ApplyOptions(dry_run=True))
    assert event_count(engine) == before
    assert versions(engine) == {"shop.bronze.orders": 1, "shop.gold.totals": 1}
    assert rehearsed.dry_run
    assert engine.trees.apply(LOCAL_USER, wanted).changes == rehearsed.changes


def test_one_broken_pipeline_keeps_the_whole_tree_out(engine: Engine) -> None:
    """P2-08: everything is one transaction."""
    tree = {**TREE, "zoo/pipelines/bronze/animals/pipeline.sql": "SELECT * FROM {{ ref('bronze.nothing') }}"}
    with pytest.raises(CompileError):
        engine.trees.apply(LOCAL_USER, tree)
    assert versions(engine) == {}
    assert engine.namespaces.list(LOCAL_USER).total == 0
    assert event_count(engine) == 0


def test_every_problem_of_every_pipeline_is_told_under_its_path(engine: Engine) -> None:
    tree = {
        **TREE,
        "shop/pipelines/silver/a/pipeline.sql": "SELECT 1 AS n\nFROM {{ ref('bronze.order') }}",
        "shop/pipelines/silver/b/pipeline.sql": "SELECT {{ 1 +",
        "shop/pipelines/silver/c/pipeline.sql": "SELECT 1 AS n",
        "shop/pipelines/silver/c/tests/quality/t.sql": "-- @severty: warn\nSELECT * FROM {{ this }}",
    }
    with pytest.raises(CompileError) as caught:
        engine.trees.apply(LOCAL_USER, tree)
    places = {(problem.file, problem.line) for problem in caught.value.problems}
    assert ("shop/pipelines/silver/a/pipeline.sql", 2) in places
    assert {file for file, _ in places} == {
        "shop/pipelines/silver/a/pipeline.sql",
        "shop/pipelines/silver/b/pipeline.sql",
        "shop/pipelines/silver/c/tests/quality/t.sql",
    }


def test_a_file_that_has_no_place_in_a_tree_is_named(engine: Engine) -> None:
    strange = {
        "README.md": "hello",
        "shop/pipelines/bronze/orders/notes.txt": "x",
        "shop/pipelines/iron/orders/pipeline.sql": "SELECT 1",
        "shop/pipelines/bronze/my-orders/pipeline.sql": "SELECT 1",
        "shop/pipelines/bronze/orders/tests/quality/deep/t.sql": "SELECT 1",
        "../etc/pipelines/bronze/x/pipeline.sql": "SELECT 1",
    }
    with pytest.raises(CompileError) as caught:
        engine.trees.apply(LOCAL_USER, {**TREE, **strange})
    assert {problem.file for problem in caught.value.problems} == set(strange)
    assert "my_orders" in str(caught.value)
    assert versions(engine) == {}


def test_an_edited_draft_is_not_overwritten_without_force(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    draft = engine.pipelines.draft(LOCAL_USER, ORDERS)
    edited = PipelineFiles({**draft.files.texts, "pipeline.sql": "SELECT 7 AS id, 1.0 AS price"})
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, edited, draft.revision)
    for tree in (TREE, changed(TREE, "shop/pipelines/bronze/orders/pipeline.sql", "SELECT 8 AS id, 2.0 AS price")):
        with pytest.raises(ConflictError, match=r"shop\.bronze\.orders"):
            engine.trees.apply(LOCAL_USER, tree)
        assert engine.pipelines.draft(LOCAL_USER, ORDERS).files == edited
    assert summary(engine, TREE, force=True) == [("reset_draft", "shop.bronze.orders", None)]
    assert engine.trees.export(LOCAL_USER) == dict(sorted(TREE.items()))


def test_a_draft_that_equals_the_tree_is_released_without_force(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    draft = engine.pipelines.draft(LOCAL_USER, ORDERS)
    text = "SELECT 7 AS id, 1.0 AS price\n"
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, PipelineFiles({**draft.files.texts, "pipeline.sql": text}), draft.revision)
    assert summary(engine, changed(TREE, "shop/pipelines/bronze/orders/pipeline.sql", text)) == [("update", "shop.bronze.orders", 2)]


def test_pipelines_missing_from_the_tree_stay_without_prune(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    assert summary(engine, {"shop/pipelines/silver/extra/pipeline.sql": "SELECT 1 AS n"}) == [("create", "shop.silver.extra", 1)]
    assert len(versions(engine)) == 3


def test_prune_deletes_what_the_tree_lacks_but_only_in_namespaces_it_has(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, {**TREE, "zoo/pipelines/bronze/animals/pipeline.sql": "SELECT 1 AS n"})
    left = {"shop/pipelines/silver/extra/pipeline.sql": "SELECT 1 AS n"}
    expected = [("delete", "shop.bronze.orders", None), ("delete", "shop.gold.totals", None), ("create", "shop.silver.extra", 1)]
    assert summary(engine, left, prune=True) == expected
    assert set(versions(engine)) == {"shop.silver.extra", "zoo.bronze.animals"}


def test_prune_does_not_delete_an_edited_draft_without_force(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    engine.pipelines.create(LOCAL_USER, TableName.parse("shop.silver.sketch"), PipelineFiles({"pipeline.sql": "SELECT 1 AS n"}))
    with pytest.raises(ConflictError, match=r"shop\.silver\.sketch"):
        engine.trees.apply(LOCAL_USER, TREE, ApplyOptions(prune=True))
    assert summary(engine, TREE, prune=True, force=True) == [("delete", "shop.silver.sketch", None)]


def test_prune_refuses_to_delete_what_another_namespace_reads(engine: Engine) -> None:
    reader = {"zoo/pipelines/gold/reader/pipeline.sql": "SELECT * FROM {{ ref('shop.bronze.orders') }}"}
    engine.trees.apply(LOCAL_USER, {**TREE, **reader})
    with pytest.raises(ConflictError, match=r"zoo\.gold\.reader"):
        engine.trees.apply(LOCAL_USER, {"shop/pipelines/silver/extra/pipeline.sql": "SELECT 1 AS n"}, ApplyOptions(prune=True))
    assert len(versions(engine)) == 3


def test_a_cycle_within_the_tree_is_refused_and_spelled_out(engine: Engine) -> None:
    """P10-08."""
    tree = {
        "shop/pipelines/silver/a/pipeline.sql": "SELECT * FROM {{ ref('silver.b') }}",
        "shop/pipelines/silver/b/pipeline.sql": "SELECT * FROM {{ ref('silver.a') }}",
    }
    with pytest.raises(CompileError, match=r"shop\.silver\.a → shop\.silver\.b|shop\.silver\.b → shop\.silver\.a") as caught:
        engine.trees.apply(LOCAL_USER, tree)
    assert all(problem.file.startswith("shop/pipelines/silver/") for problem in caught.value.problems)
    assert versions(engine) == {}


def test_two_pipelines_may_turn_the_edge_between_them_around(engine: Engine) -> None:
    one, two = "shop/pipelines/silver/a/pipeline.sql", "shop/pipelines/silver/b/pipeline.sql"
    engine.trees.apply(LOCAL_USER, {one: "SELECT 1 AS n", two: "SELECT * FROM {{ ref('silver.a') }}"})
    turned = {one: "SELECT * FROM {{ ref('silver.b') }}", two: "SELECT 1 AS n"}
    assert [action for action, _, _ in summary(engine, turned)] == ["update", "update"]


def test_line_ends_are_no_difference(engine: Engine) -> None:
    engine.trees.apply(LOCAL_USER, TREE)
    assert summary(engine, {path: text.replace("\n", "\r\n") for path, text in TREE.items()}) == []


def test_a_tree_beyond_the_limit_is_refused(engine: Engine) -> None:
    with pytest.raises(ValidationError, match="at most"):
        engine.trees.apply(LOCAL_USER, {f"shop/pipelines/bronze/t{number}/pipeline.sql": "" for number in range(20_001)})


def test_an_unusable_namespace_is_refused_on_export(engine: Engine) -> None:
    with pytest.raises(ValidationError):
        engine.trees.export(LOCAL_USER, "No Such")


def test_a_path_splits_into_what_it_was_joined_from() -> None:
    assert split_tree_path(tree_path(ORDERS, "tests/quality/a.sql")) == (ORDERS, "tests/quality/a.sql")


def test_a_dry_run_and_the_compiling_of_a_tree_lock_nobody_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer goes on meanwhile; what it changes is looked at anew before anything is written."""
    engine.trees.apply(LOCAL_USER, TREE)
    other = TableName.parse("shop.silver.other")
    tree = changed(TREE, "shop/pipelines/gold/totals/pipeline.sql", "SELECT 3 AS total, count(*) AS n FROM {{ ref('silver.other') }}\n")
    compiles = trees.compile_pipeline

    def meanwhile(*of: Any) -> Compilation:
        monkeypatch.setattr(trees, "compile_pipeline", compiles)
        engine.pipelines.create(LOCAL_USER, other, PipelineFiles({"pipeline.sql": "SELECT 1 AS n"}))
        return compiles(*of)

    with pytest.raises(CompileError, match=r"no table or pipeline 'shop\.silver\.other'"):
        engine.trees.apply(LOCAL_USER, tree, ApplyOptions(dry_run=True))
    monkeypatch.setattr(trees, "compile_pipeline", meanwhile)
    with pytest.raises(CompileError):
        # What was known when it began decides.
        engine.trees.apply(LOCAL_USER, tree, ApplyOptions(dry_run=True))
    engine.pipelines.delete(LOCAL_USER, other)
    monkeypatch.setattr(trees, "compile_pipeline", meanwhile)
    own = changed(TREE, "shop/pipelines/gold/totals/pipeline.sql", "SELECT 3 AS total")
    with pytest.raises(ConflictError, match=r"shop\.silver\.other"):
        # Pruned as well by now, which its edited draft forbids.
        engine.trees.apply(LOCAL_USER, own, ApplyOptions(prune=True))
    assert summary(engine, own) == [("update", "shop.gold.totals", 2)]
