"""Quality tests on a branch: each is a query that returns bad rows, so no rows means that it passes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rat_engine.compile import Rendered
from rat_engine.domain.quality import AuditReport, QualityTest, TestResult, TestStatus
from rat_engine.errors import MissingInputError, QueryFailedError, QueryTimeoutError, ResourceLimitError, StatementRefusedError
from rat_engine.lakehouse.connection import Session

MAX_SAMPLE_ROWS = 20
MAX_CELL_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Violations:
    count: int
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


def audit(session: Session, tests: Sequence[tuple[QualityTest, Rendered]], check: Callable[[str], object], timeout: float) -> AuditReport:
    """Carry out every test, in order; none stops the others. Names in the tests mean what the session's views say: ``this`` is the branch.

    ``check`` raises StatementRefusedError for SQL that a test may not run, MissingInputError for what it reads and is not there;
    ``timeout`` is in seconds, per test. A test that cannot be carried out has the status error. Raises RunCancelledError and
    DiskFullError, which concern the run and not a test.
    """
    return AuditReport(tuple(_carry_out(session, test, rendered.sql, check, timeout) for test, rendered in tests))


def _carry_out(session: Session, test: QualityTest, sql: str, check: Callable[[str], object], timeout: float) -> TestResult:
    started = time.perf_counter()
    message, status, found = "", TestStatus.PASS, _Violations(0)
    try:
        check(sql)
        with session.deadline(timeout):
            found = _violations(session, sql)
    except QueryTimeoutError:
        status, message = TestStatus.ERROR, f"The test took longer than {timeout:g} s and was stopped (RAT_TEST_TIMEOUT_SECONDS)."
    except (MissingInputError, QueryFailedError, ResourceLimitError, StatementRefusedError) as error:
        status, message = TestStatus.ERROR, error.message
    if found.count:
        status, message = TestStatus.FAIL, f"{found.count:,} bad row{'' if found.count == 1 else 's'}."
    return TestResult(
        name=test.name,
        severity=test.severity,
        status=status,
        violations=found.count,
        duration_ms=(time.perf_counter() - started) * 1000,
        message=message,
        description=test.description,
        remediation=test.remediation,
        compiled_sql=sql,
        sample_columns=found.columns,
        sample_rows=found.rows,
    )


def _violations(session: Session, sql: str) -> _Violations:
    """A passing test is carried out once; one with more violations than the sample holds a second time, to count them."""
    names = tuple(name for name, _ in session.describe(sql))
    # A test may return two columns of one name, so here they are numbered.
    numbered = [f"c{number}" for number in range(len(names))]
    cells = ", ".join(f"left(CAST({column} AS VARCHAR), {MAX_CELL_CHARACTERS + 1})" for column in numbered)
    rows = session.run_around(sql, f"SELECT {cells} FROM (\n", f"\n) AS rat_found({', '.join(numbered)}) LIMIT {MAX_SAMPLE_ROWS + 1}")
    count = len(rows)
    if count > MAX_SAMPLE_ROWS:
        # A test that tells something else each time has found what it found.
        count = max(count, session.run_around(sql, "SELECT count(*) FROM (\n", "\n) AS rat_found")[0][0])
    sample = tuple(tuple(map(_cell, row)) for row in rows[:MAX_SAMPLE_ROWS])
    return _Violations(count, names, sample) if count else _Violations(0)


def _cell(text: str | None) -> str | None:
    return text if text is None or len(text) <= MAX_CELL_CHARACTERS else text[:MAX_CELL_CHARACTERS] + "…"
