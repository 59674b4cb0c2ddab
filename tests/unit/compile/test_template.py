"""Templates: what they become, and what is said about one that cannot become anything."""

from __future__ import annotations

import pytest

from rat_engine.compile import CompileCatalog, RenderContext, compile_pipeline, render_traced
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import PipelineFiles, WriteStrategy
from rat_engine.errors import CompileError
from tests.unit.compile.pipelines import CATALOG, FIRST, LATER, TABLE, problems, rendered

TEST_FILE = "tests/quality/late.sql"


@pytest.mark.parametrize(
    ("template", "sql"),
    [
        ("SELECT * FROM {{ ref('bronze.flights') }}", 'SELECT * FROM "flights"."bronze"."flights"'),
        ("SELECT * FROM {{ ref('shop.gold.revenue') }}", 'SELECT * FROM "shop"."gold"."revenue"'),
        ("SELECT * FROM {{ landing_zone('departures') }}", 'SELECT * FROM "flights"."landing"."departures"'),
        ("SELECT '{{ run_id }}' AS id", "SELECT 'run1' AS id"),
        ("SELECT TIMESTAMPTZ '{{ run_started_at }}'", "SELECT TIMESTAMPTZ '2026-11-21T10:00:00.000Z'"),
        ("SELECT {% for n in range(3) %}{{ n }}{% if not loop.last %}, {% endif %}{% endfor %}", "SELECT 0, 1, 2"),
        ("{% set names = ['a', 'b'] %}SELECT {{ names | join(', ') }}", "SELECT a, b"),
        ("{% set name %}a{{ 1 + 1 }}{% endset %}SELECT {{ name | upper }}", "SELECT A2"),
        ("{% with n = 3 %}SELECT {{ n * 2 ~ 'x' }}{% endwith %}", "SELECT 6x"),
        ("{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}SELECT {{ ns.n }}", "SELECT 3"),
        ("SELECT {{ 'a' if 1 < 2 else 'b' }}, {{ run_id[:3] }}, {{ 'a-b'.split('-') | last }}", "SELECT a, run, b"),
        ("SELECT {{ {'a': 1}.a }}, {{ 'aXa' | replace('X', 'b') }}, {{ missing | default('d') if false else 'e' }}", None),
        ("SELECT '{% raw %}{{ x }}{% endraw %}'", "SELECT '{{ x }}'"),
        ("SELECT 1 {# a note #}", "SELECT 1 "),
        ("SELECT 1; -- done", "SELECT 1  -- done"),
    ],
)
def test_a_template_becomes_sql(template: str, sql: str | None) -> None:
    """P10-41, P10-46: helpers and names have one meaning; a two-part name is of the pipeline's own namespace."""
    if sql is not None:
        assert rendered(template) == sql
        assert not [problem for problem in problems(template) if "stands in quotes" not in problem]
    else:
        assert problems(template) == [
            "pipeline.sql:1:62: There is no 'missing' here. RAT knows is_incremental, landing_zone, ref, run_id, run_started_at, this."
        ]


@pytest.mark.parametrize(
    ("exists", "strategy", "incremental"),
    [
        (False, WriteStrategy.FULL_REFRESH, False),
        (False, WriteStrategy.APPEND_ONLY, False),
        (True, WriteStrategy.FULL_REFRESH, False),
        (True, WriteStrategy.APPEND_ONLY, True),
    ],
)
def test_is_incremental_means_that_there_are_rows_and_that_they_are_kept(exists: bool, strategy: WriteStrategy, incremental: bool) -> None:
    """P10-41."""
    sql = rendered("SELECT 1{% if is_incremental() %} FROM {{ this }}{% endif %}", RenderContext("r", "t", exists, strategy))
    assert sql == ('SELECT 1 FROM "flights"."silver"."flights"' if incremental else "SELECT 1")


