"""Actions on published tables."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin, table_parts

_TABLE = "/tables/{namespace}/{layer}/{name}"
_NAME = "TableName.parse({table})"

TWINS = (
    Twin("tables.list", "List tables", "GET /tables", "tables", query=("namespace", "layer", "search")),
    Twin("tables.get", "Show a table", f"GET {_TABLE}", "table show {table}", _NAME, spell=table_parts),
    Twin("tables.snapshots", "List snapshots", f"GET {_TABLE}/snapshots", "table snapshots {table}", _NAME, spell=table_parts),
    Twin("tables.neighbours", "Show neighbours", f"GET {_TABLE}/neighbours", "table neighbours {table}", _NAME, spell=table_parts),
    Twin("inspections.preview", "Show first rows", f"GET {_TABLE}/preview", "table preview {table}", _NAME, spell=table_parts),
    Twin("inspections.files", "List data files", f"GET {_TABLE}/files", "table files {table}", _NAME, spell=table_parts),
    Twin("inspections.profile", "Show a profile", f"GET {_TABLE}/profile", "table profile {table}", _NAME, spell=table_parts),
    Twin("inspections.ask_profile", "Profile a table", f"POST {_TABLE}/profile", "table profile {table}", _NAME, spell=table_parts),
    Twin("inspections.cancel_profile", "Stop profiling", f"POST {_TABLE}/profile/cancel", "table profile {table} --cancel", _NAME, spell=table_parts),
    Twin("documentation.get", "Show documentation", f"GET {_TABLE}/metadata", "table docs {table}", _NAME, spell=table_parts),
    Twin(
        "documentation.change",
        "Document a table",
        f"PUT {_TABLE}/metadata",
        "table docs {table} --set description={description}",
        f"{_NAME}, DocumentationChange({{description}})",
        body=("description",),
        spell=table_parts,
    ),
)
