"""What compiling takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import Dependency, WriteStrategy
from rat_engine.domain.quality import QualityTest
from rat_engine.errors import Problem


@dataclass(frozen=True, slots=True)
class CompileCatalog:
    """The names a pipeline may refer to; anything else is a problem that offers the nearest of them."""

    tables: frozenset[TableName] = frozenset()
    pipelines: frozenset[TableName] = frozenset()
    zones: frozenset[ZoneName] = frozenset()

    @property
    def readable(self) -> frozenset[TableName]:
        """What ``ref()`` may name: tables that exist and pipelines that will fill one."""
        return self.tables | self.pipelines


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What a template may ask at run time. ``run_started_at`` is ISO-8601 with zone."""

    run_id: str
    run_started_at: str
    table_exists: bool
    strategy: WriteStrategy = WriteStrategy.FULL_REFRESH

    @property
    def incremental(self) -> bool:
        """The value of ``is_incremental()``: there are rows already and the strategy keeps them."""
        return self.table_exists and self.strategy is not WriteStrategy.FULL_REFRESH


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """A pipeline's settings: annotations over ``config.yaml`` over these defaults."""

    description: str = ""
    materialized: str = "table"
    merge_strategy: WriteStrategy = WriteStrategy.FULL_REFRESH
    owner: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableDocs:
    """What ``table.yaml`` tells about the table. ``columns`` maps a column's name to its description, in the file's order."""

    description: str = ""
    columns: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Compilation:
    """Everything known about a pipeline's files without running them.

    ``dependencies`` is what the pipeline itself reads, over all branches of its template, and what orders pipelines.
    ``test_dependencies`` is what its quality tests read beyond that; a test may read tables that come later.
    """

    problems: tuple[Problem, ...]
    config: PipelineConfig
    dependencies: tuple[Dependency, ...]
    tests: tuple[QualityTest, ...]
    docs: TableDocs
    test_dependencies: tuple[Dependency, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid a release or a run; the others are warnings."""
        return tuple(problem for problem in self.problems if problem.severity == "error")
