"""Health: what is checked and what was found; and the numbers of the home page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rat_engine.domain.run import RunSummary


@dataclass(frozen=True, slots=True)
class Check:
    """One thing checked. ``status`` is ok, warn or fail; ``detail`` says what was found and, if not ok, what to do."""

    name: str
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be served, with every check behind the answer."""

    ok: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class SettingFact:
    """One setting as it is in force: its environment variable, its value and default as text, what it means."""

    variable: str
    value: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of the home page."""

    namespaces: int
    pipelines_by_layer: Mapping[str, int]
    tables: int
    rows: int
    runs: RunSummary
