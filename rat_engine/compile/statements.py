"""Where SQL ends and other things begin: comments, strings and Jinja tags, without parsing the SQL.

The rules are those of DuckDB's lexer: block comments nest, strings double their quote, ``E''`` strings escape with a
backslash, ``$tag$`` quotes anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

# What is never closed reaches to the end of the text: nothing is scanned twice, whatever the text.
_STRING_IN_TAG = r"'(?:\\.|[^'\\])*+(?:'|\\?\Z)|\"(?:\\.|[^\"\\])*+(?:\"|\\?\Z)"
_RAW = r"\{%[-+]?\s*raw\s*[-+]?%\}.*?(?:\{%[-+]?\s*endraw\s*[-+]?%\}|\Z)"
_NOTE = r"\{\#.*?(?:\#\}|\Z)"
_TAG = rf"\{{\{{(?:{_STRING_IN_TAG}|(?!\}}\}}).)*+(?:\}}\}}|\Z)|\{{%(?:{_STRING_IN_TAG}|(?!%\}}).)*+(?:%\}}|\Z)"
_JINJA = rf"(?P<raw>{_RAW})|(?P<note>{_NOTE})|(?P<jinja>{_TAG})|"
_INNER = rf"{_RAW}|{_NOTE}|{_TAG}|"


def _scanner(jinja: str, inner: str) -> re.Pattern[str]:
    return re.compile(
        rf"""(?=[-/'"$eE{{]) (?: {jinja}(?P<line>--[^\n]*+)|(?P<block>/\*)
        |(?P<string>(?<![\w$])[eE]'(?:{inner}\\.|''|[^'\\])*+(?:'|\\?\Z)|'(?:{inner}''|[^'])*+(?:'|\Z))
        |(?P<identifier>"(?:{inner}""|[^"])*+(?:"|\Z))
        |(?P<dollar>(?<![\w$])(?P<quote>\$(?:[A-Za-z_]\w*)?\$).*?(?:(?P=quote)|\Z)))""",
        re.VERBOSE | re.DOTALL,
    )


_TEMPLATE = _scanner(_JINJA, _INNER)
_SQL = _scanner("", "")
_NOT_A_LINE_END = re.compile(r"[^\n]")
_BLOCK_EDGE = re.compile(r"/\*|\*/")


class Kind(Enum):
    """What a piece of text is."""

    COMMENT = auto()
    NOTE = auto()
    JINJA = auto()
    RAW = auto()
    STRING = auto()


_KINDS = {
    "line": Kind.COMMENT,
    "block": Kind.COMMENT,
    "note": Kind.NOTE,
    "jinja": Kind.JINJA,
    "raw": Kind.RAW,
    "string": Kind.STRING,
    "identifier": Kind.STRING,
    "dollar": Kind.STRING,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that is not plain SQL code. A quoted identifier counts as a string."""

    kind: Kind
    start: int
    end: int


def spans(text: str, template: bool = True) -> Iterator[Span]:
    """Everything in ``text`` that is not plain code, in order; ``template`` tells whether Jinja tags are recognised."""
    pattern = _TEMPLATE if template else _SQL
    position = 0
    while match := pattern.search(text, position):
        position = _block_end(text, match.start()) if match.lastgroup == "block" else match.end()
        yield Span(_KINDS[match.lastgroup or ""], match.start(), position)


def _block_end(text: str, start: int) -> int:
    depth = 0
    for edge in _BLOCK_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if not depth:
            return edge.end()
    return len(text)


def blank(text: str, fillers: Mapping[Kind, str], template: bool = True) -> str:
    """``text`` with every span of the kinds in ``fillers`` overwritten by its filler; length and lines stay as they are."""
    pieces: list[str] = []
    position = 0
    for span in spans(text, template):
        if span.kind in fillers:
            pieces += text[position : span.start], _NOT_A_LINE_END.sub(fillers[span.kind], text[span.start : span.end])
            position = span.end
    return "".join((*pieces, text[position:]))


def inert_comments(text: str) -> str:
    """``text`` with NUL for each brace that would open a Jinja tag in a SQL comment, so that the comment stays one.

    The length stays the same; ``restore_comments`` undoes it.
    """
    pieces: list[str] = []
    position = 0
    for span in spans(text):
        if span.kind is Kind.COMMENT:
            pieces += text[position : span.start], re.sub(r"\{(?=[{%#])", "\x00", text[span.start : span.end])
            position = span.end
    return "".join((*pieces, text[position:]))


def restore_comments(text: str) -> str:
    """The inverse of ``inert_comments``."""
    return text.replace("\x00", "{")


def header(text: str) -> Iterator[Span]:
    """The line comments at the top of ``text``, each alone on its line, before the first SQL or Jinja tag."""
    position = 0
    for span in spans(text):
        gap = text[position : span.start].lstrip("\ufeff") if not position else text[position : span.start]
        if gap.strip() or span.kind not in (Kind.COMMENT, Kind.NOTE):
            return
        if span.kind is Kind.COMMENT and text.startswith("--", span.start) and (not position or "\n" in gap):
            yield span
        position = span.end


def code_only(sql: str) -> str:
    """``sql`` with comments blanked and strings filled with ``x``: what is left is code. Same length, same lines."""
    return blank(sql, {Kind.COMMENT: " ", Kind.STRING: "x"}, template=False)


def without_semicolon(sql: str, code: str) -> str:
    """``sql`` with the semicolons at its end blanked; ``code`` is the same text as ``code_only`` gives it."""
    start = len(code.rstrip("; \t\n\f\v"))
    return sql[:start] + "".join(" " if code[index] == ";" else sql[index] for index in range(start, len(sql)))
