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
    Twin("queries.cancel", "Cancel a query", "POST /queries/{query_id}/cancel", "queries cancel {query_id}", "{query_id}"),
    Twin("queries.rows", "Read a result", "GET /queries/{query_id}/rows", "queries rows {query_id}", "{query_id}"),
    Twin("queries.get", "Look at a query", "GET /queries/{query_id}", "queries show {query_id}", "{query_id}"),
    Twin("queries.list", "Search the history of queries", "GET /queries", "queries list"),
    Twin("queries.estimate", "Estimate what a query reads", "POST /query/estimate", "queries estimate {sql}", "{sql}", body=("sql",)),
    Twin("queries.explain", "Explain a query", "POST /query/explain", "explain {sql}", "{sql}", body=("sql",)),
    Twin("results.export", "Download a result", "GET /queries/{query_id}/download", "result export {query_id}", "{query_id}"),
    Twin(
        "results.statistics",
        "See what is in a column",
        "GET /queries/{query_id}/columns/{column}/statistics",
        "result stats {query_id}",
        "{query_id}, {column}",
    ),
    Twin("results.chart", "Draw a result", "GET /queries/{query_id}/chart", "result chart {query_id}", "{query_id}"),
)
