"""The guard on texts that nobody would write: it lets through, or refuses with an error of ours, and never does anything else."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rat_engine.errors import QueryFailedError, StatementRefusedError
from rat_engine.query.guard import check_explorer_sql
from tests.engine.query.statements import GOOD, HOSTILE

TABLES = ("flights.gold.flights", "flights.silver.carriers")

_WORDS = sorted({word for sql in (*GOOD, *(sql for sql, _ in HOSTILE if len(sql) < 500)) for word in sql.split()})
_SOUP = st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join)
_SPLICED = st.tuples(st.sampled_from(GOOD), st.sampled_from([sql for sql, _ in HOSTILE if len(sql) < 500]), st.integers(0, 200)).map(
    lambda parts: parts[0][: parts[2]] + " " + parts[1] + " " + parts[0][parts[2] :]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(_SOUP, _SPLICED, st.text(max_size=60)))
def test_any_text_is_let_through_or_refused(sql: str) -> None:
    """P1-03: whatever is let through reads granted tables only."""
    with contextlib.suppress(StatementRefusedError, QueryFailedError):
        assert check_explorer_sql(sql, TABLES, "flights") <= set(TABLES)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GOOD), st.text(alphabet=" \t\n", max_size=3), st.booleans(), st.sampled_from(("", "-- x\n", "/* ; */ ", "\n")))
def test_spelling_and_space_change_nothing(sql: str, space: str, upper: bool, comment: str) -> None:
    """P1-03: names and keywords are the same in any case, comments and blanks are nothing."""
    quoted = any(mark in sql for mark in ("'", '"', "$"))
    spelled = comment + space + (sql.upper() if upper and not quoted else sql) + space
    assert check_explorer_sql(spelled, TABLES, "flights") == check_explorer_sql(sql, TABLES, "flights")
