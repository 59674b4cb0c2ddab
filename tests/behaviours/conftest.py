"""A data folder for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.behaviours.command import TREE, Ran, Rat, write_tree


@pytest.fixture
def rat(tmp_path: Path) -> Rat:
    return Rat(tmp_path / "data", {})


@pytest.fixture
def shop(rat: Rat, tmp_path: Path) -> Rat:
    """Released pipelines that never ran."""
    done = rat("apply", write_tree(tmp_path / "tree", TREE))
    assert done.status == 0, done.err
    return rat


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One pipeline published, one refused by its gate."""
    folder = tmp_path_factory.mktemp("history")
    rat = Rat(folder / "data", {})
    assert rat("apply", write_tree(folder / "tree", TREE)).status == 0
    return Ran(rat, rat("run", "shop.bronze.orders"), rat("run", "shop.gold.refused"))
