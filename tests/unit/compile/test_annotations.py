"""The comment header: what counts as an annotation, and what is said about one that does not."""

from __future__ import annotations

import pytest

from rat_engine.compile import PipelineConfig
from rat_engine.domain.pipeline import PipelineFiles, WriteStrategy
from rat_engine.domain.quality import Severity
from tests.unit.compile.pipelines import compiled, problems, rendered


def test_every_annotation_of_a_pipeline_is_read() -> None:
    header = "-- @description: Flights, cleaned\n-- @materialized: table\n-- @merge_strategy: append_only\n-- @owner: ana\n-- @tags: Daily, core, daily\n"
    config = compiled(header + "SELECT 1").config
    assert config == PipelineConfig("Flights, cleaned", "table", WriteStrategy.APPEND_ONLY, "ana", ("daily", "core"))


@pytest.mark.parametrize(
    ("header", "description"),
    [
        ("-- @description: plain", "plain"),
        ("--@description:tight", "tight"),
        ("--   @description :   wide   ", "wide"),
        ("\n\n   -- @description: after blank lines", "after blank lines"),
        ("-- an ordinary comment\n--\n-- @description: after ordinary comments", "after ordinary comments"),
        ("/* a block\n comment */\n-- @description: after a block comment", "after a block comment"),
        ("/* nested /* twice */ */\n-- @description: after nested comments", "after nested comments"),
        ("{# a Jinja comment #}\n-- @description: after a Jinja comment", "after a Jinja comment"),
        ("-- @description: with: a colon and -- dashes", "with: a colon and -- dashes"),
        ("-- @description: größte Verspätung ✈ 東京", "größte Verspätung ✈ 東京"),
        ("\ufeff-- @description: after a byte order mark", "after a byte order mark"),
        ("-- @description: a line separator\u2028does not end a line", "a line separator\u2028does not end a line"),
        ("-- @description: {{ run_id }} is text here", "{{ run_id }} is text here"),
    ],
)
def test_an_annotation_is_read_among_other_comments(header: str, description: str) -> None:
    """P7-05: unicode, mixed comments, odd spacing."""
    result = compiled(f"{header}\nSELECT 1")
    assert result.config.description == description
    assert result.problems == ()


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_of_every_system_are_read_alike(end: str) -> None:
    """P7-05: CRLF."""
    result = compiled(end.join(["-- @description: first", "-- @owner: ana", "SELECT 1"]))
    assert (result.config.description, result.config.owner, result.problems) == ("first", "ana", ())


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 AS a\n-- @ownr: not in the header",
        "/* @owner: in a block comment */ SELECT 1",
        "/*\n-- @owner: in a block comment\n*/ SELECT 1",
        "SELECT '\n-- @ownr: in a string'",
        "-- mail ana@example.org: she knows\nSELECT 1",
        "-- @see the other pipeline\nSELECT 1",
        "--- @owner: three dashes are an ordinary comment\nSELECT 1",
    ],
)
def test_what_is_no_annotation_is_left_alone(text: str) -> None:
    """P7-05: an ordinary comment that only looks like an annotation changes nothing."""
    result = compiled(text)
    assert (result.config, result.problems) == (PipelineConfig(), ())


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("-- @descripton: x", "pipeline.sql:1:5: 'descripton' is not an annotation. Did you mean 'description'?"),
        (
            "-- @colour: red",
            "pipeline.sql:1:5: 'colour' is not an annotation. There are description, materialized, merge_strategy, owner, tags.",
        ),
        ("-- @Owner: ana", "pipeline.sql:1:5: 'Owner' has the wrong case. Write 'owner'."),
        ("--  @owner:", "pipeline.sql:1:12: owner has no value. Give one, or remove it."),
        ("-- @owner ana", "pipeline.sql:1:5: @owner has no colon. Write `-- @owner: …`."),
        ("-- @owner：ana", "pipeline.sql:1:5: @owner has no colon. Write `-- @owner: …`."),
        ("-- @owner: ana\n\n-- @owner: bo", "pipeline.sql:3:5: @owner is given twice: first on line 1. Remove one of them."),
        (
            "-- @merge_strategy: apend_only",
            "pipeline.sql:1:21: merge_strategy 'apend_only' is not possible: choose full_refresh or append_only. Did you mean 'append_only'?",
        ),
        ("-- @materialized: view", "pipeline.sql:1:19: materialized 'view' is not possible: choose table."),
        (f"-- @owner: {'x' * 201}", "pipeline.sql:1:12: owner has 201 characters; at most 200 are accepted."),
        (f"-- @description: {'x' * 5001}", "pipeline.sql:1:18: description has 5,001 characters; at most 5,000 are accepted."),
        (f"-- @tags: a, {'x' * 64}", "pipeline.sql:1:11: tags has a tag of 64 characters; at most 63 are accepted."),
        (f"-- @tags: {','.join(f't{n}' for n in range(51))}", "pipeline.sql:1:11: tags has 51 tags; at most 50 are accepted."),
    ],
)
def test_a_wrong_annotation_is_named_with_its_place_and_the_right_spelling(header: str, problem: str) -> None:
    """P4-04, P7-05, P10-28, P10-103: keys and values of annotations are checked like those of config.yaml."""
    assert problems(f"{header}\nSELECT 1") == [problem]


