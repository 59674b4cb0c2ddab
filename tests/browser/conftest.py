"""A real Chromium on a real `rat up`. Whatever the console or the network complains about fails the test that caused it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from rat_engine import Settings
from rat_engine.shapes.actions import ACTIONS
from rat_engine.shapes.actions.twin import PREFIX
from tests import chromium
from tests.browser.site import Site, build_front_end, running
from tests.browser.working_screens import Api

TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")


@dataclass
class Noise:
    """What the browser complained about, and what a test expects it to complain about."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    fetched: set[tuple[str, str]] = field(default_factory=set)

    def expect(self, pattern: str) -> None:
        """Do not fail for complaints in which ``pattern`` is found."""
        self.expected.append(pattern)

    def fetch(self, method: str, url: str) -> None:
        """Remember what a page asked the REST API for."""
        path = urlsplit(url).path
        if path.startswith(PREFIX):
            self.fetched.add((method, path))

    def unknown(self) -> list[tuple[str, str]]:
        """What pages asked for that is no action of the registry, and so has no twin on the command line."""
        known = [(twin.method, re.compile(PREFIX + re.sub(r"\{\w+\}", "[^/]+", twin.path))) for twin in ACTIONS.values()]
        return [(method, path) for method, path in sorted(self.fetched) if not any(method == each and pattern.fullmatch(path) for each, pattern in known)]

    def unexpected(self) -> list[str]:
        """The complaints that nobody expected."""
        return [text for text in self.heard if not any(re.search(pattern, text) for pattern in self.expected)]


@pytest.fixture(scope="session")
def front_end() -> None:
    """The front end, built from the present sources."""
    build_front_end()


@pytest.fixture(scope="session")
def site(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The RAT that most tests share."""
    with running(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture
def fresh_site(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A RAT of the test's own, with nothing in it."""
    with running(tmp_path_factory.mktemp("fresh")) as started:
        yield started


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """The browser that a module's tests share. Not the whole session's: while Playwright is open, no asynchronous test can run."""
    with sync_playwright() as playwright, chromium.launch(playwright) as opened:
        yield opened


@pytest.fixture
def noise() -> Iterator[Noise]:
    """Every complaint of the test's pages; the test fails for those it did not expect, and when a page fetched what is no action."""
    heard = Noise()
    yield heard
    assert not heard.unexpected()
    assert not heard.unknown()


@pytest.fixture
def new_context(chrome: Browser, noise: Noise) -> Iterator[Callable[..., BrowserContext]]:
    """Opens browser contexts (a person each) whose complaints are heard. Takes the site and Playwright's options."""
    opened: list[BrowserContext] = []

    def open_context(at: Site, **options: object) -> BrowserContext:
        context = chrome.new_context(**({"base_url": at.base, "viewport": {"width": 1440, "height": 900}} | options))  # pyright: ignore[reportArgumentType]
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", lambda message: noise.heard.append(f"console: {message.text}") if message.type == "error" else None)
        context.on("weberror", lambda error: noise.heard.append(f"error: {error.error}"))
        context.on("requestfailed", lambda request: noise.heard.append(f"request: {request.url} {request.failure}") if _failed(request.failure) else None)
        context.on("request", lambda request: noise.fetch(request.method, request.url) if request.resource_type in ("fetch", "xhr") else None)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


def _failed(failure: str | None) -> bool:
    """Leaving a page ends its requests; that is no failure."""
    return "ERR_ABORTED" not in (failure or "")


@pytest.fixture
def page(site: Site, new_context: Callable[..., BrowserContext]) -> Page:
    """A page on the shared site."""
    return new_context(site).new_page()


@pytest.fixture
def api(page: Page, site: Site) -> Api:
    """The shared site's REST API, as ``page``'s own origin."""
    return Api(page, site.base)


@pytest.fixture
def settings(site: Site) -> Settings:
    """The shared site's settings."""
    return site.settings
