"""Rows as CSV, and texts made harmless for spreadsheets."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
FORMULA_START = r"^[=+\-@\t\r\n]"

_SPECIAL = re.compile(r'[,"\r\n]')
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BIGNUM")


def csv_line(cells: Sequence[Any]) -> str:
    """One line of RFC 4180 without its end: NULL is nothing between two commas, an empty text is ``""``, nested values are JSON."""
    return ",".join(map(_cell, cells))


def defused(value: Any) -> Any:
    """``value``; a text that a spreadsheet would take for a formula gets a quote before it, which spreadsheets do not show."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def is_number(kind: str) -> bool:
    """Whether DuckDB's type ``kind`` holds numbers."""
    return bool(_NUMBER.fullmatch(kind))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not text or _SPECIAL.search(text) or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
