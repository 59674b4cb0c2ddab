"""How DuckDB carries out a statement, as a tree of ours: what each step does, how many rows it should give, and, when it was run, gave and took."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rat_engine.domain.lake import Column, Estimate
from rat_engine.lakehouse.connection import Session
from rat_engine.lakehouse.scan import Relation

PLAN = "plan"
ANALYZE = "analyze"
COLUMNS = (Column("plan", "JSON"),)

# Steps that are about explaining, not about the statement.
_OUTSIDE = frozenset({"RESULT_COLLECTOR", "EXPLAIN_ANALYZE"})
_ESTIMATE = "Estimated Cardinality"
_FILES = "Filename(s)"
MAX_DETAIL = 2_000


def explain(session: Session, sql: str, how: str, relations: Sequence[Relation], reads: Estimate) -> tuple[Any, Iterator[Any]]:
    """Schema and batches of a result of one row, whose only cell is the plan of ``sql`` (one SELECT, already checked).

    With ``how`` "analyze" the statement is run to its end. ``reads`` goes into the plan as it is: DuckDB itself only guesses.
    Raises as every method of ``Session``.
    """
    import pyarrow as pa

    before = "EXPLAIN (ANALYZE, FORMAT JSON) " if how == ANALYZE else "EXPLAIN (FORMAT JSON) "
    answer = json.loads(session.run_around(sql, before=before)[-1][-1])
    steps = answer if isinstance(answer, list) else answer.get("operator", [])
    drawn = [made for step in steps for made in _steps(step, relations)]
    plan = {"analyzed": how == ANALYZE, "milliseconds": _total(answer), "steps": drawn, "reads": [dataclasses.asdict(table) for table in reads.tables]}
    schema = pa.schema([("plan", pa.string())])
    return schema, iter([pa.record_batch([[json.dumps(plan)]], schema=schema)])


def _total(answer: Any) -> float | None:
    seconds = answer.get("query", {}).get("total_time") if isinstance(answer, dict) else None
    return None if seconds is None else seconds * 1000


def _steps(step: Mapping[str, Any], relations: Sequence[Relation]) -> list[dict[str, Any]]:
    """One step with what it reads from, or only that where the step is not the statement's own."""
    inside = [made for child in step.get("children", ()) for made in _steps(child, relations)]
    name = str(step.get("name") or step.get("type") or step.get("operator_type") or "?").strip()
    if name in _OUTSIDE:
        return inside
    told = dict(step.get("extra_info") or {})
    seconds = step.get("timing")
    made = {
        "name": name.replace("_", " ").capitalize(),
        "details": {key: text for key, value in _details(told, relations).items() if (text := _text(value))},
        "estimated_rows": int(estimate) if (estimate := str(told.get(_ESTIMATE, ""))).isdecimal() else None,
        "rows": step.get("intermediate_rows"),
        "milliseconds": None if seconds is None else seconds * 1000,
        "steps": inside,
    }
    return [made]


def _details(told: Mapping[str, Any], relations: Sequence[Relation]) -> dict[str, Any]:
    """What a step tells of itself, with tables for the files they are made of: paths are nobody's business."""
    files = _text(told.get(_FILES, ""))
    tables = [relation.name for relation in relations if any(path in files for path in relation.files)]
    return {"Table": tables} | {key: value for key, value in told.items() if key not in (_ESTIMATE, _FILES, "Function")}


def _text(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= MAX_DETAIL else text[:MAX_DETAIL] + "…"
