"""Values as people read them in a terminal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.cli.text import cell, duration, number, size, visible
from rat_engine.shapes import csv_line


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(None, "–"), (0, "0 ms"), (999.4, "999 ms"), (1_234, "1.2 s"), (59_949, "59.9 s"), (184_000, "3 min 04 s"), (7_260_000, "2 h 01 min")],
)
def test_durations(milliseconds: float | None, shown: str) -> None:
    assert duration(milliseconds) == shown


@pytest.mark.parametrize(("count", "shown"), [(None, "–"), (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 << 20, "5.0 MiB"), (3 << 40, "3.0 TiB")])
def test_sizes(count: int | None, shown: str) -> None:
    assert size(count) == shown


def test_numbers_have_separators() -> None:
    assert (number(1_234_567), number(None)) == ("1,234,567", "–")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "null"), ("null", "'null'"), ("", "''"), (True, "true"), (1.5, "1.5"), ([1, None], "[1, null]"), ("é", "é"), ("x" * 100, "x" * 59 + "…")],
)
def test_nothing_an_empty_text_and_the_word_null_differ(value: Any, shown: str) -> None:
    assert cell(value) == shown


@given(st.text())
def test_no_text_can_steer_a_terminal(text: str) -> None:
    assert visible(text).isprintable()
    assert cell(text).isprintable()


@given(st.lists(st.one_of(st.none(), st.text()), min_size=1))
def test_csv_tells_nothing_from_an_empty_text_and_gives_every_text_back(row: list[str | None]) -> None:
    import csv
    import io

    line = csv_line(row)
    (read,) = csv.reader(io.StringIO(line + "\n", newline=""), strict=True) if line else ([""],)
    assert read == [cell or "" for cell in row]
    assert csv_line([None, ""]) == ',""'
