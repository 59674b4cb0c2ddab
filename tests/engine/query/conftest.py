"""One lake for all tests of a module: none of them can change it, which is what they show."""

from __future__ import annotations

import pytest

from tests.engine.query.lake import Lake, make_lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return make_lake(tmp_path_factory.mktemp("lake"))
