"""What the tests of the Code, Run and Query pages share: making pipelines by REST, typing into the editor, reading what is drawn."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

AXE_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
ENDLESS = "select count(*) as n from range(1000000) a, range(1000000) b, range(1000) c"

SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")

_numbers = itertools.count(1)


class Api:
    """The REST API of the site that ``page`` looks at, as the browser's own origin."""

    def __init__(self, page: Page, base: str) -> None:
        self._request = page.request
        self._base = base

    def get(self, path: str) -> Any:
        """The JSON at ``path``."""
        answer = self._request.get(f"{self._base}/api/v1{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send ``body``; the JSON that comes back."""
        answer = self._request.post(f"{self._base}/api/v1{path}", data=body or {}, headers={"origin": self._base})
        assert answer.ok, answer.text()
        return answer.json()

    def put(self, path: str, body: dict[str, Any]) -> None:
        """Replace what is at ``path``."""
        answer = self._request.put(f"{self._base}/api/v1{path}", data=body, headers={"origin": self._base})
        assert answer.ok, answer.text()

    def pipeline(self, source: str = "", **tests: str) -> str:
        """A new released pipeline in namespace ``shop`` with quality tests; without ``source`` an unreleased one with the starting template. Its address."""
        name = f"orders_{next(_numbers)}"
        files = {"pipeline.sql": source, **{f"tests/quality/{test}.sql": text for test, text in tests.items()}}
        self.post("/pipelines", {"namespace": "shop", "layer": "silver", "name": name, **({"files": files} if source else {})})
        if source:
            self.post(f"/pipelines/shop/silver/{name}/publish", {"message": ""})
        return f"/pipelines/shop/silver/{name}"

    def run(self, address: str) -> str:
        """Ask for a run of the pipeline at ``address``; its id."""
        _, _, namespace, layer, name = address.split("/")
        return str(self.post("/runs", {"namespace": namespace, "layer": layer, "pipeline": name})["run_id"])

    def succeed(self, address: str) -> str:
        """Run the pipeline at ``address`` and wait until it has published; the run's id."""
        run_id, deadline = self.run(address), time.monotonic() + 60
        while (run := self.get(f"/runs/{run_id}"))["status"] != "success":
            assert run["status"] in ("pending", "running"), run
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return run_id


def open_editor(page: Page, address: str) -> Locator:
    """Go to a page with an editor and wait until CodeMirror has taken over; the text that can be typed into."""
    page.goto(f"{address}/code" if address.startswith("/pipelines/") else address)
    expect(page.locator('.code-editor[data-ready="true"]')).to_be_visible()
    text = page.locator(".cm-content")
    expect(text).not_to_have_text("") if "/pipelines/" in address or "sql=" in address else None
    return text


def write(page: Page, text: str) -> None:
    """Replace everything in the editor."""
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def text_of(page: Page) -> str:
    """What the editor shows."""
    return "\n".join(page.locator(".cm-line").all_inner_texts())


def looks(page: Page) -> Iterator[str]:
    """Both themes on a desk and on a phone, one after the other, each named; without motion, so that nothing is measured on its way."""
    for scheme in SCHEMES:
        for width in (1440, 400):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            if page.url != "about:blank":
                expect(page.locator("html")).to_have_class(re.compile(scheme))
            page.evaluate("() => Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
            yield f"{scheme} {width}"


def accessible_everywhere(page: Page, state: str, without: tuple[str, ...] = ()) -> None:
    """``accessible`` in every look, of what is open and stays open; then the page looks as before."""
    size = page.viewport_size
    for look in looks(page):
        accessible(page, f"{state}, {look}", without)
    page.emulate_media(color_scheme=None, reduced_motion=None)
    if size:
        page.set_viewport_size(size)


def accessible(page: Page, state: str, without: tuple[str, ...] = ()) -> None:
    """Refuse any violation that axe-core finds, of every rule but those named by ``without``; content that is being replaced is pale on purpose."""
    expect(page.locator(".panel-busy")).to_have_count(0)
    found = [rule for rule in Axe().run(page, options=AXE_RULES).response["violations"] if rule["id"] not in without]
    assert not found, "; ".join([state, *map(_told, found)])


def _told(rule: Any) -> str:
    return f"{rule['id']} {[(node['html'][:120], node['failureSummary'][:200]) for node in rule['nodes']][:3]}"
