"""Rows as CSV, and texts made harmless for spreadsheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Sequence[Any]) -> str:
    """One line of RFC 4180 without its end: NULL is nothing between two commas, an empty text is ``""``, nested values are JSON."""
    return ",".join(map(_cell, cells))


def defused(value: Any) -> Any:
    """``value``; a text that a spreadsheet would take for a formula gets a quote before it, which spreadsheets do not show."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not text or any(mark in text for mark in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
