"""The guard: one SELECT over known relations, calling known functions."""

from __future__ import annotations

import pytest

from rat_engine.domain.pipeline import MAX_SQL_BYTES
from rat_engine.errors import QueryFailedError, RatError, StatementRefusedError
from rat_engine.query.guard import check_explorer_sql, check_pipeline_sql
from tests.engine.query.statements import GOOD, HOSTILE

TABLES = ("flights.gold.flights", "flights.silver.carriers")
RELATIONS = (*TABLES, "flights.landing.trips")


def _short(sql: object) -> str:
    return ascii(sql)[:60] if isinstance(sql, str) else ""


@pytest.mark.parametrize("sql", GOOD, ids=_short)
def test_an_honest_statement_is_let_through(sql: str) -> None:
    """P1-03, P10-47: one SELECT, also WITH, FROM first, VALUES, DESCRIBE and SUMMARIZE."""
    assert check_explorer_sql(sql, TABLES, "flights") <= set(TABLES)


@pytest.mark.parametrize(("sql", "said"), HOSTILE, ids=_short)
def test_a_hostile_statement_is_refused_with_the_reason(sql: str, said: str) -> None:
    """P1-03, P10-47, P0-02: anything but one SELECT over granted tables, in every spelling; EXPLAIN too."""
    with pytest.raises((StatementRefusedError, QueryFailedError)) as caught:
        check_explorer_sql(sql, TABLES, "flights")
    assert said in caught.value.message
    assert "Traceback" not in caught.value.message


def test_a_statement_of_exactly_the_longest_length_is_read() -> None:
    """P1-03: the cap counts bytes, not characters."""
    sql = "select '" + "é" * ((MAX_SQL_BYTES - 10) // 2) + "' "
    assert len(sql.encode()) == MAX_SQL_BYTES
    assert check_explorer_sql(sql, ()) == frozenset()
    with pytest.raises(StatementRefusedError, match="100,001 bytes; at most 100,000"):
        check_explorer_sql(sql + " ", ())


def test_the_tables_a_statement_uses_are_named_in_full() -> None:
    used = check_explorer_sql("with c as (from Silver.CARRIERS) select * from flights.gold.flights join c using (carrier)", TABLES, "flights")
    assert used == {"flights.gold.flights", "flights.silver.carriers"}


def test_two_parts_mean_the_current_namespace_and_nothing_without_one() -> None:
    assert check_explorer_sql("from gold.flights", TABLES, "flights") == {"flights.gold.flights"}
    for namespace in ("", "hr"):
        with pytest.raises(StatementRefusedError, match=r"Did you mean 'flights\.gold\.flights'"):
            check_explorer_sql("from gold.flights", TABLES, namespace)


def test_a_with_clause_hides_no_table_with_a_longer_name() -> None:
    """A name of a WITH clause is never qualified, so the granted table is still the granted table."""
    assert check_explorer_sql("with flights as (select 1) from gold.flights", TABLES, "flights") == {"flights.gold.flights"}


@pytest.mark.parametrize(
    ("sql", "line", "column"),
    [
        ("select 1 +", 1, 10),
        ("select\n  *\nfrom\n  gold.nothing", 4, 3),
        ("select 'é', 'ü', nonsense(1)", 1, 18),
        ("select 1,\n\tnonsense(1)", 2, 2),
        ("select '😀', \x00", 1, 13),
        ("select * from gold.flights\nwhere carrier = (select 1 from '/tmp/x.csv')", 2, 32),
    ],
)
def test_an_error_knows_its_line_and_column_in_characters(sql: str, line: int, column: int) -> None:
    with pytest.raises(RatError) as caught:
        check_explorer_sql(sql, TABLES, "flights")
    assert (caught.value.details["line"], caught.value.details["column"]) == (line, column)
    assert f"(line {line}, column {column})" in caught.value.message


def test_without_any_table_the_error_says_so() -> None:
    with pytest.raises(StatementRefusedError, match="no pipeline has published one yet"):
        check_explorer_sql("from gold.flights", (), "flights")


def test_a_function_with_a_typing_error_is_offered_its_right_name() -> None:
    with pytest.raises(StatementRefusedError, match="Did you mean 'upper'"):
        check_explorer_sql("select uppr('a')", ())


@pytest.mark.parametrize("sql", [sql for sql in GOOD if " gold." not in sql and " silver." not in sql], ids=_short)
def test_a_pipeline_may_write_whatever_a_query_may(sql: str) -> None:
    check_pipeline_sql(sql, RELATIONS, reads_files=False)


def test_a_pipeline_reads_its_relations_by_their_full_names() -> None:
    usage = check_pipeline_sql('select * from "flights"."landing"."trips" join "flights"."silver"."carriers" using (carrier)', RELATIONS, reads_files=False)
    assert usage.relations == {"flights.landing.trips", "flights.silver.carriers"}
    assert not usage.reads_files


@pytest.mark.parametrize("sql", ["from silver.carriers", "from hr.gold.salaries", "from duckdb_settings()", "from carriers"])
def test_a_pipeline_reads_nothing_that_it_does_not_reference(sql: str) -> None:
    with pytest.raises(StatementRefusedError):
        check_pipeline_sql(sql, RELATIONS, reads_files=True)


def test_a_table_that_no_run_has_published_yet_is_not_taken_for_a_misspelled_one() -> None:
    with pytest.raises(StatementRefusedError, match=r"^flights\.gold\.trip has no published table yet: run it first\."):
        check_pipeline_sql('select * from "flights"."gold"."trip"', {*RELATIONS, "flights.gold.trips"}, reads_files=True, known=["flights.gold.trip"])


FILES = (
    "from '/data/x.csv'",
    "from 'x.parquet'",
    "from 'x.json.gz'",
    "from '/data/*.parquet'",
    "from read_csv('/data/x')",
    "from read_parquet(['/data/x', '/data/y'])",
    "from read_json('/data/x', format = 'array')",
    "select (select count(*) from read_csv('x'))",
)


@pytest.mark.parametrize("sql", FILES)
def test_a_pipeline_reads_files_where_the_setting_allows_it(sql: str) -> None:
    assert check_pipeline_sql(sql, RELATIONS, reads_files=True).reads_files
    with pytest.raises(StatementRefusedError, match="RAT_PIPELINE_READS_FILES"):
        check_pipeline_sql(sql, RELATIONS, reads_files=False)


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '/tmp/x'",
        "attach '/tmp/x'",
        "install httpfs",
        "from glob('/*')",
        "from read_text('/etc/passwd')",
        "from sniff_csv('/tmp/x')",
        "select current_setting('x')",
        "set threads = 1",
    ],
)
def test_a_pipeline_never_writes_attaches_or_installs(sql: str) -> None:
    """P1-03: whatever the setting about files says."""
    with pytest.raises(StatementRefusedError):
        check_pipeline_sql(sql, RELATIONS, reads_files=True)
