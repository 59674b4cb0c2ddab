"""Actions on saved queries."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin, table_parts

TWINS = (
    Twin("saved.list", "List saved queries", "GET /saved-queries", "saved list"),
    Twin("saved.get", "Look at a saved query", "GET /saved-queries/{saved}", "saved show {saved}", "{saved}"),
    Twin(
        "saved.create",
        "Save a query",
        "POST /saved-queries",
        "saved save {saved} {sql}",
        "{saved}, {sql}",
        body=("name", "sql"),
        spell=lambda given: {"name": given["saved"]},
    ),
    Twin("saved.update", "Change a saved query", "PUT /saved-queries/{saved}", "saved save {saved} {sql}", "{saved}, sql={sql}", body=("sql",)),
    Twin("saved.delete", "Delete a saved query", "DELETE /saved-queries/{saved}", "saved delete {saved}", "{saved}"),
    Twin("saved.restore", "Undo the deletion of a saved query", "POST /saved-queries/{saved}/restore", "saved restore {saved}", "{saved}"),
    Twin(
        "saved.to_pipeline",
        "Turn a query into a pipeline",
        "POST /query/to-pipeline",
        "saved to-pipeline {saved} {table}",
        "TableName.parse({table}), {sql}",
        body=("sql", "namespace", "layer", "name"),
        spell=table_parts,
    ),
)
