"""What the dead leave is removed, and nothing of the living."""

from __future__ import annotations

import os
from pathlib import Path

from rat_engine.worker.leftovers import ABANDONED_SECONDS, clear_leftovers, remove_data_files
from tests.worker.installation import Installation


def _make(path: Path, age: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    if age:
        for changed in (path, path.parent):
            os.utime(changed, (changed.stat().st_atime, changed.stat().st_mtime - age))
    return path


def test_at_the_start_nothing_is_left_of_children_and_of_what_nobody_touched_for_an_hour(here: Installation) -> None:
    """P2-13: of spilled rows, workbooks and files that were landing."""
    scratch, landing = here.settings.scratch, here.settings.landing
    old = ABANDONED_SECONDS + 60
    gone = [
        _make(scratch / "child-7" / "duckdb-a" / "spill"),
        _make(scratch / "duckdb-b" / "spill"),
        _make(scratch / "xlsx-a" / "sheet", age=old),
        _make(landing / "a.csv.part", age=old),
    ]
    stays = [_make(scratch / "xlsx-b" / "sheet"), _make(landing / "b.csv.part"), _make(landing / "c.csv", age=old), _make(scratch / "states" / "s")]
    clear_leftovers(here.settings)
    assert [path.exists() for path in (*gone, *stays)] == [False] * len(gone) + [True] * len(stays)


def test_the_data_files_of_one_attempt_go_and_those_of_others_stay(tmp_path: Path) -> None:
    """P2-13: where it was the first attempt, nothing of the table's folder stays."""
    gone = [_make(tmp_path / table / "data" / "run-a-1" / "1.parquet") for table in ("first", "known")]
    stays = [_make(tmp_path / "known" / "data" / "run-a-2" / "1.parquet"), _make(tmp_path / "other" / "data" / "run-a-11" / "1.parquet")]
    remove_data_files(tmp_path, "run-a-1")
    assert [path.exists() for path in (*gone, *stays)] == [False, False, True, True]
    assert not (tmp_path / "first").exists()
