"""A data folder for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.behaviours.command import Rat


@pytest.fixture
def rat(tmp_path: Path) -> Rat:
    return Rat(tmp_path / "data", {})
