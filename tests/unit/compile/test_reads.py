"""Which tables and zones a template reads: found in every branch, looked up, never taken from a comment or a string."""

from __future__ import annotations

import pytest

from tests.unit.compile.pipelines import compiled, problems, rendered

INVALID = "is not a valid table name: a lower-case letter, then letters, digits or underscores, 63 characters at most."


def test_tags_in_sql_comments_are_comments() -> None:
    """P10-52: a ref that was commented out is neither looked up nor a dependency."""
    template = "SELECT 1 -- {{ ref('bronze.nope') }} {% if\n/* {{ broken\n{% endif %} {# */ FROM {{ ref('bronze.flights') }} -- {#"
    result = compiled(template)
    assert result.problems == ()
    assert list(map(str, result.dependencies)) == ["flights.bronze.flights"]
    assert rendered(template) == template.replace("{{ ref('bronze.flights') }}", '"flights"."bronze"."flights"')


def test_commented_tags_survive_inside_a_set_block() -> None:
    assert rendered("{% set x %}SELECT 1 -- {{ a }}\n{% endset %}{{ x }}") == "SELECT 1 -- {{ a }}\n"


@pytest.mark.parametrize(
    ("template", "place", "written"),
    [
        ("SELECT * FROM ref('bronze.flights')", "1:15", "ref('bronze.flights')"),
        ('SELECT * FROM {# x #}REF ( "bronze.flights" ) f', "1:22", "ref('bronze.flights')"),
        ("SELECT 1\n, landing_zone('departures')", "2:3", "landing_zone('departures')"),
        ("{% if true %}SELECT * FROM ref('a.b'){% endif %}", "1:28", "ref('a.b')"),
    ],
)
def test_a_helper_outside_of_tags_is_a_problem_with_the_right_spelling(template: str, place: str, written: str) -> None:
    """P10-52: no false negatives."""
    assert problems(template) == [f"pipeline.sql:{place}: {written} stands outside of {{{{ }}}}, so it is plain SQL. Write {{{{ {written} }}}}."]


@pytest.mark.parametrize(
    "template",
    [
        "SELECT 1 -- ref('bronze.flights')",
        "SELECT 1 /* landing_zone('departures') */",
        "SELECT 'ref(''a.b'')', E'ref(\\'a.b\\')', $$ref('a.b')$$",
        "SELECT 1 {% raw %}/* */{% endraw %} AS \"ref('a')\"",
        "SELECT {% raw %}ref('bronze.flights'){% endraw %}",
        "SELECT * FROM {{ ref('bronze.flights') }}",
        "{% set source = ref('bronze.flights') %}SELECT * FROM {{ source }}",
        "SELECT t.ref('x'), myref('x'), ref(x), ref",
        "SELECT 1 {# ref('bronze.flights') #}",
    ],
)
def test_a_helper_in_a_comment_a_string_or_a_tag_is_no_problem(template: str) -> None:
    """P10-52: no false positives."""
    assert problems(template) == []


def test_adding_a_landing_zones_files_with_every_run_is_a_warning() -> None:
    """A zone keeps its files; only a condition on what is there already leaves them out."""
    read = "SELECT * FROM {{ landing_zone('departures') }}"
    [problem] = compiled(f"-- @merge_strategy: append_only\n{read}").problems
    assert (problem.severity, problem.line, problem.column) == ("warning", 2, 31)
    assert "Every run adds all files of the landing zone 'departures'" in problem.message
    assert len(compiled(read, config="merge_strategy: append_only").problems) == 1
    looks_back = read + "{% if is_incremental() %} WHERE _file NOT IN (SELECT _file FROM {{ this }}){% endif %}"
    for harmless in (read, f"-- @merge_strategy: append_only\n{looks_back}", "-- @merge_strategy: append_only\nSELECT * FROM {{ ref('bronze.flights') }}"):
        assert compiled(harmless).problems == ()


@pytest.mark.parametrize("written", ["ref('bronze.flights')", "landing_zone('departures')"])
def test_a_relation_in_quotes_is_a_warning(written: str) -> None:
    result = compiled(f"SELECT * FROM read_csv('{{{{ {written} }}}}')")
    (problem,) = result.problems
    assert (problem.severity, problem.line, problem.column) == ("warning", 1, 25)
    assert result.errors == ()


