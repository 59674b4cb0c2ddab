"""Actions on how pipelines change: versions, settings, names, quality tests."""

from __future__ import annotations

from rat_engine.shapes.actions.pipelines import PIPELINE, TABLE
from rat_engine.shapes.actions.twin import Twin, table_parts

_TO = f"{TABLE}, TableName.parse({{to}})"

TWINS = (
    Twin(
        "versions.compare",
        "Compare two versions",
        f"GET {PIPELINE}/diff",
        "pipeline diff {table} {before} {after}",
        f"{TABLE}, {{before}}, {{after}}",
        query=("before", "after"),
        spell=table_parts,
    ),
    Twin(
        "versions.rollback",
        "Go back to a version",
        f"POST {PIPELINE}/rollback",
        "pipeline rollback {table} {version}",
        f"{TABLE}, {{version}}",
        body=("version",),
        spell=table_parts,
    ),
    Twin("configuration.read", "Show a draft's settings", f"GET {PIPELINE}/settings", "pipeline settings {table}", TABLE, spell=table_parts),
    Twin(
        "configuration.update",
        "Change a draft's settings",
        f"PATCH {PIPELINE}",
        "pipeline set {table}",
        f"{TABLE}, {{settings}}",
        body=("owner", "description", "tags", "merge_strategy"),
        spell=table_parts,
    ),
    Twin("lifecycle.dependents", "Show who reads a table", f"GET {PIPELINE}/dependents", "pipeline dependents {table}", TABLE, spell=table_parts),
    Twin("lifecycle.rename", "Rename a pipeline", f"POST {PIPELINE}/rename", "pipeline rename {table} {to}", _TO, body=("to",), spell=table_parts),
    Twin("lifecycle.copy", "Copy a pipeline", f"POST {PIPELINE}/copy", "pipeline copy {table} {to}", _TO, body=("to",), spell=table_parts),
    Twin("lifecycle.restore", "Restore a deleted pipeline", f"POST {PIPELINE}/restore", "pipeline restore {table}", TABLE, spell=table_parts),
    Twin("lifecycle.deleted", "List pipelines that can be restored", "GET /pipelines/deleted", "pipeline deleted"),
    Twin("quality.tests", "List quality tests", f"GET {PIPELINE}/tests", "pipeline tests {table}", TABLE, spell=table_parts),
    Twin("quality.history", "Show what tests found", f"GET {PIPELINE}/tests/history", "pipeline test-history {table}", TABLE, spell=table_parts),
    Twin("quality.run", "Test a table now", f"POST {PIPELINE}/tests/run", "pipeline test {table}", TABLE, spell=table_parts),
)
