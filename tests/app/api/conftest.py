"""The real API over a real engine in a temporary folder; nothing carries out runs unless a test starts it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rat_app.api.app import build_api
from rat_app.engine import following, opened
from rat_engine import Engine, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", landing_limit_mb=2)


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    with opened(settings) as portal:
        async with following():
            yield portal.engine


@pytest.fixture
async def client(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_api())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000/api/v1", timeout=60) as opened_client:
        yield opened_client
