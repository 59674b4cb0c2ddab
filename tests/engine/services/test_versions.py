"""Versions beside each other: what changed, and going back."""

from __future__ import annotations

import pytest

from rat_engine import LOCAL_USER, Engine, PipelineFiles, TableName
from rat_engine.errors import CompileError, ConflictError, NotFoundError

ORDERS = TableName.parse("shop.bronze.orders")


def files(sql: str, **more: str) -> PipelineFiles:
    return PipelineFiles({"pipeline.sql": sql, **more})


def save(engine: Engine, texts: PipelineFiles) -> None:
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, texts, engine.pipelines.draft(LOCAL_USER, ORDERS).revision)


@pytest.fixture
def three(engine: Engine) -> Engine:
    """Three versions, of which the second adds a file that the third takes away."""
    engine.pipelines.create(LOCAL_USER, ORDERS, files("select 1 as a"))
    engine.pipelines.release(LOCAL_USER, ORDERS)
    save(engine, files("select 2 as a", **{"config.yaml": "owner: ann\n"}))
    engine.pipelines.release(LOCAL_USER, ORDERS)
    save(engine, files("select 2 as a"))
    engine.pipelines.release(LOCAL_USER, ORDERS)
    return engine


def test_every_version_says_which_files_it_changed(three: Engine) -> None:
    listed = three.pipelines.versions(LOCAL_USER, ORDERS).items
    assert [version.changed for version in listed] == [("config.yaml",), ("config.yaml", "pipeline.sql"), ("pipeline.sql",)]


def test_any_two_versions_and_the_draft_can_be_compared(three: Engine) -> None:
    compared = three.versions.compare(LOCAL_USER, ORDERS, 1, 2)
    assert [(change.path, change.kind) for change in compared.files] == [("config.yaml", "added"), ("pipeline.sql", "changed")]
    assert "-select 1 as a\n+select 2 as a" in compared.files[1].diff
    assert not three.versions.compare(LOCAL_USER, ORDERS, 3, None).files
    with pytest.raises(NotFoundError):
        three.versions.compare(LOCAL_USER, ORDERS, 9, None)


def test_a_roll_back_is_a_new_version_with_the_old_files_and_an_unedited_draft_follows(three: Engine) -> None:
    version = three.versions.rollback(LOCAL_USER, ORDERS, 1)
    assert (version.number, version.message, version.files) == (4, "Rolled back to version 1", files("select 1 as a"))
    assert three.pipelines.draft(LOCAL_USER, ORDERS).files == files("select 1 as a")
    assert not three.pipelines.get(LOCAL_USER, ORDERS).draft_changed
    assert three.pipelines.get(LOCAL_USER, ORDERS).version == 4


def test_an_edited_draft_outlives_a_roll_back_unless_it_is_to_be_replaced(three: Engine) -> None:
    save(three, files("select 'unfinished' as a"))
    three.versions.rollback(LOCAL_USER, ORDERS, 1)
    assert three.pipelines.draft(LOCAL_USER, ORDERS).files == files("select 'unfinished' as a")
    assert three.pipelines.get(LOCAL_USER, ORDERS).draft_changed
    three.versions.rollback(LOCAL_USER, ORDERS, 2, "again", replace_draft=True)
    assert three.pipelines.draft(LOCAL_USER, ORDERS).files.source == "select 2 as a"


def test_what_runs_use_already_and_what_does_not_fit_any_more_is_refused(three: Engine) -> None:
    with pytest.raises(ConflictError, match="already"):
        three.versions.rollback(LOCAL_USER, ORDERS, 3)
    source = TableName.parse("shop.bronze.source")
    three.pipelines.create(LOCAL_USER, source, files("select 1 as a"))
    save(three, files("select * from {{ ref('bronze.source') }}"))
    three.pipelines.release(LOCAL_USER, ORDERS)
    save(three, files("select 5 as a"))
    three.pipelines.release(LOCAL_USER, ORDERS)
    three.pipelines.delete(LOCAL_USER, source)
    with pytest.raises(CompileError, match=r"shop\.bronze\.source"):
        three.versions.rollback(LOCAL_USER, ORDERS, 4)
    assert three.pipelines.get(LOCAL_USER, ORDERS).version == 5
