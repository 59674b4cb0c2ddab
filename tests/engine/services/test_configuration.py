"""The settings of a pipeline: a form writes config.yaml and leaves the author's own words alone."""

from __future__ import annotations

import pytest

from rat_engine import LOCAL_USER, CompileError, Engine, PipelineFiles, StaleDraftError, TableName, ValidationError

ORDERS = TableName.parse("shop.bronze.orders")
CONFIG = """\
# Ours since 2024.
owner: 'ann'  # she knows

merge_strategy: full_refresh
tags: [sales, daily]
"""


@pytest.fixture
def shop(engine: Engine) -> Engine:
    texts = {"pipeline.sql": "-- @owner: bob\nselect 1 as id", "config.yaml": CONFIG}
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles(texts))
    return engine


def config(engine: Engine) -> str:
    return engine.pipelines.draft(LOCAL_USER, ORDERS).files.texts.get("config.yaml", "")


def test_the_form_shows_the_file_and_which_annotation_wins(shop: Engine) -> None:
    read = shop.configuration.read(LOCAL_USER, ORDERS)
    assert (read.owner, read.tags, read.merge_strategy, read.description) == ("ann", ("sales", "daily"), "full_refresh", "")
    assert read.overridden == (("owner", "bob"),)


def test_comments_order_and_quotes_stay(shop: Engine) -> None:
    shop.configuration.update(LOCAL_USER, ORDERS, {"merge_strategy": "append_only", "description": "yes: it is\nlong", "owner": "ann"})
    text = config(shop)
    assert text.startswith("# Ours since 2024.\nowner: 'ann'  # she knows\n\nmerge_strategy: append_only\ntags: [sales, daily]\n")
    assert shop.configuration.read(LOCAL_USER, ORDERS).description.rstrip("\n") == "yes: it is\nlong"
    assert not shop.pipelines.compile(LOCAL_USER, ORDERS).errors


def test_an_empty_value_takes_its_key_away_and_nothing_else(shop: Engine) -> None:
    shop.configuration.update(LOCAL_USER, ORDERS, {"owner": "", "tags": (), "merge_strategy": ""})
    assert "Ours since 2024" in config(shop)
    assert shop.configuration.read(LOCAL_USER, ORDERS).owner == ""


def test_texts_that_yaml_would_take_for_something_else_are_texts(engine: Engine) -> None:
    engine.pipelines.create(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": "select 1 as id"}))
    engine.configuration.update(LOCAL_USER, ORDERS, {"owner": "true", "description": "- 12: 'x' # no comment", "tags": ("1", "no")})
    read = engine.configuration.read(LOCAL_USER, ORDERS)
    assert (read.owner, read.description, read.tags) == ("true", "- 12: 'x' # no comment", ("1", "no"))
    engine.configuration.update(LOCAL_USER, ORDERS, {"owner": "", "description": "", "tags": ()})
    assert "config.yaml" not in engine.pipelines.draft(LOCAL_USER, ORDERS).files.texts


def test_what_is_not_possible_is_refused_and_nothing_is_written(shop: Engine) -> None:
    with pytest.raises(CompileError, match="merge_strategy"):
        shop.configuration.update(LOCAL_USER, ORDERS, {"merge_strategy": "sideways"})
    with pytest.raises(ValidationError, match="'colour' is not a setting"):
        shop.configuration.update(LOCAL_USER, ORDERS, {"colour": "red"})
    assert config(shop) == CONFIG


def test_a_broken_file_is_left_to_its_author(shop: Engine) -> None:
    draft = shop.pipelines.draft(LOCAL_USER, ORDERS)
    shop.pipelines.save_draft(LOCAL_USER, ORDERS, PipelineFiles({"pipeline.sql": "select 1 as id", "config.yaml": "owner: [ann"}), draft.revision)
    with pytest.raises(CompileError):
        shop.configuration.update(LOCAL_USER, ORDERS, {"owner": "bob"})
    assert config(shop) == "owner: [ann"


def test_an_outdated_form_is_refused(shop: Engine) -> None:
    """P10-78."""
    revision = shop.configuration.read(LOCAL_USER, ORDERS).revision
    shop.configuration.update(LOCAL_USER, ORDERS, {"owner": "eve"}, revision)
    with pytest.raises(StaleDraftError):
        shop.configuration.update(LOCAL_USER, ORDERS, {"owner": "mallory"}, revision)