def test_a_quality_test_may_always_read_this() -> None:
    assert rendered("SELECT * FROM {{ this }}", FIRST, TEST_FILE) == 'SELECT * FROM "flights"."silver"."flights"'
    assert problems(late="SELECT * FROM {{ this }}") == []
    assert problems(late="SELECT * FROM {{ ref('silver.flights') }}") == []


@pytest.mark.parametrize(
    "template",
    [
        "{% if is_incremental() %}{{ this }}{% endif %}1",
        "{% if x is defined and is_incremental() %}{{ this }}{% endif %}1".replace("x is defined", "true"),
        "{% if not is_incremental() %}1{% else %}{{ this }}{% endif %}",
        "{% if 1 > 2 %}1{% elif is_incremental() %}{{ this }}{% else %}1{% endif %}",
        "{% if not is_incremental() or false %}1{% else %}{{ this }}{% endif %}",
        "{% if is_incremental() %}{% for i in [1] %}{{ this }}{% endfor %}{% endif %}1",
        "{{ this if is_incremental() else 1 }}",
        "{{ 1 if not is_incremental() else this }}",
        "{% set source = this if is_incremental() else '1' %}{{ source }}",
        "{% if is_incremental() and this != '' %}1{% endif %}1",
    ],
)
def test_this_is_accepted_wherever_the_table_must_exist(template: str) -> None:
    assert problems(f"SELECT {template}") == []


