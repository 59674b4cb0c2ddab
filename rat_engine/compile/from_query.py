"""A query becomes a pipeline: published tables after FROM and JOIN become ref(), everything else stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from rat_engine.compile.statements import code_only, without_semicolon
from rat_engine.domain.names import Layer, TableName

_PART = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_NAME = re.compile(rf"{_PART}(?:\s*\.\s*{_PART}){{1,2}}(?!\s*[.(])")
_PARTS = re.compile(_PART)
# What stands before a table: FROM or JOIN, brackets opened after it, or a comma between two tables.
_BEFORE = re.compile(r"(?:\b(?:from|join)|,)[\s(]*\Z", re.IGNORECASE)
_BEFORE_CHARACTERS = 200
_JINJA = re.compile(r"\{(?=[{%#])")


def pipeline_source(table: TableName, sql: str, tables: Collection[TableName], namespace: str, description: str = "") -> str:
    """The source of a pipeline that selects what ``sql`` does; ``layer.name`` in it means a table of ``namespace``."""
    text = without_semicolon(sql, code_only(sql)).strip()
    pieces, position = list[str](), 0
    for start, end, found in _references(text, {(each.namespace, each.layer.value, each.name): each for each in tables}, namespace):
        pieces += _plain(text[position:start]), _ref(found, table)
        position = end
    return f"{described(description)}-- @merge_strategy: full_refresh\n{''.join((*pieces, _plain(text[position:])))}\n"


def described(description: str) -> str:
    """The annotation of a new pipeline's description; nothing where none was given."""
    said = " ".join(description.split())
    return f"-- @description: {said}\n" if said else ""


def _references(text: str, tables: dict[tuple[str, ...], TableName], namespace: str) -> Iterator[tuple[int, int, TableName]]:
    """Where ``text`` reads one of ``tables``, and which."""
    code = code_only(text)
    for match in _NAME.finditer(text):
        start, end = match.span()
        if code[start:end] != text[start:end] and not _quoted(text[start:end], code[start:end]):
            continue
        path = tuple(_name(part) for part in _PARTS.findall(match[0]))
        found = tables.get((namespace, *path) if len(path) == 2 else path)
        if found is not None and _BEFORE.search(code, max(0, start - _BEFORE_CHARACTERS), start):
            yield start, end, found


def _quoted(text: str, code: str) -> bool:
    """Whether only quoted identifiers differ from their code: the name is neither in a comment nor in a string."""
    return re.sub(r'"(?:[^"]|"")+"', lambda part: "x" * len(part[0]), text) == code


def _name(part: str) -> str:
    return (part[1:-1].replace('""', '"') if part.startswith('"') else part).lower()


def _ref(found: TableName, table: TableName) -> str:
    name = f"{Layer(found.layer).value}.{found.name}"
    return f"{{{{ ref('{name if found.namespace == table.namespace else found}') }}}}"


def _plain(text: str) -> str:
    """``text`` with what Jinja would take for a tag written so that it stays text."""
    return _JINJA.sub("{{ '{' }}", text)
