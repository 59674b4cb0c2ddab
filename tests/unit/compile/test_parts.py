"""The CTEs of a statement, the one under the cursor, and the words an editor offers."""

from __future__ import annotations

import pytest

from rat_engine.compile import render_traced
from rat_engine.compile.checks import FUNCTIONS, VALUES
from rat_engine.compile.config import PIPELINE_FIELDS, TEST_FIELDS
from rat_engine.compile.parts import part_at, parts
from rat_engine.compile.vocabulary import vocabulary
from rat_engine.domain.pipeline import WriteStrategy
from tests.unit.compile.pipelines import FIRST, TABLE

SOURCE = """-- @owner: ana
with first as (
    select * from {{ ref('bronze.flights') }} -- a ) in a comment
),
{% for n in [1, 2] %}
part_{{ n }} as materialized (select ')' as x, {{ n }} as n from first),
{% endfor %}
"Last One" (a, b) as (select (1), 2)
select * from first
"""


def test_ctes_are_found_with_their_names_and_places() -> None:
    sql = render_traced(TABLE, SOURCE, "pipeline.sql", FIRST).sql
    assert [part.name for part in parts(sql)] == ["first", "part_1", "part_2", '"Last One"']
    assert parts(sql)[0].select(sql).endswith("-- a ) in a comment\n)\nSELECT * FROM first")


@pytest.mark.parametrize("sql", ["select 1", "with", "with a", "with a as select 1", "with a as (select 1", "", "with (a) as (select 1)"])
def test_what_has_no_whole_cte_has_none(sql: str) -> None:
    assert parts(sql) == ()


@pytest.mark.parametrize(("line", "column", "name"), [(2, 8, "first"), (3, 10, "first"), (6, 20, "part_1"), (8, 30, '"Last One"'), (9, 3, None), (1, 1, None)])
def test_the_cursor_is_in_a_cte(line: int, column: int, name: str | None) -> None:
    part = part_at(render_traced(TABLE, SOURCE, "pipeline.sql", FIRST), line, column)
    assert (part.name if part else None) == name


def test_the_words_are_those_of_the_compiler() -> None:
    words = vocabulary()
    assert [word.name for word in words.helpers] == [*FUNCTIONS, *VALUES]
    assert [word.name for word in words.annotations] == list(PIPELINE_FIELDS)
    assert [word.name for word in words.test_annotations] == list(TEST_FIELDS)
    assert next(word.values for word in words.annotations if word.name == "merge_strategy") == tuple(WriteStrategy)
    assert all(word.meaning for word in (*words.helpers, *words.annotations, *words.test_annotations, *words.config_keys, *words.table_keys))
