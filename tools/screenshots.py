"""Pictures of every page with the demo in it: both themes, on a desk and on a phone, into ``build/screenshots``, with a contact sheet of each look.

``make screenshots`` starts a RAT of its own in a temporary folder and waits until the demo's runs have ended.
"""

from __future__ import annotations

import base64
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import chromium
from tests.browser.site import running
from tests.browser.working_screens import looks

FOLDER = Path(__file__).resolve().parent.parent / "build" / "screenshots"
DEMO_SECONDS = 300
TABLE = "flights/silver/flights"
SQL = "SELECT carrier, count(*) AS flights, round(avg(dep_delay), 1) AS delay FROM silver.flights GROUP BY carrier ORDER BY flights DESC"
SHEET = "<style>body{margin:8px;background:#777;display:flex;flex-wrap:wrap;gap:8px;font:12px sans-serif}figure{margin:0;width:%dpx}img{width:100%%}</style>"


def main() -> int:
    """Write them. Returns the exit status."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site, sync_playwright() as playwright, chromium.launch(playwright) as browser:
        pages = _pages(_load_demo(site.base))
        page = browser.new_page(base_url=site.base)
        for number, (name, path) in enumerate(pages.items(), 1):
            print(f"{number}/{len(pages)} {path}", flush=True)
            _take(page, name, path)
        _sheets(browser)
    print(f"Written into {FOLDER}")
    return 0


def _load_demo(base: str) -> Mapping[str, str]:
    """Load the demo and wait until its runs have ended; the newest run of each status."""
    with httpx.Client(base_url=f"{base}/api/v1", timeout=60) as client:
        client.post("/demo").raise_for_status()
        deadline = time.monotonic() + DEMO_SECONDS
        while time.monotonic() < deadline:
            runs = client.get("/runs", params={"limit": 100}).json()["runs"]
            if all(run["finished_at"] for run in runs):
                return {run["status"]: run["id"] for run in runs}
            time.sleep(1)
    raise SystemExit("The demo's runs did not end in time.")


def _pages(runs: Mapping[str, str]) -> Mapping[str, str]:
    """The address of every page, by the name of its picture."""
    pipeline, table = f"/pipelines/{TABLE}", f"/explorer/{TABLE}"
    return {
        "home": "/",
        "pipelines": "/pipelines",
        "pipelines-none": "/pipelines?search=nothing-like-it",
        "pipelines-new": "/pipelines?new=1",
        "pipelines-deleted": "/pipelines/deleted",
        **{f"pipeline-{tab}": f"{pipeline}/{tab}" for tab in ("code", "quality", "runs", "versions", "settings")},
        "pipeline": pipeline,
        "runs": "/runs",
        "run": f"/runs/{runs['success']}",
        "run-plan": f"/runs/{runs['success']}?tab=plan",
        "run-failed": f"/runs/{runs['failed']}",
        "run-none": "/runs/01aaaaaaaaaaaaaaaaaaaaaaaa",
        "query": f"/query?{httpx.QueryParams(sql=SQL, namespace='flights')}",
        "explorer": "/explorer",
        "table": table,
        **{f"table-{tab}": f"{table}/{tab}" for tab in ("columns", "snapshots", "files", "lineage", "quality", "docs")},
        "lineage": "/lineage",
        **{f"settings-{tab}": f"/settings?tab={tab}" for tab in ("appearance", "namespaces", "engine", "api", "about")},
        "style": "/settings/style",
        "not-found": "/no/such/page",
    }


def _take(page: Page, name: str, path: str) -> None:
    page.goto(path)
    page.wait_for_selector(".health .dot-ok", state="attached")
    for look in looks(page):
        expect(page.locator(".skeleton:not(.sample *)")).to_have_count(0)
        page.wait_for_timeout(700)
        page.screenshot(path=FOLDER / f"{look.replace(' ', '-')}-{name}.png", full_page=True)


def _sheets(browser: Browser) -> None:
    for look, width, across in (("dark-1440", 640, 4), ("light-1440", 640, 4), ("dark-400", 250, 10), ("light-400", 250, 10)):
        page = browser.new_page(viewport={"width": (width + 8) * across + 16, "height": 800})
        page.set_content(SHEET % width + "".join(_figures(look)))
        page.screenshot(path=FOLDER / f"sheet-{look}.png", full_page=True)
        page.close()


def _figures(look: str) -> Iterator[str]:
    for picture in sorted(FOLDER.glob(f"{look}-*.png")):
        name = re.sub(f"^{look}-", "", picture.stem)
        yield f"<figure><figcaption>{name}</figcaption><img src='data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}'></figure>"


if __name__ == "__main__":
    sys.exit(main())
