"""Telling SQL from comments, strings and Jinja tags."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.compile.source import Source
from rat_engine.compile.statements import Kind, code_only, inert_comments, restore_comments, spans, without_semicolon

PIECES = ["--", "/*", "*/", "'", '"', "E'", "$$", "$a$", "\\", "{{", "}}", "{%", "%}", "{#", "#}", "{% raw %}", "{% endraw %}", "\n", ";", "a", " ", "x'y"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def _found(text: str, template: bool = True) -> list[tuple[str, str]]:
    return [(span.kind.name, text[span.start : span.end]) for span in spans(text, template)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a -- b\nc", [("COMMENT", "-- b")]),
        ("a /* b /* c */ d */ e", [("COMMENT", "/* b /* c */ d */")]),
        ("a /* b", [("COMMENT", "/* b")]),
        ("'it''s -- no comment' -- c", [("STRING", "'it''s -- no comment'"), ("COMMENT", "-- c")]),
        ("e'it\\'s' 'a\\' -- c", [("STRING", "e'it\\'s'"), ("STRING", "'a\\'"), ("COMMENT", "-- c")]),
        ('"a "" -- b"', [("STRING", '"a "" -- b"')]),
        ("$$ 'a' -- $$ $t$ $$ $t$", [("STRING", "$$ 'a' -- $$"), ("STRING", "$t$ $$ $t$")]),
        ("a$b$c $1", []),
        ("{{ a '}}' }} {% if x %} {# '-- #}", [("JINJA", "{{ a '}}' }}"), ("JINJA", "{% if x %}"), ("NOTE", "{# '-- #}")]),
        ("{%- raw -%} {{ 'a -- {% endraw %} b", [("RAW", "{%- raw -%} {{ 'a -- {% endraw %}")]),
        ("'{{ ref('a') }}' b", [("STRING", "'{{ ref('a') }}'")]),
        ("-- {{ 'a\nb", [("COMMENT", "-- {{ 'a")]),
    ],
)
def test_comments_strings_and_tags_are_told_apart(text: str, found: list[tuple[str, str]]) -> None:
    """P10-52."""
    assert _found(text) == found


@pytest.mark.parametrize(
    ("sql", "without"),
    [
        ("SELECT 1;", "SELECT 1 "),
        ("SELECT 1 ;; \n;-- done;", "SELECT 1    \n -- done;"),
        ("SELECT ';'", "SELECT ';'"),
        ("SELECT 1; SELECT 2;", "SELECT 1; SELECT 2 "),
        (";", " "),
        ("", ""),
    ],
)
def test_semicolons_at_the_end_are_blanked(sql: str, without: str) -> None:
    assert without_semicolon(sql, code_only(sql)) == without


def test_duckdb_sees_the_same_code_as_we_do() -> None:
    """What we take for comments and strings must not hide a statement from us that DuckDB would carry out."""
    sql = "SELECT 'a;''b' AS x, E'\\';' /* ; /* ; */ ; */ AS y, $$;$$ AS z, $q$;$$;$q$ AS \"w;\"\"v\" -- ;"
    assert ";" not in code_only(sql)
    assert len(duckdb.connect().extract_statements(sql)) == 1


@given(TEXTS)
def test_spans_cover_the_text_in_order_and_change_nothing(text: str) -> None:
    """P10-52."""
    edges = [edge for span in spans(text) for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)
    assert restore_comments(inert_comments(text)) == text
    assert [len(line) for line in code_only(text).split("\n")] == [len(line) for line in text.split("\n")]
    assert len(without_semicolon(text, code_only(text))) == len(text)


@given(TEXTS)
def test_no_comment_holds_a_tag_once_comments_are_inert(text: str) -> None:
    inert = inert_comments(text)
    assert not any(tag in inert[span.start : span.end] for span in spans(inert) if span.kind is Kind.COMMENT for tag in ("{{", "{%", "{#"))


@given(st.text(st.sampled_from("ab\n\r\u2028é"), max_size=40), st.integers(-5, 50))
def test_a_position_leads_back_to_its_offset(text: str, offset: int) -> None:
    source = Source("a.sql", text)
    line, column = source.position(offset)
    assert source.offset(line, column) == max(0, min(offset, len(source.text)))
    assert source.text.split("\n")[line - 1][: column - 1] == source.text[: max(0, min(offset, len(source.text)))].split("\n")[-1]
