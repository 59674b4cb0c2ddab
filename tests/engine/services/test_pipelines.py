"""Pipelines: drafts, versions, releases."""

from __future__ import annotations

import threading

import pytest

from rat_engine import LOCAL_USER, Engine, Layer, PageRequest, PipelineFiles, PipelineFilter, TableName
from rat_engine.errors import AlreadyExistsError, CompileError, ConflictError, NotFoundError, StaleDraftError, ValidationError

ORDERS = TableName.parse("shop.bronze.orders")
TOTALS = TableName.parse("shop.gold.totals")


def files(sql: str, **more: str) -> PipelineFiles:
    return PipelineFiles({"pipeline.sql": sql, **more})


def released(engine: Engine, table: TableName, sql: str) -> None:
    engine.pipelines.create(LOCAL_USER, table, files(sql))
    engine.pipelines.release(LOCAL_USER, table)


@pytest.mark.parametrize("layer", list(Layer))
def test_a_new_pipeline_starts_with_files_that_compile_and_release(engine: Engine, layer: Layer) -> None:
    table = TableName("shop", layer, "orders")
    created = engine.pipelines.create(LOCAL_USER, table, description="All {{ orders }} -- ever")
    assert created.version is None
    assert "-- @description: All {{ orders }} -- ever\n" in engine.pipelines.draft(LOCAL_USER, table).files.source
    assert engine.pipelines.compile(LOCAL_USER, table).problems == ()
    assert engine.pipelines.release(LOCAL_USER, table).number == 1


def test_a_new_pipeline_without_a_description_has_none(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS)
    engine.saved.to_pipeline(LOCAL_USER, TOTALS, "select 1 as id")
    assert not any("@description" in engine.pipelines.draft(LOCAL_USER, table).files.source for table in (ORDERS, TOTALS))
    engine.pipelines.release(LOCAL_USER, ORDERS)
    assert engine.pipelines.get(LOCAL_USER, ORDERS).description == ""


def test_a_release_copies_the_draft_into_a_version_that_never_changes(engine: Engine) -> None:
    """P2-08: version, dependencies and event are one transaction; the predecessor's pins expired after a week."""
    released(engine, ORDERS, "select 1 as a")
    draft = engine.pipelines.draft(LOCAL_USER, ORDERS)
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, files("select 2 as a"), draft.revision)
    assert engine.pipelines.get(LOCAL_USER, ORDERS).draft_changed
    second = engine.pipelines.release(LOCAL_USER, ORDERS, "two")
    first = engine.pipelines.version(LOCAL_USER, ORDERS, 1)
    assert (first.files, second.number, second.message) == (files("select 1 as a"), 2, "two")
    assert [version.number for version in engine.pipelines.versions(LOCAL_USER, ORDERS).items] == [2, 1]
    assert not engine.pipelines.get(LOCAL_USER, ORDERS).draft_changed


def test_an_unchanged_draft_is_not_released_again(engine: Engine) -> None:
    released(engine, ORDERS, "select 1 as a")
    with pytest.raises(ConflictError, match="nothing to release"):
        engine.pipelines.release(LOCAL_USER, ORDERS)


def test_saving_an_outdated_draft_is_refused_with_the_other_text(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, files("select 1 as a"))
    revision = engine.pipelines.draft(LOCAL_USER, ORDERS).revision
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, files("select 2 as theirs"), revision)
    with pytest.raises(StaleDraftError) as caught:
        engine.pipelines.save_draft(LOCAL_USER, ORDERS, files("select 3 as mine"), revision)
    assert caught.value.details["files"] == {"pipeline.sql": "select 2 as theirs"}
    assert engine.pipelines.draft(LOCAL_USER, ORDERS).files == files("select 2 as theirs")


def test_of_many_savers_of_one_revision_exactly_one_wins(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, files("select 1 as a"))
    revision = engine.pipelines.draft(LOCAL_USER, ORDERS).revision
    won: list[int] = []

    def save(number: int) -> None:
        try:
            engine.pipelines.save_draft(LOCAL_USER, ORDERS, files(f"select {number} as a"), revision)
        except StaleDraftError:
            return
        won.append(number)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(won) == 1
    assert engine.pipelines.draft(LOCAL_USER, ORDERS).files == files(f"select {won[0]} as a")


def test_a_draft_may_be_broken_but_a_release_may_not(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, files("select {{ ref('bronze.orderz') }}\n{% if %}"))
    with pytest.raises(CompileError) as caught:
        engine.pipelines.release(LOCAL_USER, ORDERS)
    assert all(problem.file == "pipeline.sql" and problem.line >= 1 for problem in caught.value.problems)
    assert engine.pipelines.get(LOCAL_USER, ORDERS).version is None


def test_a_missing_ref_is_refused_at_release_with_the_nearest_name(engine: Engine) -> None:
    """P6-24."""
    released(engine, ORDERS, "select 1 as a")
    engine.pipelines.create(LOCAL_USER, TOTALS, files("select * from {{ ref('bronze.order') }}"))
    with pytest.raises(CompileError, match=r"pipeline\.sql:1:\d+.*bronze\.orders"):
        engine.pipelines.release(LOCAL_USER, TOTALS)


