"""Actions on queries and previews."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin, table_parts

TWINS = (
    Twin("queries.submit", "Query tables", "POST /query", "query {sql}", "{sql}", body=("sql",)),
    Twin(
        "queries.preview",
        "Preview a draft",
        "POST /pipelines/{namespace}/{layer}/{name}/preview",
        "pipeline preview {table}",
        "TableName.parse({table})",
        spell=table_parts,
    ),
    Twin("queries.cancel", "Cancel a query", "POST /queries/{query_id}/cancel", "query --cancel {query_id}", "{query_id}"),
    Twin("queries.rows", "Read a result", "GET /queries/{query_id}/rows", "query --rows {query_id}", "{query_id}"),
)
