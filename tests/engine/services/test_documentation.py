"""Documentation written from outside the editor: it is in the pipeline's files, readers see it at once, and nothing else changes."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from rat_engine import (
    LOCAL_USER,
    ApplyOptions,
    CompileError,
    DocumentationChange,
    Engine,
    LakeTable,
    NotFoundError,
    PipelineFiles,
    StaleDocumentationError,
    TableFilter,
    TableName,
    ValidationError,
    new_id,
)
from rat_engine.domain.clock import now
from rat_engine.metadata.tables import lake_table

ORDERS = TableName.parse("shop.silver.orders")
SOURCE = "-- Orders.\nSELECT 1 AS id, 2 AS price"
TABLE_YAML = """\
# The contract with finance.
description: Orders as they came  # one per line
columns:
  - name: price
    description: In cents
  # The key:
  - name: id
"""


def publish(engine: Engine, table: TableName = ORDERS, columns: tuple[str, ...] = ("id", "price")) -> None:
    """What a publish leaves in the metadata, without documentation."""
    described = [{"name": name, "type": "BIGINT", "description": ""} for name in columns]
    numbers = {"row_count": 3, "size_bytes": 1, "file_count": 1, "snapshot_id": 1, "published_at": now(), "published_by_run": new_id()}
    with engine.database.write() as transaction:
        named = {"namespace": table.namespace, "layer": table.layer.value, "name": table.name}
        transaction.connection.execute(insert(lake_table).values(id=new_id(), **named, columns=described, **numbers))


@pytest.fixture
def orders(engine: Engine) -> Engine:
    """A released pipeline with documentation, whose table is published."""
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": SOURCE, "table.yaml": TABLE_YAML}))
    publish(engine)
    engine.pipelines.release(LOCAL_USER, ORDERS)
    return engine


def table(engine: Engine) -> LakeTable:
    return engine.tables.get(LOCAL_USER, ORDERS)


def described(engine: Engine) -> dict[str, str]:
    return {column.name: column.description for column in table(engine).columns}


def test_a_change_is_seen_at_once_and_keeps_comments_and_order(orders: Engine) -> None:
    change = DocumentationChange("Orders,\none row each", {"id": "Order number"}, "finance", ("PII", "daily", "pii "))
    written = orders.documentation.change(LOCAL_USER, ORDERS, change)
    assert (table(orders).description, table(orders).owner, table(orders).tags) == ("Orders,\none row each", "finance", ("pii", "daily"))
    assert described(orders) == {"id": "Order number", "price": "In cents"}
    assert written.docs == orders.documentation.get(LOCAL_USER, ORDERS).docs
    text = orders.pipelines.draft(LOCAL_USER, ORDERS).files.texts["table.yaml"]
    assert text.startswith("# The contract with finance.\ndescription: |-\n  Orders,\n  one row each")
    assert "  # The key:\n  - name: id\n    description: Order number\n" in text
    assert text.index("price") < text.index("id\n")


def test_a_change_is_a_version_of_its_own_and_survives_the_next_release_and_export(orders: Engine) -> None:
    orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange("New words"))
    pipeline = orders.pipelines.get(LOCAL_USER, ORDERS)
    assert (pipeline.version, pipeline.draft_changed) == (2, False)
    draft = orders.pipelines.draft(LOCAL_USER, ORDERS)
    orders.pipelines.save_draft(LOCAL_USER, ORDERS, PipelineFiles({**draft.files.texts, "pipeline.sql": SOURCE + ", 3 AS tax"}), draft.revision)
    orders.pipelines.release(LOCAL_USER, ORDERS)
    assert table(orders).description == "New words"
    tree = orders.trees.export(LOCAL_USER)
    assert "New words" in tree["shop/pipelines/silver/orders/table.yaml"]
    assert orders.trees.apply(LOCAL_USER, tree, ApplyOptions()).unchanged == 1


def test_what_else_was_edited_in_the_draft_stays_unreleased(orders: Engine) -> None:
    draft = orders.pipelines.draft(LOCAL_USER, ORDERS)
    edited = {**draft.files.texts, "pipeline.sql": "SELECT broken", "table.yaml": TABLE_YAML.replace("In cents", "In whole euros")}
    orders.pipelines.save_draft(LOCAL_USER, ORDERS, PipelineFiles(edited), draft.revision)
    orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange(columns={"id": "The key"}))
    released = orders.pipelines.version(LOCAL_USER, ORDERS, 2).files
    assert released is not None
    assert released.source == SOURCE
    assert described(orders) == {"id": "The key", "price": "In cents"}
    kept = orders.pipelines.draft(LOCAL_USER, ORDERS).files.texts
    assert kept["pipeline.sql"] == "SELECT broken"
    assert "In whole euros" in kept["table.yaml"]
    assert "The key" in kept["table.yaml"]


def test_writing_the_same_again_makes_no_version(orders: Engine) -> None:
    orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange(columns={"price": " In cents\n"}, tags=()))
    assert orders.pipelines.get(LOCAL_USER, ORDERS).version == 1


def test_an_outdated_change_is_refused_and_shows_what_is_there(orders: Engine) -> None:
    read = orders.documentation.get(LOCAL_USER, ORDERS).docs.revision
    orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange("Theirs", owner="them"), read)
    with pytest.raises(StaleDocumentationError) as refused:
        orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange("Mine"), read)
    details = refused.value.details
    assert (details["description"], details["owner"], details["columns"]["price"]) == ("Theirs", "them", "In cents")
    assert orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange("Mine"), details["revision"]).docs.description == "Mine"


def test_an_annotation_locks_what_it_says(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": f"-- @owner: sql\n{SOURCE}"}))
    engine.pipelines.release(LOCAL_USER, ORDERS)
    assert engine.documentation.get(LOCAL_USER, ORDERS).locked == ("owner",)
    with pytest.raises(ValidationError, match="@owner"):
        engine.documentation.change(LOCAL_USER, ORDERS, DocumentationChange(owner="me"))
    assert engine.documentation.change(LOCAL_USER, ORDERS, DocumentationChange(owner="sql", tags=("x",))).docs.tags == ("x",)


def test_a_column_that_is_not_there_is_refused_with_the_nearest(orders: Engine) -> None:
    with pytest.raises(ValidationError, match=r"'prize'.*Did you mean 'price'"):
        orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange(columns={"prize": "?"}))


def test_a_file_that_cannot_be_read_is_left_alone(orders: Engine) -> None:
    draft = orders.pipelines.draft(LOCAL_USER, ORDERS)
    orders.pipelines.save_draft(LOCAL_USER, ORDERS, PipelineFiles({**draft.files.texts, "table.yaml": "description: [broken"}), draft.revision)
    with pytest.raises(CompileError, match=r"table\.yaml"):
        orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange("x"))
    assert table(orders).description == "Orders as they came"


def test_a_table_whose_pipeline_is_gone_can_still_be_described(orders: Engine) -> None:
    orders.pipelines.delete(LOCAL_USER, ORDERS)
    orders.documentation.change(LOCAL_USER, ORDERS, DocumentationChange(columns={"id": "Kept"}, owner="archive"))
    assert described(orders)["id"] == "Kept"
    assert orders.tables.list(LOCAL_USER, TableFilter(search="archive")).total == 1


def test_a_pipeline_that_was_never_released_is_described_in_its_draft(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": SOURCE}))
    engine.documentation.change(LOCAL_USER, ORDERS, DocumentationChange("Soon", {"anything": "is possible"}))
    assert engine.pipelines.get(LOCAL_USER, ORDERS).version is None
    assert (
        engine.pipelines.draft(LOCAL_USER, ORDERS).files.texts["table.yaml"]
        == "description: Soon\ncolumns:\n  - name: anything\n    description: is possible\n"
    )


def test_nothing_has_no_documentation(engine: Engine) -> None:
    with pytest.raises(NotFoundError):
        engine.documentation.get(LOCAL_USER, ORDERS)
