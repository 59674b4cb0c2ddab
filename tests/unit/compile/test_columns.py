"""Where columns come from, over the shapes of SQL that people write; what cannot be known is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.compile.columns import trace_columns
from rat_engine.domain.columns import ColumnKind, ColumnTrace
from rat_engine.domain.lineage import Place
from rat_engine.domain.names import TableName, ZoneName

A, B = TableName.parse("s.silver.a"), TableName.parse("s.silver.b")
ZONE = ZoneName("s", "z")
SCHEMAS: dict[Place, tuple[str, ...]] = {A: ("id", "x", "y", "s"), B: ("id", "x", "z")}


def traced(sql: str, *published: str) -> ColumnTrace:
    return trace_columns([sql.format(a=A.sql, b=B.sql, z=ZONE.sql)], SCHEMAS, published)


def told(trace: ColumnTrace) -> dict[str, str]:
    """Column → kind and sources in short: ``copied a.id``."""
    short = {column.name: " ".join([column.kind.value, *(f"{ref.place.name}.{ref.column}" for ref in column.sources)]) for column in trace.columns}
    assert all(column.reason for column in trace.columns if column.kind is ColumnKind.UNKNOWN)
    return short


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a.id, b.x, a.x + b.z as n from {a} a join {b} b on a.id = b.id", {"id": "copied a.id", "x": "copied b.x", "n": "computed a.x b.z"}),
        ("select 1 as one, 'a' || 'b' as two from {a}", {"one": "constant", "two": "constant"}),
        ("select * from {a}", {"id": "copied a.id", "x": "copied a.x", "y": "copied a.y", "s": "copied a.s"}),
        ("from {a} select id", {"id": "copied a.id"}),
        ("select * exclude (x, s) replace (y * 2 as y) from {a}", {"id": "copied a.id", "y": "computed a.y"}),
        ("select * exclude (y, s) rename (x as xx) from {a}", {"id": "copied a.id", "xx": "copied a.x"}),
        ("with c as (select id, sum(x) as sx from {a} group by id) select id, sx / 2 as h from c", {"id": "copied a.id", "h": "aggregated a.x"}),
        ("select q.n from (select count(*) as n, max(y) as m from {a}) q", {"n": "aggregated"}),
        ("select id, x from {a} union all select x, z from {b}", {"id": "copied a.id b.x", "x": "copied a.x b.z"}),
        ("select id from {a} union all by name select z, id from {b}", {"id": "copied a.id b.id", "z": "copied b.z"}),
        ("select id from {a} except select id from {b}", {"id": "copied a.id"}),
        ("select x + 1 as x, x * 2 as k from {a}", {"x": "computed a.x", "k": "computed a.x"}),
        ("select y + 1 as q, q * 2 as k from {a}", {"q": "computed a.y", "k": "computed a.y"}),
        ("select s.f as f, s['g'] as g from {a}", {"f": "computed a.s", "g": "computed a.s"}),
        ("select struct_pack(p := x, q := y) as st from {a}", {"st": "computed a.x a.y"}),
        ("select row_number() over (partition by x order by y) as rn from {a}", {"rn": "computed a.x a.y"}),
        ("select sum(x) over (partition by id) as w from {a}", {"w": "aggregated a.id a.x"}),
        ("select id, (select max(z) from {b} b where b.id = a.id) as m from {a} a", {"id": "copied a.id", "m": "aggregated b.z"}),
        ("select case when x > 1 then y else 'z' end as c, count(*) as n from {a} group by all", {"c": "computed a.x a.y", "n": "aggregated"}),
        ("select list_transform(s, e -> e + x) as l, [q * x for q in s] as m from {a}", {"l": "computed a.s a.x", "m": "computed a.s a.x"}),
        ("select u.e from {a}, unnest(s) as u(e)", {"e": "computed a.s"}),
        ("select * from {a} semi join {b} using (id)", {"id": "copied a.id", "x": "copied a.x", "y": "copied a.y", "s": "copied a.s"}),
        ("select v.n from (values (1, 'a')) v(n, t)", {"n": "constant"}),
        ("select i from range(10) t(i)", {"i": "computed"}),
        (
            "with recursive r as (select id, x from {a} union all select r.id, r.x + 1 from r where r.x < 9) select * from r",
            {"id": "copied a.id", "x": "copied a.x"},
        ),
        ('select A.ID, X as "Big" from {a} A', {"id": "copied a.id", "big": "copied a.x"}),
    ],
)
def test_columns_are_traced_through(sql: str, expected: dict[str, str]) -> None:
    assert told(traced(sql)) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select id from {a} where y > 0", {"a.y"}),
        ("select a.id from {a} a join {b} b on a.id = b.id", {"a.id", "b.id"}),
        ("select id from {a} where id in (select x from {b})", {"a.id", "b.x"}),
        ("select x, count(*) as n from {a} group by x having max(y) > 1", {"a.x", "a.y"}),
        ("select id from {a} qualify row_number() over (order by y) = 1", {"a.y"}),
        ("select id from {a} order by y limit 3", {"a.y"}),
        ("select id from {a} order by y", set[str]()),
    ],
)
def test_what_decides_the_rows_is_told_apart_from_what_makes_the_values(sql: str, expected: set[str]) -> None:
    assert {f"{ref.place.name}.{ref.column}" for ref in traced(sql).rows} == expected


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("pivot {a} on x using sum(y)", "PIVOT"),
        ("select * from {a} pivot (sum(y) for x in ('p', 'q'))", "PIVOT"),
        ("select columns('x|y') from {a}", "COLUMNS"),
        ("select nosuch as q from {a}", "s.silver.a has no column nosuch"),
        ("select q from {a}, {z}", "It is not known which of 2 relations has the column q"),
        ("select selec from from", "does not understand"),
        ("select q::int as v from {z} where v > 1", ""),
    ],
)
def test_what_cannot_be_traced_says_why(sql: str, reason: str) -> None:
    trace = traced(sql, "q")
    assert trace.columns
    assert any(reason in column.reason for column in trace.columns)


def test_a_star_over_files_is_resolved_by_the_published_table() -> None:
    assert told(traced("select *, 1 as k from {z}", "a", "_file", "k")) == {"a": "copied z.a", "_file": "copied z._file", "k": "constant"}
    assert told(traced("with c as (select * from {z}) select * from c", "a")) == {"a": "copied z.a"}
    assert "first published run" in traced("select * from {z}").problem


def test_a_column_that_only_an_older_version_made_is_named() -> None:
    assert told(traced("select id from {a}", "id", "gone")) == {"id": "copied a.id", "gone": "unknown"}


def test_a_first_and_a_later_run_are_traced_together() -> None:
    sql = [f"select id as k from {A.sql}", f"select x as k from {A.sql} where y > 0"]
    trace = trace_columns(sql, SCHEMAS)
    assert told(trace) == {"k": "copied a.id a.x"}
    assert [ref.column for ref in trace.rows] == ["y"]


_NAMES = st.sampled_from(["id", "x", "y", "z", "s", "q", "a.id", "b.z", "a.nosuch", "c.x"])
_EXPRESSIONS = st.recursive(
    _NAMES | st.sampled_from(["1", "count(*)", "now()"]),
    lambda inner: st.builds("({} + {})".format, inner, inner) | st.builds("max({})".format, inner) | st.builds("coalesce({}, {})".format, inner, inner),
    max_leaves=5,
)
_SOURCES = st.sampled_from(["{a} a", "{b} b", "{a} a join {b} b using (id)", "{a} a, {b} b", "{a} a left join {b} b on a.id = b.id", "(select * from {a}) c"])


@given(st.lists(_EXPRESSIONS, min_size=1, max_size=4), _SOURCES, st.sampled_from(["", " where x > 1", " group by all", " order by 1 limit 1"]))
def test_every_source_column_exists_and_nothing_raises(expressions: list[str], source: str, tail: str) -> None:
    listed = ", ".join(f"{expression} as c{index}" for index, expression in enumerate(expressions))
    trace = traced(f"select {listed} from {source}{tail}")
    for ref in (*trace.rows, *(each for column in trace.columns for each in column.sources)):
        assert ref.column in SCHEMAS[ref.place]


@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    trace_columns([text], SCHEMAS, ("q",))