def test_an_annotation_below_the_header_is_a_warning_since_it_has_no_effect() -> None:
    result = compiled("SELECT 1\n-- @owner: ana")
    assert [(str(problem), problem.severity) for problem in result.problems] == [
        (
            "pipeline.sql:2:5: @owner has no effect here: annotations stand at the top of the file, before the first SQL. Move it up, or remove the @.",
            "warning",
        )
    ]
    assert result.errors == ()
    assert result.config.owner == ""


def test_annotations_are_blank_lines_in_the_compiled_sql() -> None:
    assert rendered("-- @owner: ana\n-- kept\n-- @tags: a\nSELECT 1") == "\n-- kept\n\nSELECT 1"


def test_a_quality_test_reads_its_own_annotations() -> None:
    header = "-- @description: No row may be late\n-- @severity: warn\n-- @remediation: Ask the airline\n-- @tags: a, b\n"
    (test,) = compiled(not_late=f"{header}SELECT 1").tests
    assert (test.name, test.path, test.severity) == ("not_late", "tests/quality/not_late.sql", Severity.WARN)
    assert (test.description, test.remediation, test.tags) == ("No row may be late", "Ask the airline", ("a", "b"))
    assert test.sql == f"{header}SELECT 1"


def test_a_quality_test_is_an_error_by_default_and_warning_means_warn() -> None:
    first, second = compiled(a="SELECT 1", b="-- @severity: warning\nSELECT 1").tests
    assert (first.severity, second.severity) == (Severity.ERROR, Severity.WARN)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-- @severity: fatal\nSELECT 1", "tests/quality/late.sql:1:15: severity 'fatal' is not possible: choose error or warn."),
        ("-- @owner: ana\nSELECT 1", "tests/quality/late.sql:1:5: 'owner' is not an annotation. There are description, severity, remediation, tags."),
        ("-- only a comment", "tests/quality/late.sql: tests/quality/late.sql has no SQL. Write one SELECT."),
        (
            "SELECT * FROM {{ ref('bronze.flight') }}",
            "tests/quality/late.sql:1:22: There is no table or pipeline 'flights.bronze.flight'. Did you mean 'bronze.flights'?",
        ),
    ],
)
def test_what_is_wrong_with_a_quality_test_is_said_under_its_own_path(text: str, problem: str) -> None:
    assert problems(late=text) == [problem]


def test_a_hash_of_files_does_not_depend_on_line_ends() -> None:
    assert PipelineFiles({"pipeline.sql": "SELECT\r\n1"}).hash == PipelineFiles({"pipeline.sql": "SELECT\n1"}).hash