def test_a_cycle_is_refused_at_release_and_spelled_out(engine: Engine) -> None:
    """P10-08."""
    released(engine, ORDERS, "select 1 as a")
    released(engine, TOTALS, "select * from {{ ref('bronze.orders') }}")
    draft = engine.pipelines.draft(LOCAL_USER, ORDERS)
    engine.pipelines.save_draft(LOCAL_USER, ORDERS, files("select * from {{ ref('gold.totals') }}"), draft.revision)
    with pytest.raises(CompileError, match=r"shop\.\w+\.\w+ → shop\.\w+\.\w+ → shop\.\w+\.\w+"):
        engine.pipelines.release(LOCAL_USER, ORDERS)
    assert engine.pipelines.get(LOCAL_USER, ORDERS).version == 1


@pytest.mark.parametrize("path", ["../pipeline.sql", "/etc/passwd", "pipeline.py", "tests/quality/../../x.sql", "tests/quality/a-b.sql", "pipeline.sql\x00"])
def test_a_path_that_is_no_file_of_a_pipeline_is_refused(path: str) -> None:
    """P1-05."""
    with pytest.raises(ValidationError):
        PipelineFiles({path: "select 1"})


def test_a_file_beyond_its_limit_is_refused() -> None:
    """P10-103."""
    with pytest.raises(ValidationError, match="500,000"):
        files("x" * 500_001)


def test_line_ends_are_the_same_whoever_wrote_them() -> None:
    assert files("select 1\r\nas a\r").source == "select 1\nas a\n"
    assert files("a\r\nb").hash == files("a\nb").hash


def test_search_finds_names_and_descriptions_and_takes_wildcards_literally(engine: Engine) -> None:
    """P10-102."""
    engine.pipelines.create(LOCAL_USER, ORDERS, files("select 1 as a"), description="100% of what was ordered")
    engine.pipelines.create(LOCAL_USER, TOTALS, files("select 1 as a"))

    def found(text: str) -> list[TableName]:
        return [pipeline.table for pipeline in engine.pipelines.list(LOCAL_USER, PipelineFilter(search=text)).items]

    assert found("ORDER") == [ORDERS]
    assert found("100%") == [ORDERS]
    assert found("%") == [ORDERS]
    assert found("_") == []
    assert [p.table for p in engine.pipelines.list(LOCAL_USER, PipelineFilter(layer=Layer.GOLD)).items] == [TOTALS]


def test_pages_follow_each_other_without_gap_while_pipelines_are_added(engine: Engine) -> None:
    """P10-98."""
    for number in range(5):
        engine.pipelines.create(LOCAL_USER, TableName("shop", Layer.BRONZE, f"t{number}"), files("select 1 as a"))
    first = engine.pipelines.list(LOCAL_USER, page=PageRequest(limit=2))
    engine.pipelines.create(LOCAL_USER, TableName("shop", Layer.BRONZE, "a"), files("select 1 as a"))
    second = engine.pipelines.list(LOCAL_USER, page=PageRequest(limit=10, after=first.next))
    assert [p.table.name for p in (*first.items, *second.items)] == ["t0", "t1", "t2", "t3", "t4"]


def test_a_cursor_of_another_list_is_refused(engine: Engine) -> None:
    with pytest.raises(ValidationError, match="cursor"):
        engine.pipelines.list(LOCAL_USER, page=PageRequest(after="nonsense"))


def test_a_deleted_name_is_free_again_and_its_versions_are_not_inherited(engine: Engine) -> None:
    released(engine, ORDERS, "select 1 as a")
    engine.pipelines.delete(LOCAL_USER, ORDERS)
    with pytest.raises(NotFoundError):
        engine.pipelines.get(LOCAL_USER, ORDERS)
    engine.pipelines.create(LOCAL_USER, ORDERS, files("select 2 as b"))
    assert engine.pipelines.versions(LOCAL_USER, ORDERS).total == 0


def test_a_pipeline_that_others_read_is_not_deleted(engine: Engine) -> None:
    released(engine, ORDERS, "select 1 as a")
    released(engine, TOTALS, "select * from {{ ref('bronze.orders') }}")
    with pytest.raises(ConflictError, match=r"shop\.gold\.totals"):
        engine.pipelines.delete(LOCAL_USER, ORDERS)


def test_a_duplicate_pipeline_is_a_conflict(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS)
    with pytest.raises(AlreadyExistsError):
        engine.pipelines.create(LOCAL_USER, ORDERS)


def test_a_place_in_compiled_sql_leads_back_to_the_file(engine: Engine) -> None:
    released(engine, ORDERS, "select 1 as a")
    text = files("-- @description: x\nselect a,\n  {{ ref('bronze.orders') }} as b, oops")
    compiled = engine.pipelines.compiled_sql(LOCAL_USER, TOTALS, text)
    line = compiled.splitlines()[2]
    assert '"shop"' in line
    assert engine.pipelines.origin(LOCAL_USER, TOTALS, text, "pipeline.sql", (3, line.index("oops") + 1)) == (3, 36)
