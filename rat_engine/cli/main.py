"""The command ``rat``."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from rat_engine.cli import history, lineage, logs, namespaces, pipeline_group, queries, results, runs, saved, server, tables, trees, zones

app = typer.Typer(
    name="rat",
    help="RAT, the SQLite of data platforms. Exit status: 0 done, 1 failed, 2 wrong usage, 3 cancelled.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in {
    "up": server.up,
    "demo": server.demo,
    "land": trees.land,
    "apply": trees.apply,
    "export": trees.export,
    "run": runs.run,
    "runs": runs.runs,
    "show": runs.show,
    "logs": logs.logs,
    "rerun": runs.rerun,
    "cancel": runs.cancel,
    "query": queries.query,
    "explain": results.explain,
    "tables": queries.tables,
    "lineage": lineage.lineage,
    "search": server.search,
    "settings": server.settings,
    "columns": lineage.columns,
    "doctor": server.doctor,
    "workers": server.workers,
}.items():
    app.command(name)(command)
for group in (history.app, namespaces.app, pipeline_group.app, results.app, saved.app, tables.app, zones.app):
    app.add_typer(group)


def main() -> None:
    """Carry out one command and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that lacks a character gets its number, not a traceback.
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="rat")


if __name__ == "__main__":
    main()