@pytest.mark.parametrize(
    ("template", "column"),
    [
        ("{{ this }}", 11),
        ("{% if is_incremental() or true %}{{ this }}{% endif %}", 44),
        ("{% if not is_incremental() %}{{ this }}{% endif %}", 40),
        ("{% if is_incremental() %}1{% endif %}{{ this }}", 48),
        ("{% if is_incremental() %}1{% else %}{{ this }}{% endif %}", 47),
        ("{{ 1 if is_incremental() else this }}", 38),
        ("{% if not (is_incremental() and true) %}1{% else %}1{% endif %}{{ this }}", 74),
    ],
)
def test_this_is_refused_where_the_first_run_would_read_it(template: str, column: int) -> None:
    message = "`this` does not exist on the first run, so it stands only where is_incremental() is true. Put it under {% if is_incremental() %}."
    assert problems(f"SELECT {template}") == [f"pipeline.sql:1:{column}: {message}"]


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ rf('bronze.flights') }}", "1:4: There is no 'rf' here. Did you mean 'ref'?"),
        ("{{ watermark }}", "1:4: There is no 'watermark' here. RAT knows is_incremental, landing_zone, ref, run_id, run_started_at, this."),
        ("{% if false %}{{ nope }}{% endif %}1", "1:18: There is no 'nope' here. RAT knows is_incremental, landing_zone, ref, run_id, run_started_at, this."),
        ("{% for a in [1] %}{% endfor %}{{ a }}", "1:34: There is no 'a' here. RAT knows is_incremental, landing_zone, ref, run_id, run_started_at, this."),
        ("{{ a }}{% set a = 1 %}", "1:4: There is no 'a' here. RAT knows is_incremental, landing_zone, ref, run_id, run_started_at, this."),
        ("{{ self }}", "1:4: There is no 'self' here. RAT knows is_incremental, landing_zone, ref, run_id, run_started_at, this."),
        ("{{ ref }}", "1:4: ref is a function. Write ref('…')."),
        ("{% set r = ref %}{{ r('bronze.flights') }}", "1:12: ref is a function. Write ref('…')."),
        ("{% if is_incremental %}1{% endif %}1", "1:7: is_incremental is a function. Write is_incremental()."),
        ("{% if is_incremental(1) %}1{% endif %}1", "1:7: is_incremental() takes no arguments."),
        ("{{ run_id() }}", "1:4: run_id is a value, not a function. Write run_id without parentheses."),
        ("{{ ref() }}", "1:4: ref() takes exactly one name, not 0. Write ref('layer.name')."),
        ("{{ ref('bronze.flights', 'x') }}", "1:4: ref() takes exactly one name, not 2. Write ref('layer.name')."),
        ("{{ ref(name='bronze.flights') }}", "1:4: ref() takes exactly one name, not a named or unpacked one. Write ref('layer.name')."),
        ("{{ ref(*['bronze.flights']) }}", "1:4: ref() takes exactly one name, not a named or unpacked one. Write ref('layer.name')."),
        ("{{ ref('bronze.' ~ 'flights') }}", "1:8: ref() takes a name in quotes, nothing computed. Write ref('layer.name')."),
        ("{{ ref(run_id) }}", "1:8: ref() takes a name in quotes, nothing computed. Write ref('layer.name')."),
        ("{{ landing_zone(5) }}", "1:17: landing_zone() takes a name in quotes, nothing computed. Write landing_zone('zone')."),
        ("{% set ref = 1 %}1", "1:8: 'ref' is RAT's own name and cannot be set. Choose another name."),
        ("{% for this, range in [] %}{% endfor %}1", "1:8: 'this' is RAT's own name and cannot be set. Choose another name."),
        ("{{ 'a' | uper }}", "1:10: There is no filter 'uper'. Did you mean 'upper'?"),
        ("{% if 1 is evn %}{% endif %}1", "1:9: There is no test 'evn'. Did you mean 'even'?"),
        (
            "{% macro f() %}{% endmacro %}1",
            "1:4: A template may not use 'macro'. There are {{ … }}, {% if %}, {% for %}, {% set %}, {% with %} and {% raw %}.",
        ),
        (
            "{% include 'x' %}1",
            "1:4: A template may not use 'include'. There are {{ … }}, {% if %}, {% for %}, {% set %}, {% with %} and {% raw %}.",
        ),
        ("{% for a in [] recursive %}{% endfor %}1", "1:4: A loop may not be recursive."),
    ],
)
def test_a_wrong_name_or_argument_is_found_in_every_branch_with_its_place(template: str, problem: str) -> None:
    """P10-41, P10-52: names, argument counts and kinds are checked before anything runs."""
    assert problems(template)[0] == f"pipeline.sql:{problem}"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("SELECT {{ 1", "1:11: The template ends here, but there should be '}}'."),
        ("SELECT\n  {% if %}1{% endif %}", "2:9: Expected an expression, got '%}'."),
        ("SELECT 1\n{% if true %}\nx", "2:1: {% if %} is never closed. Add {% endif %}."),
        ("{% if true %}{% for a in [] %}{% endfor %}{% if true %}{% endif %}", "1:1: {% if %} is never closed. Add {% endif %}."),
        ("SELECT 1 {% endif %}", "1:13: There is no tag 'endif' here."),
        ("SELECT {{ 'abc }}", "1:11: This quote is never closed."),
        ("SELECT {# abc", "1:8: This comment is never closed."),
        ("SELECT {% raw %} abc", "1:8: This raw is never closed."),
        ("{% if true %}{% for a in [] %}{% endif %}{% endfor %}", "1:34: There is no tag 'endif' here, before {% for %} is closed."),
        ("SELECT {% if true %}1 -- one {% endif %}", "1:8: {% if %} is never closed. Add {% endif %}; the one in a SQL comment does not count."),
        ("SELECT {{ ref('bronze.flights' }}", "1:32: Unexpected '}', expected ')'."),
        ("SELECT {{ a b }}", "1:13: '}}' should stand here, not 'b'."),
        ("SELECT {{ a ? b }}", "1:13: '?' cannot stand here."),
        ("SELECT  {{- ' x' -}}  {{ ² }}", "1:26: Invalid character in identifier."),
        ("SELECT {{ 1 }}\n\n   {%- if true -%}\n\n  {%- bogus %}", "5:7: There is no tag 'bogus' here, before {% if %} is closed."),
        ("SELECT '\x00'", "1:9: NUL cannot stand in a pipeline's file. Remove it."),
    ],
)
def test_a_syntax_error_has_its_line_and_column(template: str, problem: str) -> None:
    """P10-52."""
    with pytest.raises(CompileError) as refused:
        rendered(template)
    assert str(refused.value) == f"pipeline.sql:{problem}"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("SELECT\n{{ 1 / 0 }}", "2:4: division by zero."),
        ("SELECT {{ none }}", "1:11: none cannot become SQL text. Write what you mean as SQL text."),
        ("SELECT {{ [1, 2] }}", "1:11: a list cannot become SQL text. Join its items: {{ … | join(', ') }}."),
        ("SELECT {{ run_id.nope }}", "1:17: 'str object' has no attribute 'nope'."),
        ("SELECT {{ 'a' + 1 }}", "1:11: + does not work on text and a number."),
        ("SELECT {% for a in 5 %}{% endfor %}", "1:11: a number cannot be looped over."),
        ("SELECT {{ 'a'.format(1) }}", "1:21: access to attribute 'format' of 'str' object is unsafe."),
        ("SELECT {{ ''['__class__'] }}", "1:13: access to attribute '__class__' of 'str' object is unsafe."),
        ("SELECT {{ range.__globals__ }}", "1:16: access to attribute '__globals__' of 'function' object is unsafe."),
        ("SELECT {{ namespace.__init__ }}", "1:20: access to attribute '__init__' of 'type' object is unsafe."),
        ("SELECT {{ [].append(1) }}", "1:20: access to attribute 'append' of 'list' object is unsafe."),
        ("SELECT {{ '\\0' }}", "1:11: NUL cannot become SQL text."),
    ],
)
def test_an_error_while_rendering_is_found_at_compile_time_with_its_place(template: str, problem: str) -> None:
    found = problems(template)
    assert [text.split(": ", 1)[1] for text in found] == [problem.split(": ", 1)[1]]
    assert found[0].split(": ")[0].split(":")[:2] == ["pipeline.sql", problem.partition(":")[0]]


