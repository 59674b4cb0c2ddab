"""A real installation to carry out runs in: the services ask for them, the runner does them, everything lies in a temporary folder."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.table import StaticTable

from rat_engine import Engine, RunRequest, Settings
from rat_engine.domain.access import LOCAL_USER
from rat_engine.domain.job import Job, JobKind, Lane
from rat_engine.domain.log import LogLevel
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import PipelineFiles
from rat_engine.domain.run import Run, RunDetail, RunStatus, branch_name
from rat_engine.errors import RatError
from rat_engine.execute.parts import Parts
from rat_engine.execute.runner import RunResult, execute_run
from rat_engine.jobs import lifecycle, queue
from rat_engine.jobs.lifecycle import RunEnd
from rat_engine.lakehouse.connection import Door, Interrupter, Reach
from rat_engine.lakehouse.scan import Relation, attach, load_metadata, plan
from rat_engine.metadata import lake
from rat_engine.metadata.lake import Pointer


class Journal:
    """A run's log in memory. ``on`` has something done when a line containing a text is written: from within the run, at a known step."""

    def __init__(self) -> None:
        self.lines: list[tuple[LogLevel, str]] = []
        self._hooks: list[tuple[str, Callable[[], object]]] = []

    def on(self, text: str, action: Callable[[], object]) -> Journal:
        """Do ``action`` at the first line containing ``text``."""
        self._hooks.append((text, action))
        return self

    def texts(self, level: LogLevel | None = None) -> str:
        """The lines of a level, or all."""
        return "\n".join(text for kind, text in self.lines if level in (None, kind))

    def _write(self, level: LogLevel, message: str) -> None:
        self.lines.append((level, message))
        for hook in [hook for hook in self._hooks if hook[0] in message]:
            self._hooks.remove(hook)
            hook[1]()

    def debug(self, message: str) -> None:
        self._write(LogLevel.DEBUG, message)

    def info(self, message: str) -> None:
        self._write(LogLevel.INFO, message)

    def warning(self, message: str) -> None:
        self._write(LogLevel.WARNING, message)

    def error(self, message: str) -> None:
        self._write(LogLevel.ERROR, message)


@dataclasses.dataclass
class Held:
    """A run that this process holds."""

    run_id: str
    fence: int

    @property
    def branch(self) -> str:
        return branch_name(self.run_id, self.fence)


