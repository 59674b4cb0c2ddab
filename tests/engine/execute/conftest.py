"""A laboratory per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rat_engine import Settings
from tests.engine.lake.laboratory import Laboratory, laboratory


@pytest.fixture
def lab(settings: Settings) -> Iterator[Laboratory]:
    with laboratory(settings) as opened:
        yield opened
