"""Searching a log: by level and text, however long it is, while it grows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.domain.log import LogLevel, LogMatches, LogPage, LogSearch
from rat_engine.observe import log_search
from rat_engine.observe.log_search import Found, LogSearches
from rat_engine.observe.logs import LogReader, LogWriter, log_path

LEVELS = list(LogLevel)


def write(path: Path, lines: list[tuple[LogLevel, str]]) -> None:
    with LogWriter(path, lambda: None) as log:
        for level, message in lines:
            log.write(level, message)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return log_path(tmp_path, "01run", 1)


def searched(path: Path, wanted: LogSearch, page: LogPage = LogPage(), *, ended: bool = True) -> LogMatches:
    return LogSearches().find(path, wanted, ended=ended).page(1, page, page.limit)


def found(path: Path, level: LogLevel = LogLevel.DEBUG, text: str = "", *, ended: bool = True) -> list[int]:
    return [number for number, _ in searched(path, LogSearch(level, text), ended=ended).lines]


def test_a_level_means_that_level_and_those_above(path: Path) -> None:
    write(path, [(level, f"{level} {turn}") for turn in range(2) for level in LEVELS])
    assert found(path, LogLevel.ERROR) == [3, 7]
    assert found(path, LogLevel.WARNING) == [2, 3, 6, 7]
    assert found(path, LogLevel.INFO) == [1, 2, 3, 5, 6, 7]


def test_a_text_is_looked_for_in_messages_only_and_in_any_case(path: Path) -> None:
    write(path, [(LogLevel.INFO, "nothing here"), (LogLevel.DEBUG, "An INFO of 2026"), (LogLevel.ERROR, "späte Züge")])
    assert found(path, text="info") == [1]
    assert found(path, text="2026") == [1]
    assert found(path, text="SPä") == [2]
    assert found(path, LogLevel.WARNING, "an info") == []
    assert found(path, LogLevel.ERROR, "ZÜGE") == []
    assert found(path, LogLevel.ERROR, "Züge") == [2]


def test_a_text_over_a_line_break_is_found(path: Path) -> None:
    write(path, [(LogLevel.INFO, "one\ntwo"), (LogLevel.INFO, r"one\ntwo")])
    assert found(path, text="one\ntwo") == [0]
    assert found(path, text=r"one\n") == [1]


def test_what_native_code_wrote_is_found_as_an_error(path: Path) -> None:
    """P6-21."""
    with LogWriter(path, lambda: None) as log:
        log.info("before")
        os.write(log.fileno(), b"Segmentation fault\n")
        log.info("after")
    assert found(path, LogLevel.ERROR) == [1]
    assert found(path, text="segment") == [1]


def test_a_log_that_grows_is_searched_on_and_its_unfinished_line_is_left(path: Path) -> None:
    searches = LogSearches()
    wanted = LogSearch(text="row")
    with LogWriter(path, lambda: None) as log:
        log.info("row 0")
        os.write(log.fileno(), b"a row with")
        assert searches.find(path, wanted, ended=False).page(1, LogPage(), 10).found == 1
        os.write(log.fileno(), b"out end\n")
        log.info("row 2")
    first = searches.find(path, wanted, ended=False).page(1, LogPage(), 10)
    assert [number for number, _ in first.lines] == [0, 1, 2]
    assert not first.complete
    assert searches.find(path, wanted, ended=True).page(1, LogPage(), 10).complete


def test_matches_are_paged_by_line_and_by_their_own_number(path: Path) -> None:
    write(path, [(LogLevel.ERROR if number % 10 == 3 else LogLevel.INFO, f"line {number}") for number in range(100)])
    wanted = LogSearch(LogLevel.ERROR)
    page = searched(path, wanted, LogPage(after=4, limit=2))
    assert ([number for number, _ in page.lines], page.first, page.found, page.next, page.complete) == ([13, 23], 1, 10, 33, False)
    page = searched(path, wanted, LogPage(skip=8, limit=5))
    assert ([number for number, _ in page.lines], page.first, page.next, page.complete) == ([83, 93], 8, 100, True)
    assert searched(path, wanted, LogPage(after=94)).lines == ()


def test_a_pass_ends_in_time_and_the_next_one_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search never holds its caller: it says that it is not done."""
    monkeypatch.setattr(log_search, "_BLOCK", 200)
    monkeypatch.setattr(log_search, "PASS_SECONDS", -1)
    write(path, [(LogLevel.INFO, f"line {number}") for number in range(50)])
    monkeypatch.setattr(log_search.time, "monotonic", iter(range(10_000)).__next__)
    searching = LogSearches().find(path, LogSearch(text="line 4"), ended=True)
    passes = 0
    while searching.page(1, LogPage(), 100).scanning:
        passes += 1
        monkeypatch.setattr(log_search, "PASS_SECONDS", 3)
        assert passes < 50
    assert passes > 3
    assert [number for number, _ in searching.page(1, LogPage(), 100).lines] == [4, *range(40, 50)]


def test_only_the_last_searches_are_kept() -> None:
    searches = LogSearches()
    for number in range(50):
        searches.find(Path("x"), LogSearch(text=str(number)), ended=False)
    assert len(searches._kept) == log_search._KEPT


def test_no_log_yet_has_no_matches(path: Path) -> None:
    assert searched(path, LogSearch(text="x"), ended=False) == LogMatches(1, (), 0, 0, 0, 0, scanning=False, complete=False)


@given(
    lines=st.lists(st.tuples(st.sampled_from(LEVELS), st.text(alphabet="ab\n\\\t x", max_size=12)), max_size=40),
    level=st.sampled_from(LEVELS),
    text=st.text(alphabet="ab\n\\ ", max_size=3),
    block=st.integers(60, 400),
)
def test_what_is_found_is_what_a_look_at_each_line_finds(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[LogLevel, str]], level: LogLevel, text: str, block: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "1.log"
    write(path, lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_search, "_BLOCK", block)
        one = Found(path, LogSearch(level, text))
        one.ended = True
        page = one.page(1, LogPage(), 1000)
    expected = [number for number, (each, message) in enumerate(lines) if LEVELS.index(each) >= LEVELS.index(level) and text.lower() in message.lower()]
    assert [number for number, _ in page.lines] == expected
    assert [line.message for _, line in page.lines] == [lines[number][1] for number in expected]
    assert LogReader(path, 1, ended=True).length() == len(lines)


@pytest.mark.parametrize("length", [0, 1, 999, 1_000, 1_001, 12_345])
def test_the_lines_of_a_log_are_counted(path: Path, length: int) -> None:
    path.parent.mkdir()
    path.write_bytes(b"x\n" * length + b"unfinished")
    assert LogReader(path, 1, ended=False).length() == length
    assert LogReader(path, 1, ended=True).length() == length + 1