def test_an_error_of_one_branch_only_is_found_without_any_table() -> None:
    assert problems("SELECT 1{% if is_incremental() %}{{ 1 // 0 }}{% endif %}") == ["pipeline.sql:1:37: integer division or modulo by zero."]


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(100000000) %}x{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{% set x = 'a' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
        "{% set x = 'a' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
        "{% set x = 'a' %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40 + "{{ x }}",
        "{% set x = ['a'] %}" + "{% set x = [x, x] %}" * 40 + "{% if x == x %}1{% endif %}",
        "{% set x = ['a'] %}" + "{% set x = {'a': x, 'b': x} %}" * 40 + "1",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}1",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 'a' * 10000000000 }}",
        "{{ [1] * 10000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a'.ljust(10000000000) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ 'a' | center(10000000000) }}",
        "{{ ('a,' * 2) | replace('a', 'b') }}",
        "{% set a = 'a' %}" + "{% set a = a ~ a %}" * 18 + "{{ a | replace('a', a) }}",
        "{% set a = 'a' %}" + "{% set a = a ~ a %}" * 18 + "{{ range(9000) | join(a) }}",
        "{{ range(9000) | map('string') | join | list | length }}",
        "{% set a = 'a' %}" + "{% set a = a ~ a %}" * 19 + "{% for i in range(100) %}{{ a }}{% endfor %}",
        "{{ 9999999999999999999999999999999999999999999999 * 9999999999999999999999999999999999999999999999 }}",
        "{{ " + "9" * 5000 + " }}",
        "{{ 0x" + "f" * 10_000 + " }}",
        "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
        "{{ " + "-" * 5000 + "1 }}",
        "{{ 1" + "+1" * 5000 + " }}",
        "{{ run_id" + ".a" * 5000 + " }}",
        "{% for a in [1] %}" * 40 + "{% endfor %}" * 40,
        "{{ 1 }}" * 20_000,
    ],
)
def test_a_template_cannot_hang_or_fill_the_portal(template: str) -> None:
    """P10-52: loops, repetition, doubling, padding, deep nesting: each ends as one problem, after little work."""
    assert len(problems(f"SELECT {template}")) == 1


