"""Laying out: only white space changes, whatever is written; what cannot be laid out is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rat_engine.compile.formatting import format_template
from rat_engine.compile.tokens import tokens
from rat_engine.domain.names import TableName
from rat_engine.errors import FormatError
from tests.unit.compile.pipelines import TABLE

DEMO = Path(__file__).parents[3] / "rat_engine" / "demo" / "tree"
PIECES = [
    *("select ", "with a as (", ")", "(", ", ", "from ", " where ", " and ", " or ", "group by ", "order by ", " on ", " left join ", " union all ", "case "),
    *(" when ", " then ", " else ", " end ", " between ", "x", "1", "'a b'", '"Q q"', "{{ ref('bronze.flights') }}", "{{ this }}", "{% if is_incremental() %}"),
    *("{% else %}", "{% endif %}", "{%- endif -%}", "{# note #}", "-- said\n", "/* block */", "\n", "  ", "::int", "->>", "*", ".", ";", "= ", "<>", "[", "]"),
    *("'line\nend'", "{% for c in ['a', 'b'] %}", "{% endfor %}", "{{ c }}", "E'\\''", "$$;$$", "é", "-1", "as "),
]


def laid_out(text: str, path: str = "pipeline.sql") -> str:
    return format_template(TABLE, path, text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_is_laid_out_has_the_same_tokens_and_stays_as_it_is_the_second_time(text: str) -> None:
    try:
        result = laid_out("select 1 as n, " + text)
    except FormatError as error:
        assert error.message  # noqa: PT017 - either it says why, or it is right
        return
    assert [token.text for token in tokens(result)] == [token.text for token in tokens("select 1 as n, " + text)]
    assert laid_out(result) == result


@pytest.mark.parametrize("path", sorted(DEMO.rglob("pipeline.sql")), ids=lambda path: path.parent.name)
def test_the_demo_is_laid_out_already(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_template(TableName.parse("flights.gold.other"), "pipeline.sql", text) == text


def test_clauses_items_and_ctes_get_lines_and_annotations_comments_and_tags_stay() -> None:
    written = """-- @owner: ana
with a as (select 1 as x -- one
), b as (select * exclude (x) from a)
select a,-- the a
b::int as c,
-- its own line
count(*) filter (where x>1) n from {{ ref('bronze.flights') }} f left join b on b.x=f.x
{% if is_incremental() %} where a > (select max(a) from {{ this }}) {% endif %}"""
    assert (
        laid_out(written)
        == """-- @owner: ana
with a as (
    select 1 as x -- one
),
b as (
    select * exclude (x)
    from a
)

select
    a, -- the a
    b::int as c,
    -- its own line
    count(*) filter (where x > 1) n
from {{ ref('bronze.flights') }} f
left join b on b.x = f.x
{% if is_incremental() %}
where a > (select max(a) from {{ this }})
{% endif %}
"""
    )


def test_what_does_not_fit_is_divided_before_its_conditions_and_in_its_cases() -> None:
    long = "a_rather_long_column_of_this_table"
    result = laid_out(
        f"select case when {long} > 0 and {long} < 5 then 'few' when {long} between 5 and 9 then 'some' else 'many' end as size from t "
        f"where {long} between 1 and 2 and {long} is not null and {long} <> 4"
    )
    assert (
        result
        == f"""select
    case
        when {long} > 0 and {long} < 5 then 'few'
        when {long} between 5 and 9 then 'some'
        else 'many'
    end as size
from t
where {long} between 1 and 2
    and {long} is not null
    and {long} <> 4
"""
    )


@pytest.mark.parametrize(
    ("text", "path", "why"),
    [
        ("select (1", "pipeline.sql", "never closed"),
        ("select 1)", "pipeline.sql", "closes nothing"),
        ("select {{ nope }}", "pipeline.sql", "does not compile"),
        ("description: x", "config.yaml", "only SQL is"),
        ("select 1 as a, 2 as a{% if is_incremental() %}b{% endif %}", "pipeline.sql", "inside a word"),
    ],
)
def test_what_cannot_be_laid_out_says_why(text: str, path: str, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        laid_out(text, path)
