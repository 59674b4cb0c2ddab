"""RAT's engine: pipelines, runs, tables and queries, without a web framework.

Everything a front end needs is here; nothing else of the package is for them. Names are imported when first used, so that a
process which needs one module does not pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rat_engine.domain.access import LOCAL_USER, SYSTEM, Action, Actor
    from rat_engine.domain.authoring import Cursor, NextRun, PlannedTable, Relation, Scope, Vocabulary
    from rat_engine.domain.clock import iso, new_id
    from rat_engine.domain.event import Event, EventKind
    from rat_engine.domain.health import Check, Overview, Readiness
    from rat_engine.domain.lake import (
        Column,
        Estimate,
        FileFormat,
        LakeTable,
        LandingFile,
        LandingZone,
        Query,
        QueryFilter,
        QueryStatus,
        SavedQuery,
        TableEstimate,
        TableFilter,
    )
    from rat_engine.domain.lineage import LineageFilter, LineageGraph, LineageNode, parse_place, place_id
    from rat_engine.domain.log import LogChunk, LogFile, LogLevel, LogLine, LogMatches, LogPage, LogSearch
    from rat_engine.domain.names import Layer, TableName, ZoneName, checked_name, checked_namespace
    from rat_engine.domain.paging import Page, PageRequest
    from rat_engine.domain.pipeline import Dependency, Draft, Namespace, Pipeline, PipelineFiles, PipelineFilter, Version, WriteStrategy
    from rat_engine.domain.quality import AuditReport, QualityTest, Severity, TestOutcome, TestResult, TestState, TestStatus
    from rat_engine.domain.result import ResultWindow
    from rat_engine.domain.revision import Comparison, DeletedPipeline, FileChange, PipelineSettings, Renamed
    from rat_engine.domain.run import (
        Attempt,
        CancelReport,
        DemoLoad,
        FacetCount,
        FilePin,
        Run,
        RunCounts,
        RunDetail,
        RunFacets,
        RunFilter,
        RunGroup,
        RunInputs,
        RunRequest,
        RunStatus,
        RunSummary,
        Step,
        StepName,
        TablePin,
    )
    from rat_engine.domain.tree import ApplyOptions, ApplyReport, TreeAction, TreeChange
    from rat_engine.engine import Engine
    from rat_engine.errors import (
        CompileError,
        ConflictError,
        ErrorKind,
        FormatError,
        NotFoundError,
        Problem,
        QueryTimeoutError,
        RatError,
        StaleDraftError,
        TooLargeError,
        UnavailableError,
        ValidationError,
        restore,
    )
    from rat_engine.observe.build import build, version
    from rat_engine.observe.server_log import log_context, log_fields, start_logging
    from rat_engine.settings import Settings

__all__ = [
    "LOCAL_USER",
    "SYSTEM",
    "Action",
    "Actor",
    "ApplyOptions",
    "ApplyReport",
    "Attempt",
    "AuditReport",
    "CancelReport",
    "Check",
    "Column",
    "Comparison",
    "CompileError",
    "ConflictError",
    "Cursor",
    "DeletedPipeline",
    "DemoLoad",
    "Dependency",
    "Draft",
    "Engine",
    "ErrorKind",
    "Estimate",
    "Event",
    "EventKind",
    "FacetCount",
    "FileChange",
    "FileFormat",
    "FilePin",
    "FormatError",
    "LakeTable",
    "LandingFile",
    "LandingZone",
    "Layer",
    "LineageFilter",
    "LineageGraph",
    "LineageNode",
    "LogChunk",
    "LogFile",
    "LogLevel",
    "LogLine",
    "LogMatches",
    "LogPage",
    "LogSearch",
    "Namespace",
    "NextRun",
    "NotFoundError",
    "Overview",
    "Page",
    "PageRequest",
    "Pipeline",
    "PipelineFiles",
    "PipelineFilter",
    "PipelineSettings",
    "PlannedTable",
    "Problem",
    "QualityTest",
    "Query",
    "QueryFilter",
    "QueryStatus",
    "QueryTimeoutError",
    "RatError",
    "Readiness",
    "Relation",
    "Renamed",
    "ResultWindow",
    "Run",
    "RunCounts",
    "RunDetail",
    "RunFacets",
    "RunFilter",
    "RunGroup",
    "RunInputs",
    "RunRequest",
    "RunStatus",
    "RunSummary",
    "SavedQuery",
    "Scope",
    "Settings",
    "Severity",
    "StaleDraftError",
    "Step",
    "StepName",
    "TableEstimate",
    "TableFilter",
    "TableName",
    "TablePin",
    "TestOutcome",
    "TestResult",
    "TestState",
    "TestStatus",
    "TooLargeError",
    "TreeAction",
    "TreeChange",
    "UnavailableError",
    "ValidationError",
    "Version",
    "Vocabulary",
    "WriteStrategy",
    "ZoneName",
    "build",
    "checked_name",
    "checked_namespace",
    "iso",
    "log_context",
    "log_fields",
    "new_id",
    "parse_place",
    "place_id",
    "restore",
    "start_logging",
    "version",
]

_HOMES = {
    "rat_engine.domain.access": ("LOCAL_USER", "SYSTEM", "Action", "Actor"),
    "rat_engine.domain.authoring": ("Cursor", "NextRun", "PlannedTable", "Relation", "Scope", "Vocabulary"),
    "rat_engine.domain.clock": ("iso", "new_id"),
    "rat_engine.domain.event": ("Event", "EventKind"),
    "rat_engine.domain.health": ("Check", "Overview", "Readiness"),
    "rat_engine.domain.lake": (
        "Column",
        "Estimate",
        "FileFormat",
        "LakeTable",
        "LandingFile",
        "LandingZone",
        "Query",
        "QueryFilter",
        "QueryStatus",
        "SavedQuery",
        "TableEstimate",
        "TableFilter",
    ),
    "rat_engine.domain.lineage": ("LineageFilter", "LineageGraph", "LineageNode", "parse_place", "place_id"),
    "rat_engine.domain.log": ("LogChunk", "LogFile", "LogLevel", "LogLine", "LogMatches", "LogPage", "LogSearch"),
    "rat_engine.domain.names": ("Layer", "TableName", "ZoneName", "checked_name", "checked_namespace"),
    "rat_engine.domain.paging": ("Page", "PageRequest"),
    "rat_engine.domain.pipeline": ("Dependency", "Draft", "Namespace", "Pipeline", "PipelineFiles", "PipelineFilter", "Version", "WriteStrategy"),
    "rat_engine.domain.quality": ("AuditReport", "QualityTest", "Severity", "TestOutcome", "TestResult", "TestState", "TestStatus"),
    "rat_engine.domain.result": ("ResultWindow",),
    "rat_engine.domain.revision": ("Comparison", "DeletedPipeline", "FileChange", "PipelineSettings", "Renamed"),
    "rat_engine.domain.run": (
        "Attempt",
        "CancelReport",
        "DemoLoad",
        "FacetCount",
        "FilePin",
        "Run",
        "RunCounts",
        "RunDetail",
        "RunFacets",
        "RunFilter",
        "RunGroup",
        "RunInputs",
        "RunRequest",
        "RunStatus",
        "RunSummary",
        "Step",
        "StepName",
        "TablePin",
    ),
    "rat_engine.domain.tree": ("ApplyOptions", "ApplyReport", "TreeAction", "TreeChange"),
    "rat_engine.engine": ("Engine",),
    "rat_engine.errors": (
        "CompileError",
        "ConflictError",
        "ErrorKind",
        "FormatError",
        "NotFoundError",
        "Problem",
        "QueryTimeoutError",
        "RatError",
        "StaleDraftError",
        "TooLargeError",
        "UnavailableError",
        "ValidationError",
        "restore",
    ),
    "rat_engine.observe.build": ("build", "version"),
    "rat_engine.observe.server_log": ("log_context", "log_fields", "start_logging"),
    "rat_engine.settings": ("Settings",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import ``name`` from the module it lives in. Raises AttributeError for a name that is not public."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
