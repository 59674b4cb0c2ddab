"""Actions on runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rat_engine.shapes.actions.twin import Twin, table_parts


def _several(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"runs": " ".join(values["run_ids"])}


TWINS = (
    Twin("runs.list", "List runs", "GET /runs", "runs"),
    Twin("runs.detail", "Show a run", "GET /runs/{run_id}", "show {run_id}", "{run_id}", query=("attempt",)),
    Twin(
        "runs.submit",
        "Run a pipeline",
        "POST /runs",
        "run {table}",
        "TableName.parse({table})",
        body=("namespace", "layer", "pipeline"),
        spell=table_parts,
    ),
    Twin("runs.cancel", "Cancel a run", "POST /runs/{run_id}/cancel", "cancel {run_id}", "{run_id}"),
    Twin("runs.cancel_many", "Cancel runs", "POST /runs/cancel", "cancel {runs}", "{run_ids}", body=("run_ids",), spell=_several),
    Twin("runs.rerun", "Run again", "POST /runs/{run_id}/rerun", "rerun {run_id}", "{run_id}"),
    Twin("runs.facets", "Count runs", "GET /runs/facets", "runs --facets"),
    Twin("runs.log", "Read a run's log", "GET /runs/{run_id}/logs", "logs {run_id}", "{run_id}"),
    Twin(
        "runs.search_log",
        "Search a run's log",
        "GET /runs/{run_id}/logs",
        "logs {run_id} --level {level} --search {search}",
        "{run_id}, LogSearch(LogLevel({level}), {search})",
        query=("level", "search"),
    ),
    Twin("runs.log_length", "Count the lines of a run's log", "GET /runs/{run_id}/logs", "logs {run_id}", "{run_id}"),
    Twin("runs.log_file", "Download a run's log", "GET /runs/{run_id}/logs/download", "logs {run_id} --download {file}", "{run_id}"),
)