def test_dependencies_are_those_of_all_branches_each_once_and_in_order() -> None:
    """P10-08."""
    template = (
        "{% if is_incremental() %}SELECT * FROM {{ ref('bronze.weather') }}"
        "{% else %}SELECT * FROM {{ ref('bronze.flights') }}, {{ landing_zone('departures') }}{% endif %}"
        " JOIN {{ ref('flights.bronze.flights') }} ON {{ ref('shop.gold.revenue') if false else 1 }}"
    )
    result = compiled(template, late="SELECT * FROM {{ ref('bronze.flights') }}, {{ ref('shop.gold.revenue') }}")
    assert result.problems == ()
    assert list(map(str, result.dependencies)) == ["flights.bronze.weather", "flights.bronze.flights", "flights.departures", "shop.gold.revenue"]
    assert result.test_dependencies == ()


def test_what_only_a_quality_test_reads_is_kept_apart() -> None:
    """A test may read a table that is built from the tested one: that is no cycle."""
    result = compiled("SELECT 1", late="SELECT * FROM {{ this }} JOIN {{ ref('shop.gold.revenue') }} ON true")
    assert (result.dependencies, list(map(str, result.test_dependencies))) == ((), ["shop.gold.revenue"])


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ ref('bronze.flight') }}", "1:8: There is no table or pipeline 'flights.bronze.flight'. Did you mean 'bronze.flights'?"),
        ("{{ ref('flights.bronze.flight') }}", "1:8: There is no table or pipeline 'flights.bronze.flight'. Did you mean 'flights.bronze.flights'?"),
        ("{{ ref('gold.revenue') }}", "1:8: There is no table or pipeline 'flights.gold.revenue'. Did you mean 'shop.gold.revenue'?"),
        ("{{ ref('gold.xyzzy') }}", "1:8: There is no table or pipeline 'flights.gold.xyzzy'. Create that pipeline first, or correct the name."),
        ("{{ ref('silver.flights') }}", "1:8: A pipeline cannot read its own table by ref(). Use `this` under {% if is_incremental() %}."),
        ("{{ landing_zone('departure') }}", "1:17: There is no landing zone 'departure' in the namespace 'flights'. Did you mean 'departures'?"),
        (
            "{{ landing_zone('orders') }}",
            "1:17: There is no landing zone 'orders' in the namespace 'flights'. Create it by landing a file: rat land flights.orders FILE.",
        ),
        ("{{ ref('flights') }}", "1:8: 'flights' is not a table name: write layer.name or namespace.layer.name."),
        ("{{ ref('a.b.c.d') }}", "1:8: 'a.b.c.d' is not a table name: write layer.name or namespace.layer.name."),
        ("{{ ref('sliver.flights') }}", "1:8: 'sliver' is not a layer: choose bronze, silver or gold. Did you mean 'silver'?"),
        (
            "{{ ref('bronze.my-flights') }}",
            f"1:8: 'my-flights' {INVALID} Did you mean 'my_flights'?",
        ),
        (
            "{{ ref('bronze.x\"; DROP TABLE y; --') }}",
            f"1:8: 'x\"; DROP TABLE y; --' {INVALID} Did you mean 'x_drop_table_y'?",
        ),
    ],
)
def test_an_unknown_or_impossible_name_is_a_problem_with_the_nearest_one(template: str, problem: str) -> None:
    """P6-24, P10-46, P10-28: an unresolvable ref is said at compile time, never guessed."""
    found = problems(f"SELECT * FROM {template}")
    line, column, message = problem.split(":", 2)
    assert found == [f"pipeline.sql:{line}:{int(column) + 14}:{message}"]


def test_names_are_looked_up_only_at_compile_time() -> None:
    """At run time the plan resolves them, in the same read as their snapshots."""
    assert rendered("SELECT * FROM {{ ref('gold.not_here') }}") == 'SELECT * FROM "flights"."gold"."not_here"'
