"""Whether requests can be served, told truly."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rat_engine import LOCAL_USER, Check, Engine, Settings
from rat_engine.worker.lock import ENGINE_LOCK, engine_lock


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine.open(Settings(data=tmp_path / "data")) as opened:
        yield opened


def engine_check(checks: tuple[Check, ...]) -> Check:
    return next(check for check in checks if check.name == "engine")


def test_without_an_engine_nothing_can_be_served_yet_nothing_is_wrong_with_the_installation(engine: Engine) -> None:
    ready = engine.health.ready(LOCAL_USER)
    assert not ready.ok
    assert "rat up" in engine_check(ready.checks).detail
    assert engine_check(engine.health.doctor(LOCAL_USER)).status == "warn"


def test_an_engine_that_was_stopped_or_is_stuck_is_not_ok(engine: Engine) -> None:
    """P10-76: it still exists and still holds its lock."""
    lock = engine.settings.data / ENGINE_LOCK
    lock.touch()
    os.utime(lock, (0, 0))
    with engine_lock(engine.settings.data):
        assert engine_check(engine.health.ready(LOCAL_USER).checks).status == "ok"
        long_ago = time.time() - 60
        os.utime(lock, (long_ago, long_ago))
        check = engine_check(engine.health.ready(LOCAL_USER).checks)
        assert (check.status, "60 s" in check.detail) == ("fail", True)
        assert engine_check(engine.health.doctor(LOCAL_USER)).status == "fail"
