"""Actions on pipelines, their drafts and versions."""

from __future__ import annotations

from rat_engine.shapes.actions.twin import Twin, table_parts

PIPELINE = "/pipelines/{namespace}/{layer}/{name}"
TABLE = "TableName.parse({table})"

TWINS = (
    Twin("pipelines.list", "List pipelines", "GET /pipelines", "pipeline list", query=("namespace", "layer", "search")),
    Twin("pipelines.get", "Show a pipeline", f"GET {PIPELINE}", "pipeline show {table}", TABLE, spell=table_parts),
    Twin(
        "pipelines.create",
        "Create a pipeline",
        "POST /pipelines",
        "pipeline create {table}",
        TABLE,
        body=("namespace", "layer", "name"),
        spell=table_parts,
    ),
    Twin("pipelines.draft", "Read a draft", f"GET {PIPELINE}/files", "pipeline draft {table}", TABLE, spell=table_parts),
    Twin(
        "pipelines.save_draft",
        "Save a draft",
        f"PUT {PIPELINE}/files",
        "pipeline save {table} {folder} --revision {revision}",
        f"{TABLE}, PipelineFiles({{files}}), {{revision}}",
        body=("files", "revision"),
        spell=table_parts,
    ),
    Twin("pipelines.compile", "Check a draft", f"POST {PIPELINE}/compile", "pipeline check {table}", TABLE, spell=table_parts),
    Twin(
        "pipelines.compiled_sql",
        "Show the SQL that a draft becomes",
        f"GET {PIPELINE}/compiled",
        "pipeline compile {table}",
        f"{TABLE}, PipelineFiles({{files}}), {{path}}",
        spell=table_parts,
    ),
    Twin("pipelines.versions", "List versions", f"GET {PIPELINE}/versions", "pipeline versions {table}", TABLE, spell=table_parts),
    Twin(
        "pipelines.version",
        "Show a version",
        f"GET {PIPELINE}/versions/{{version}}",
        "pipeline version {table} {version}",
        f"{TABLE}, {{version}}",
        spell=table_parts,
    ),
    Twin("pipelines.delete", "Delete a pipeline", f"DELETE {PIPELINE}", "pipeline delete {table}", TABLE, spell=table_parts),
    Twin("authoring.vocabulary", "List the words of templates and settings", "GET /vocabulary", "pipeline words"),
    Twin("authoring.scope", "List the columns in scope", f"POST {PIPELINE}/scope", "pipeline scope {table}", TABLE, spell=table_parts),
    Twin("authoring.format", "Lay out a file", f"POST {PIPELINE}/format", "pipeline format {table}", TABLE, spell=table_parts),
    Twin("authoring.plan", "Show what the next run would do", f"GET {PIPELINE}/plan", "pipeline plan {table}", TABLE, spell=table_parts),
    Twin("pipelines.release", "Release a draft", f"POST {PIPELINE}/publish", "pipeline release {table}", TABLE, spell=table_parts),
)
