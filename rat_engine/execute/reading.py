"""What a run reads: one session that reaches exactly its files, shows them under their names, and runs only checked statements."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from rat_engine.compile import Rendered
from rat_engine.errors import MissingInputError, QueryFailedError, StatementRefusedError
from rat_engine.execute.parts import Parts
from rat_engine.lakehouse import landing, scan
from rat_engine.lakehouse.branch import Branch
from rat_engine.lakehouse.connection import Interrupter, Reach, Session
from rat_engine.lakehouse.datafiles import Rows
from rat_engine.lakehouse.scan import Snapshot
from rat_engine.lakehouse.strategies import strategy
from rat_engine.lakehouse.types import result_columns
from rat_engine.plan.planner import RunPlan
from rat_engine.query.guard import check_pipeline_sql


@dataclass(frozen=True, slots=True)
class Reader:
    """A run's session together with the rules its statements obey."""

    session: Session
    plan: RunPlan
    reads_files: bool

    def rows(self) -> Rows:
        """The pipeline's rows, bound but not yet run. Raises StatementRefusedError, QueryFailedError, and errors of names and types."""
        sql = self.plan.source.sql
        self.check(sql)
        return Rows(self.session, sql, result_columns(self.session.describe(sql)))

    def check(self, sql: str) -> None:
        """Raise StatementRefusedError for what the run's SQL may not do, MissingInputError for what a test reads and is not there."""
        for name in self.plan.missing:
            if name in sql:
                raise MissingInputError(f"There is nothing to read yet at {name.replace(chr(34), '')}.")
        check_pipeline_sql(sql, self.plan.relations, self.reads_files)

    def show_branch(self, snapshot: Snapshot) -> None:
        """From here on the run's own table is what the branch holds."""
        scan.attach(self.session, [snapshot.relation(self.plan.run.table)])

    def count_rows(self, snapshot: Snapshot) -> int:
        """Rows of a snapshot: by its files' counts, or by counting where some of their rows are deleted."""
        if not snapshot.has_deletes:
            return snapshot.recorded_rows
        return self.session.run(f"SELECT count(*) FROM ({scan.snapshot_sql(snapshot)})")[0][0]


@contextlib.contextmanager
def reader_of(parts: Parts, plan: RunPlan, branch: Branch, interrupter: Interrupter) -> Iterator[Reader]:
    """The one session of a run, for all its steps: inputs at their pinned snapshots, landing files as frozen, the branch's folder to write to."""
    settings = parts.settings
    tables = [scan.table_relation(pin.table, pin.metadata_location, pin.snapshot_id) for pin in plan.tables]
    zones = [landing.landing_relation(zone, pins, settings.landing) for zone, pins in plan.zones]
    # What stays in the table is read by the tests only later, but a session's reach cannot grow.
    kept = branch.base_snapshot.relation(branch.table).files if branch.published and strategy(plan.strategy).keeps_rows else ()
    files = (*(file for relation in (*tables, *zones) for file in relation.files), *kept)
    reach = Reach(files, (str(branch.folder),), anything=settings.pipeline_reads_files)
    with parts.door.connect(parts.scratch, reach, interrupter=interrupter) as session:
        scan.attach(session, [*tables, *zones])
        yield Reader(session, plan, settings.pipeline_reads_files)


@contextlib.contextmanager
def at_source(rendered: Rendered) -> Iterator[None]:
    """Have errors within the block tell their place in the file the user wrote, not in the SQL that was made of it."""
    try:
        yield
    except (QueryFailedError, StatementRefusedError) as error:
        line, column = error.details.get("line"), error.details.get("column")
        if not line or not column:
            raise
        message = error.message.removesuffix(f" (line {line}, column {column})")
        line, column = rendered.origin(line, column)
        file = rendered.source.file
        raise type(error)(f"{file}:{line}:{column}: {message}", details={**error.details, "file": file, "line": line, "column": column}) from error
