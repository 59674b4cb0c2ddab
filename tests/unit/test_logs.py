"""Attempt logs: what is written is read back, once, whoever writes and reads at the same time."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.domain.log import LogChunk, LogLevel
from rat_engine.observe.logs import MAX_LINE_BYTES, LogReader, LogWriter, log_path


def _silent() -> None:
    """Nobody listens."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return log_path(tmp_path, "01run", 1)


def _read(path: Path, after: int = 0, limit: int = 1000, *, ended: bool = False) -> LogChunk:
    return LogReader(path, 1, ended=ended).read(after, limit)


def _messages(path: Path, after: int = 0, limit: int = 1000, *, ended: bool = False) -> list[str]:
    return [line.message for line in _read(path, after, limit, ended=ended).lines]


def test_a_line_comes_back_with_its_time_level_and_message(path: Path) -> None:
    with LogWriter(path, _silent) as log:
        log.debug("looks")
        log.info("reads 3 files")
        log.warning("odd")
        log.error("bad")
    chunk = _read(path, ended=True)
    assert [(line.level, line.message) for line in chunk.lines] == [
        (LogLevel.DEBUG, "looks"),
        (LogLevel.INFO, "reads 3 files"),
        (LogLevel.WARNING, "odd"),
        (LogLevel.ERROR, "bad"),
    ]
    assert all(line.at is not None and line.at.tzinfo is not None for line in chunk.lines)
    assert (chunk.start, chunk.next, chunk.complete) == (0, 4, True)


@given(message=st.text(max_size=300))
def test_any_message_is_one_line_and_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, message: str) -> None:
    path = tmp_path_factory.mktemp("log") / "1.log"
    with LogWriter(path, _silent) as log:
        log.info(message)
    expected = message.encode("utf-8", "replace").decode("utf-8", "replace")
    assert path.read_bytes().count(b"\n") == 1
    assert _messages(path, ended=True) == [expected]


def test_no_log_yet_is_an_empty_chunk(path: Path) -> None:
    assert _read(path, after=7) == LogChunk(1, 7, (), 7, complete=False)
    assert _read(path, ended=True).complete


def test_a_half_written_line_is_kept_back_until_it_ends_or_the_attempt_does(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"whole\nhal")
    assert _messages(path) == ["whole"]
    assert _messages(path, ended=True) == ["whole", "hal"]
    with path.open("ab") as file:
        file.write(b"f\n")
    assert _messages(path, after=1) == ["half"]


def test_lines_of_native_code_are_errors_and_never_merge_with_ours(path: Path) -> None:
    """P6-21: what cannot be parsed is shown, as an error, in its place."""
    with LogWriter(path, _silent) as log:
        log.info("before")
        os.write(log.fileno(), b"terminate called after throwing")
        log.info("after")
        os.write(log.fileno(), b"2026-01-01 half like ours\tINFO\tno\n\xff\xfe bytes\n")
    lines = _read(path, ended=True).lines
    assert [line.message for line in lines] == ["before", "terminate called after throwing", "after", "2026-01-01 half like ours\tINFO\tno", "�� bytes"]
    assert [line.level for line in lines] == ["info", "error", "info", "error", "error"]
    assert lines[1].at is None
    assert LogReader(path, 1, ended=True).native_tail(2) == ("2026-01-01 half like ours\tINFO\tno", "�� bytes")


def test_a_very_long_line_is_cut_with_a_note(path: Path) -> None:
    with LogWriter(path, _silent) as log:
        log.info("\n" * 20_000)
        os.write(log.fileno(), b"y" * 5_000_000 + b"\nshort\n")
    first, second, third = _messages(path, ended=True)
    assert set(first.split(" …")[0]) == {"\n"}
    assert first.endswith("more bytes left out")
    assert second.startswith("y" * MAX_LINE_BYTES)
    assert second.endswith(f"{5_000_000 - MAX_LINE_BYTES:,} more bytes left out")
    assert third == "short"


def test_a_million_lines_are_read_anywhere_by_number_and_the_index_may_vanish_or_lie(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"".join(b"2026-01-01T00:00:00.000Z\tINFO\t%d\n" % number for number in range(1_000_000)))
    for after in (0, 999, 1_000, 1_001, 654_321, 999_990):
        chunk = _read(path, after, 20, ended=True)
        assert [line.message for line in chunk.lines] == [str(number) for number in range(after, min(after + 20, 1_000_000))]
        assert chunk.complete == (after == 999_990)
    index = path.with_suffix(".idx")
    assert index.stat().st_size == 8 * 1_000
    index.unlink()
    assert _messages(path, 500_500, 1) == ["500500"]
    index.write_bytes(b"\x01" * 80)
    assert _messages(path, 700_700, 1) == ["700700"]
    assert _messages(path, 2_000_000, 5) == []


def test_reading_far_into_a_long_log_touches_only_a_small_part_of_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"2026-01-01T00:00:00.000Z\tINFO\tsome words of a usual length\n" * 300_000)
    _read(path, 299_000, 1)
    touched: list[int] = []
    real = os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        block = real(descriptor, size, offset)
        touched.append(len(block))
        return block

    monkeypatch.setattr(os, "pread", counted)
    assert len(_messages(path, 250_500, 100)) == 100
    assert sum(touched) < 300_000


def test_readers_are_woken_for_each_burst_and_at_the_end_but_not_for_each_line(path: Path) -> None:
    """P3-18: a log is followed by wake-ups, not by sleeping and looking."""
    woken: list[int] = []
    first = threading.Event()

    def wake() -> None:
        woken.append(len(_messages(path, limit=10_000)))
        first.set()

    with LogWriter(path, wake) as log:
        log.info("0")
        assert first.wait(30)
        for number in range(1, 5_000):
            log.info(str(number))
    assert woken[-1] == 5_000
    assert len(woken) < 2_500


def test_a_hundred_thousand_lines_are_followed_while_they_are_written_none_lost_none_doubled(path: Path) -> None:
    total, seen, wakes = 100_000, list[str](), threading.Semaphore(0)
    ended = threading.Event()

    def write() -> None:
        with LogWriter(path, wakes.release) as log:
            for number in range(total):
                log.info(str(number))
            ended.set()

    def follow() -> None:
        after, complete = 0, False
        while not complete:
            over = ended.is_set()
            chunk = _read(path, after, 3_000, ended=over)
            seen.extend(line.message for line in chunk.lines)
            after, complete = chunk.next, chunk.complete
            if not chunk.lines and not complete:
                wakes.acquire(timeout=1)

    writer, reader = threading.Thread(target=write), threading.Thread(target=follow)
    writer.start()
    reader.start()
    writer.join(120)
    reader.join(120)
    assert seen == [str(number) for number in range(total)]


def test_several_readers_build_the_index_at_once_and_agree(path: Path) -> None:
    """P6-17: what readers share is a function of the log alone."""
    path.parent.mkdir()
    path.write_bytes(b"".join(b"%d\n" % number for number in range(200_000)))
    found: list[list[str]] = []

    def read() -> None:
        found.append(_messages(path, 150_000, 3))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["150000", "150001", "150002"]] * 8
