"""The portal without a browser: the engine in a temporary folder, the real app, tabs that send events."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

# Before Reflex is imported: components must not link their scripts into the checkout.
os.environ.setdefault("REFLEX_BACKEND_ONLY", "true")

from rat_app.engine import Portal, following, opened
from rat_app.rat_app import app
from rat_engine import Settings
from tests.app.tab import Browser, Tab, browsing


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """The process's portal over a fresh data folder."""
    with opened(Settings.load(data=tmp_path / "data")) as opened_portal:
        yield opened_portal


@pytest_asyncio.fixture
async def browser(portal: Portal) -> AsyncIterator[Browser]:
    """A browser on the portal, with the engine's events handed out."""
    async with following(), browsing(app) as opened_browser:
        yield opened_browser


@pytest_asyncio.fixture
async def tab(browser: Browser) -> Tab:
    """A tab at Home."""
    return await browser.open()
