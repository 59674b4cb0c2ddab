"""Results do not pile up."""

from __future__ import annotations

import os
from pathlib import Path

from rat_engine.observe.results import ResultShelf, result_path

NOW = 1_800_000_000.0
DAY = 86_400.0


def put(folder: Path, name: str, *, age: float, size: int = 10) -> None:
    path = result_path(folder, name)
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - age, NOW - age))


def left(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.iterdir())


def test_results_go_when_they_are_old(tmp_path: Path) -> None:
    put(tmp_path, "old", age=7 * DAY + 1)
    put(tmp_path, "young", age=7 * DAY - 1)
    assert ResultShelf(tmp_path, days=7, most=10, megabytes=1).tidy(NOW) == 1
    assert left(tmp_path) == ["young"]


def test_of_too_many_the_oldest_go(tmp_path: Path) -> None:
    for number in range(15):
        put(tmp_path, f"r{number:02}", age=100.0 + number)
    ResultShelf(tmp_path, days=7, most=10, megabytes=1).tidy(NOW)
    assert left(tmp_path) == [f"r{number:02}" for number in range(10)]


def test_of_too_large_ones_the_oldest_go_but_never_what_may_still_be_written(tmp_path: Path) -> None:
    put(tmp_path, "a", age=300, size=400_000)
    put(tmp_path, "b", age=200, size=800_000)
    put(tmp_path, "c", age=1, size=3_000_000)
    ResultShelf(tmp_path, days=7, most=10, megabytes=1).tidy(NOW)
    assert left(tmp_path) == ["c"]


def test_the_folder_is_looked_at_once_a_minute_and_other_files_are_left_alone(tmp_path: Path) -> None:
    shelf = ResultShelf(tmp_path, days=7, most=10, megabytes=1)
    (tmp_path / "notes.txt").write_text("mine")
    os.utime(tmp_path / "notes.txt", (0, 0))
    assert shelf.tidy(NOW) == 0
    put(tmp_path, "old", age=30 * DAY)
    assert shelf.tidy(NOW + 59) == 0
    assert shelf.tidy(NOW + 60) == 1
    assert left(tmp_path) == ["notes"]