def test_sql_that_no_run_would_accept_for_its_size_is_not_released_either() -> None:
    assert problems(f"SELECT '{'é' * 49_995}'") == []
    [problem] = problems(f"SELECT '{'é' * 50_000}'")
    assert "pipeline.sql compiles to 100,009 bytes of SQL; a statement may have 100,000." in problem


def test_only_a_hundred_problems_are_kept() -> None:
    assert len(problems("SELECT " + "{{ nope }}" * 1_000)) == 100


@pytest.mark.parametrize("template", ["", "  \n\t\n", "-- only a comment", "/* c */", "{% if is_incremental() %}SELECT 1{% endif %}", ";", "\ufeff"])
def test_a_file_without_sql_is_a_problem(template: str) -> None:
    assert problems(template) == ["pipeline.sql: pipeline.sql has no SQL. Write one SELECT."]


def test_a_pipeline_without_its_sql_file_is_a_problem() -> None:
    result = compile_pipeline(TABLE, PipelineFiles({"config.yaml": "owner: ana"}), CATALOG)
    assert [str(problem) for problem in result.problems] == ["pipeline.sql: There is no pipeline.sql. Create it with one SELECT."]
    assert result.config.owner == "ana"


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("SELECT 1; SELECT 2", "1:9"),
        ("SELECT ';' -- ;\n; /* ; */ DROP TABLE x;", "2:1"),
        ("{{ 'SELECT' }}\n1{% if true %};{% endif %}\nSELECT 2", "2:15"),
    ],
)
def test_a_second_statement_is_refused_at_the_semicolon_between(template: str, place: str) -> None:
    assert problems(template) == [f"pipeline.sql:{place}: There is more than one statement. Keep one SELECT and remove the semicolon and what follows."]


def test_every_place_of_the_compiled_sql_leads_back_to_the_source() -> None:
    template = (
        "-- @owner: ana\n"
        "SELECT a,\n"
        "  {# two\n     lines #}b\n"
        "FROM {{ ref('bronze.flights') }} AS f\n"
        "{%- if is_incremental() %}\n"
        "WHERE a > (SELECT max(a) FROM {{ this }})\n"
        "{%- endif %} AND {% for n in range(2) %}c{{ n }} {% endfor %}"
    )
    result = render_traced(TABLE, template, "pipeline.sql", LATER)
    lines, source = result.sql.split("\n"), template.split("\n")
    for word in ("SELECT a", "b", "AS f", "WHERE", "AND"):
        line = next(number for number, text in enumerate(lines, 1) if word in text)
        origin_line, origin_column = result.origin(line, lines[line - 1].index(word) + 1)
        assert source[origin_line - 1][origin_column - 1 :].startswith(word)
    inside_ref = result.origin(4, lines[3].index("bronze") + 1)
    assert source[inside_ref[0] - 1][inside_ref[1] - 1 :].startswith("ref(")
    assert len(lines) == 5
    assert result.origin(10_000, 10_000) == (8, source[7].index(" {% endfor") + 2)


def test_the_same_text_has_the_same_problems_in_preview_release_and_run() -> None:
    template = "SELECT {{ nope }} FROM {{ ref(1) }}"
    with pytest.raises(CompileError) as refused:
        rendered(template)
    assert list(map(str, refused.value.problems)) == problems(template)


def test_nothing_is_known_in_an_empty_catalog() -> None:
    result = compile_pipeline(TableName.parse("a.gold.b"), PipelineFiles({"pipeline.sql": "SELECT * FROM {{ ref('gold.c') }}"}), CompileCatalog())
    assert [problem.column for problem in result.problems] == [22]
