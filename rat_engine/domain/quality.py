"""Quality tests and what they found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a failing test blocks the publish or only reports."""

    ERROR = "error"
    WARN = "warn"


class TestStatus(StrEnum):
    """``fail``: bad rows were found; ``error``: the test itself could not be carried out."""

    __test__ = False

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class QualityTest:
    """A query returning bad rows. ``sql`` is the template, not yet compiled."""

    name: str
    path: str
    sql: str
    severity: Severity = Severity.ERROR
    description: str = ""
    remediation: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test's outcome. ``sample`` holds the first violations: ``columns`` and ``rows`` of displayable cells."""

    __test__ = False

    name: str
    severity: Severity
    status: TestStatus
    violations: int
    duration_ms: float
    message: str = ""
    description: str = ""
    remediation: str = ""
    compiled_sql: str = ""
    sample_columns: tuple[str, ...] = ()
    sample_rows: tuple[tuple[Any, ...], ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether this result forbids the publish."""
        return self.severity is Severity.ERROR and self.status is not TestStatus.PASS


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What a test of a run found, as a history shows it."""

    __test__ = False

    name: str
    run_id: str
    at: datetime
    severity: Severity
    status: TestStatus
    violations: int
    duration_ms: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class TestState:
    """A test of the draft, its SQL on today's table where it compiles, and what the last runs found, newest first."""

    __test__ = False

    test: QualityTest
    compiled_sql: str
    problem: str
    history: tuple[TestOutcome, ...]

    @property
    def last(self) -> TestOutcome | None:
        """What the last run found."""
        return self.history[0] if self.history else None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All results of one audit."""

    results: tuple[TestResult, ...]

    @property
    def blocking(self) -> tuple[TestResult, ...]:
        """The results that forbid the publish."""
        return tuple(result for result in self.results if result.blocks)
