"""Rows as CSV for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def csv_line(cells: Sequence[Any]) -> str:
    """One line of RFC 4180 without its end: NULL is nothing between two commas, an empty text is ``""``, nested values are JSON.

    Cells are written as they are, also those that a spreadsheet takes for formulas: who reads this is a program.
    """
    return ",".join(map(_cell, cells))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not text or any(mark in text for mark in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text
