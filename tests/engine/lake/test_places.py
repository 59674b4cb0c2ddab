"""A data folder that is not where its tables say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rat_engine import Engine, Settings
from rat_engine.errors import DataFolderMovedError
from tests.engine.lake.laboratory import laboratory


def test_a_copied_or_moved_data_folder_is_refused_with_one_line(tmp_path: Path) -> None:
    """A copy would work on the files of the original, and in the end delete them."""
    home, copy, link, away = (Settings(data=tmp_path / name) for name in ("home", "copy", "link", "away"))
    with laboratory(home) as lab:
        table = lab.pipeline("shop.bronze.orders", "SELECT 1 AS id")
        lab.run(table)
    shutil.copytree(home.data, copy.data)
    with pytest.raises(DataFolderMovedError, match=f"{copy.data} is a copy of {home.data}, .* Work there: --data {home.data}"), Engine.open(copy):
        pass
    link.data.symlink_to(home.data)
    with laboratory(link) as lab:
        lab.run(table)
        assert lab.rows(table) == [(1,)]
    home.data.rename(away.data)
    with pytest.raises(DataFolderMovedError, match=f"{away.data} was moved here from {home.data}, .* Move it back"), Engine.open(away):
        pass


def test_a_data_folder_without_tables_may_be_moved(tmp_path: Path) -> None:
    with Engine.open(Settings(data=tmp_path / "home")):
        pass
    (tmp_path / "home").rename(tmp_path / "away")
    with Engine.open(Settings(data=tmp_path / "away")):
        pass
