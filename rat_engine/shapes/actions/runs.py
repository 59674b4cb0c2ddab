"""Actions on runs."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin, table_parts

TWINS = (
    Twin("runs.list", "List runs", "GET /runs", "runs"),
    Twin("runs.detail", "Show a run", "GET /runs/{run_id}", "show {run_id}", "{run_id}"),
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
    Twin("runs.log", "Read a run's log", "GET /runs/{run_id}/logs", "logs {run_id}", "{run_id}"),
)
