"""Rows as lines of CSV, a column at a time: Arrow writes what has one spelling only, Python the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rat_engine.domain.lake import Column
from rat_engine.observe.arrow import arrow, compute
from rat_engine.observe.cells import cells, is_text
from rat_engine.observe.sheet_cells import spelled_plainly
from rat_engine.shapes.csv import FORMULA_START, csv_line, is_number

# A field that is quoted: as ``shapes.csv`` says, with RE2's idea of white space.
_QUOTED = r'[,"\r\n]|^\s|\s$|^$'


def csv_lines(batch: Any, columns: Sequence[Column], raw: bool) -> str:
    """The lines of an Arrow batch, each with its end; unless ``raw``, texts are made harmless for spreadsheets."""
    fields = [_fields(array, column, raw) for array, column in zip(batch.columns, columns, strict=True)]
    lines = compute().binary_join_element_wise(*fields, ",", null_handling="replace")
    return "".join(f"{line}\r\n" for line in lines.to_pylist())


def _fields(array: Any, column: Column, raw: bool) -> Any:
    """The fields of a column as Arrow texts; NULL is NULL."""
    pa = arrow()
    types = pa.types
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_text(array.type):
        # What is text only because JSON has no such number keeps its sign.
        return _texts(array.cast(pa.string()), raw or is_number(column.type))
    if types.is_integer(array.type) or types.is_boolean(array.type) or types.is_date32(array.type) or spelled_plainly(array.type):
        texts = array.cast(pa.string())
        if not (types.is_date(array.type) and compute().any(compute().starts_with(texts, "<")).as_py()):
            return texts
    if types.is_floating(array.type):
        return pa.array([value if value is None or isinstance(value, str) else json.dumps(value) for value in cells(array, None)], pa.string())
    return pa.array([None if value is None else csv_line([value]) for value in cells(array, None)], pa.string())


def _texts(texts: Any, safe: bool) -> Any:
    pc = compute()
    if not safe and pc.any(found := pc.match_substring_regex(texts, FORMULA_START)).as_py():
        texts = pc.if_else(found, pc.binary_join_element_wise("'", texts, ""), texts)
    if pc.any(found := pc.match_substring_regex(texts, _QUOTED)).as_py():
        texts = pc.if_else(found, pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', ""), texts)
    return texts