class Laboratory:
    """An engine with the parts of a run child."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.parts = Parts.of(settings, engine.database)

    def pipeline(self, name: str, sql: str, tests: Mapping[str, str] | None = None, **files: str) -> TableName:
        """Create or change a pipeline and release it. ``files`` are table_yaml and config_yaml."""
        table = TableName.parse(name)
        texts = {"pipeline.sql": sql, **{key.replace("_", "."): text for key, text in files.items()}}
        texts |= {f"tests/quality/{test}.sql": text for test, text in (tests or {}).items()}
        self.draft(table, texts)
        self.engine.pipelines.release(LOCAL_USER, table)
        return table

    def draft(self, table: TableName, texts: Mapping[str, str]) -> None:
        """Create a pipeline, or save its draft."""
        known = {pipeline.table for pipeline in self.engine.pipelines.list(LOCAL_USER).items}
        if table in known:
            revision = self.engine.pipelines.draft(LOCAL_USER, table).revision
            self.engine.pipelines.save_draft(LOCAL_USER, table, PipelineFiles(texts), revision)
        else:
            self.engine.pipelines.create(LOCAL_USER, table, PipelineFiles(texts))

    def land(self, zone: str, filename: str, content: bytes | str) -> None:
        """Land a file."""
        path = self.settings.data / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with path.open("rb") as stream:
            self.engine.landing.land(LOCAL_USER, ZoneName.parse(zone), filename, stream)

    def hold(self, table: TableName, *, draft: bool = False) -> Held:
        """Ask for a run and claim it."""
        run = self.engine.runs.submit(LOCAL_USER, table, RunRequest(draft=draft))
        with self.engine.database.write() as transaction:
            job = queue.claim(transaction, Lane.RUN, "laboratory")
            assert job is not None
            assert job.subject == run.id
            assert lifecycle.start_run(transaction, job, 1)
        return Held(run.id, job.attempt)

    def hold_beside(self, table: TableName) -> Held:
        """Ask for a run and begin it although another run of the table goes on: what a lost lease would lead to."""
        run = self.engine.runs.submit(LOCAL_USER, table, RunRequest())
        with self.engine.database.write() as transaction:
            queue.remove(transaction, run.id)
            job = Job(id=0, kind=JobKind.RUN, lane=Lane.RUN, subject=run.id, attempt=1, worker="elsewhere", cancel_requested=False, payload={})
            assert lifecycle.start_run(transaction, job, 1)
        return Held(run.id, 1)

    def carry_out(self, held: Held, journal: Journal | None = None, interrupter: Interrupter | None = None) -> RunResult:
        """Carry out a run that is held; an error ends it as the supervisor would, and is raised."""
        try:
            return execute_run(self.parts, held.run_id, held.fence, journal or Journal(), interrupter)
        except RatError as error:
            status = RunStatus.CANCELLED if error.code == "cancelled" else RunStatus.FAILED
            with self.engine.database.write() as transaction:
                lifecycle.end_run(transaction, held.run_id, RunEnd(status, error.code, error.message))
            raise

    def run(self, table: TableName, journal: Journal | None = None, *, draft: bool = False) -> RunResult:
        """Ask for a run and carry it out."""
        return self.carry_out(self.hold(table, draft=draft), journal)

    def last_run(self, table: TableName) -> Run:
        """The newest run of a table."""
        return next(run for run in self.engine.runs.list(LOCAL_USER).items if run.table == table)

    def detail(self, run_id: str) -> RunDetail:
        """Everything stored of a run."""
        return self.engine.runs.detail(LOCAL_USER, run_id)

    def pointer(self, table: TableName) -> Pointer | None:
        """Where the table's metadata is."""
        with self.engine.database.read() as connection:
            return lake.fetch_pointers(connection, [table]).get(table)

    def main(self, table: TableName) -> StaticTable:
        """The table as PyIceberg reads it, with its own file classes and none of ours."""
        pointer = self.pointer(table)
        assert pointer is not None
        return StaticTable.from_metadata(pointer.metadata_location)

    def arrow(self, table: TableName) -> pa.Table:
        """What is published, read by PyIceberg."""
        return self.main(table).scan().to_arrow()

    def rows(self, table: TableName, sql: str = "SELECT * FROM {} ORDER BY ALL", ref: str = "main") -> list[tuple[Any, ...]]:
        """What a ref holds, read by DuckDB through our scan in a session that reaches nothing else."""
        pointer = self.pointer(table)
        assert pointer is not None
        metadata = load_metadata(pointer.metadata_location)
        relation = plan(metadata, metadata.refs[ref].snapshot_id).relation(table)
        return self.query(relation, sql.replace("{}", table.sql))

    def query(self, relation: Relation, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query over one relation."""
        with Door(self.settings).connect(self.settings.scratch, Reach(relation.files)) as session:
            attach(session, [relation])
            return session.run(sql)

    def refs(self, table: TableName) -> set[str]:
        """The table's branches."""
        return set(self.main(table).metadata.refs)

    def events(self, *kinds: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Kind and data of the events of these kinds."""
        return [(event.kind.value, event.data) for event in self.engine.events.after(LOCAL_USER, 0) if event.kind.value in kinds]

    def warehouse_files(self) -> set[Path]:
        """Every file in the warehouse."""
        return {path for path in self.settings.warehouse.rglob("*") if path.is_file()}


@contextlib.contextmanager
def laboratory(settings: Settings) -> Iterator[Laboratory]:
    """A laboratory for the time of the block."""
    with Engine.open(settings) as engine:
        lab = Laboratory(engine, settings)
        try:
            yield lab
        finally:
            lab.parts.close()
