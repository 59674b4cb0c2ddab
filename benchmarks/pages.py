"""What a person waits for in the browser: pages, rows, log lines, other users. ``make bench`` writes it to ``docs/performance.md``."""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Response, sync_playwright

from benchmarks.logs import log_lines
from benchmarks.report import Figure, high, report, spread, store
from benchmarks.server import Server, running
from benchmarks.users import users
from tests.browser.working_screens import ENDLESS
from tests.chromium import launch

ROUNDS = 5
TABLE = "/flights/gold/delay_by_carrier_and_hour"
# Address → what is there once the page shows its data. RUN stands for a run's id.
PAGES = {
    "/": ".table tbody tr",
    "/pipelines": ".table tbody tr",
    f"/pipelines{TABLE}": ".facts",
    f"/pipelines{TABLE}/code": '.code-editor[data-ready="true"]',
    f"/pipelines{TABLE}/quality": ".tests, .empty",
    f"/pipelines{TABLE}/runs": ".table tbody tr",
    f"/pipelines{TABLE}/versions": "li, .table tbody tr",
    f"/pipelines{TABLE}/settings": "form",
    "/runs": ".table tbody tr",
    "/runs/RUN": ".run-status .status-success",
    "/query": '.code-editor[data-ready="true"]',
    "/explorer": ".table tbody tr",
    f"/explorer{TABLE}": ".result-grid",
    "/lineage": ".react-flow__node",
    "/settings": "form, fieldset",
}
CHANGES = {"Pipelines": "/pipelines", "Runs": "/runs", "Explorer": "/explorer", "Home": "/"}
NUMBERS = {"namespace": "bench", "layer": "bronze", "name": "numbers"}
SOURCE = "select i as id, i % 1000 as part, 'row ' || i as words from range(10000000) t(i)\n"
# Settles with the page's clock (milliseconds) when something matches and no skeleton is seen any more.
SEEN = """selector => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`${location.pathname} does not show ${selector} within 30 s`)), 30000);
  const waits = () => [...document.querySelectorAll('main .skeleton')].some(each => each.checkVisibility());
  const look = () => document.querySelector(selector.split(', ').map(each => `main ${each}`).join(', ')) && !waits();
  if (look()) return resolve(performance.now());
  const watch = new MutationObserver(() => { if (look()) { watch.disconnect(); requestAnimationFrame(() => resolve(performance.now())); } });
  watch.observe(document, { childList: true, subtree: true, attributes: true });
})"""
# Remembers when a key or button was last pressed, and settles when the first window of rows that was fetched later is on the screen.
PRESSED = "for (const kind of ['keydown', 'click']) addEventListener(kind, event => { window.pressed = event.timeStamp; }, true);"
ROWS = """count => new Promise(resolve => {
  const began = window.pressed;
  const fetched = new Promise(done => new PerformanceObserver((list, watch) => {
    const rows = list.getEntries().find(entry => /queries\\/[^/]+\\/rows/.test(entry.name) && entry.startTime >= began && entry.responseStatus === 200);
    if (rows) { watch.disconnect(); done(); }
  }).observe({ type: 'resource', buffered: true }));
  const drawn = new Promise(done => {
    const look = () => { if (document.querySelector(`.result-grid[data-rows="${count}"]`)) { watch.disconnect(); done(); } };
    const watch = new MutationObserver(look);
    watch.observe(document, { childList: true, subtree: true, attributes: true });
    look();
  });
  Promise.all([fetched, drawn]).then(() => requestAnimationFrame(() => resolve(performance.now() - began)));
})"""


def main() -> int:
    """Measure everything and write it to the page. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="print the figures, leave the page as it is")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rat-bench-") as name, running(Path(name) / "data") as server:
        server.wait_until_ready()
        run_id = prepare(server)
        with sync_playwright() as playwright, launch(playwright) as browser:
            figures = list(measured(browser, server, run_id, options.rounds))
        figures += users(server.address)
    text = report(figures, f"{options.rounds} of each after one to warm up, median (fastest to slowest)")
    print(text)
    if not options.dry_run:
        store("pages", text)
    return 0


def prepare(server: Server) -> str:
    """The demo, and a table of ten million rows. The id of a run of the demo."""
    server.send("POST", "/demo")
    server.send(
        "POST", "/pipelines", {**NUMBERS, "files": {"pipeline.sql": "select i as id, i % 1000 as part, 'row ' || i as words from range(10000000) t(i)\n"}}
    )
    server.send("POST", "/pipelines/bench/bronze/numbers/publish", {})
    server.send("POST", "/runs", {"namespace": "bench", "layer": "bronze", "pipeline": "numbers"})
    while server.get("/runs?status=pending&limit=1")["total"] or server.get("/runs?status=running&limit=1")["total"]:
        time.sleep(0.5)
    _, namespace, layer, name = TABLE.split("/")
    return server.get(f"/runs?namespace={namespace}&layer={layer}&pipeline={name}&status=success&limit=1")["runs"][0]["id"]


def measured(browser: Browser, server: Server, run_id: str, rounds: int) -> Iterator[Figure]:
    """Every figure that one browser can see."""
    opened = {address: [visit(browser, server, address.replace("RUN", run_id), selector) for _ in range(rounds + 1)][1:] for address, selector in PAGES.items()}
    heaviest = max(opened, key=lambda address: opened[address][0][1])
    slowest = max(opened, key=lambda address: statistics.median(seconds for seconds, _ in opened[address]))
    yield f"JavaScript of the heaviest page, `{heaviest}` (gzip)", f"{opened[heaviest][0][1]:.0f} KiB", "≤ 650 KiB"
    yield f"interactive, the slowest page: `{slowest}`", spread(seconds for seconds, _ in opened[slowest]), "≤ 1,000 ms"
    yield "interactive, the median of all pages", spread(statistics.median(seconds for seconds, _ in each) for each in opened.values()), "≤ 1,000 ms"
    page = browser.new_page()
    page.add_init_script(PRESSED)
    yield "page change by the sidebar", spread(page_changes(page, server, rounds)), "≤ 250 ms"
    first, cancelled = queries(page, server, rounds)
    yield "first row of a query on ten million rows, after Ctrl+Enter", spread(first), "≤ 80 ms"
    yield "an endless query is cancelled, after the click", spread(cancelled), "≤ 100 ms"
    yield "a log line is on the screen, at 1,000 lines a second", high(log_lines(page, server)), "≤ 50 ms"
    page.close()


def visit(browser: Browser, server: Server, address: str, selector: str) -> tuple[float, float]:
    """Open a page in a browser that knows nothing yet: seconds until it shows its data, KiB of JavaScript."""
    context = browser.new_context()
    page = context.new_page()
    scripts: dict[str, Response] = {}
    page.on("response", lambda response: scripts.update({response.url: response}) if response.url.endswith(".js") else None)
    page.goto(server.address + address, wait_until="commit")
    seconds = float(page.evaluate(SEEN, selector)) / 1000
    page.wait_for_load_state("networkidle")
    size = sum(len(gzip.compress(response.body(), 6)) for response in scripts.values()) / 1024
    context.close()
    return seconds, size


def page_changes(page: Page, server: Server, rounds: int) -> Iterable[float]:
    """Seconds from a click in the sidebar until the other page shows its data."""
    page.goto(server.address)
    taken: list[float] = []
    for turn in range(rounds + 1):
        for name, address in CHANGES.items():
            page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
            page.wait_for_url(server.address + address)
            taken += [(float(page.evaluate(SEEN, PAGES[address])) - float(page.evaluate("window.pressed"))) / 1000] if turn else []
    return taken


def queries(page: Page, server: Server, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds from Ctrl+Enter to the first rows, and from the click on Cancel to the end of an endless query."""
    page.goto(server.address + "/query?namespace=bench")
    page.locator('.code-editor[data-ready="true"]').wait_for()
    rows, ends = [], []
    for turn in range(rounds + 1):
        _write(page, f"select * from bronze.numbers where part = {turn} limit {1000 + turn}")
        page.keyboard.press("ControlOrMeta+Enter")
        rows.append(float(page.evaluate(ROWS, 1000 + turn)) / 1000)
    for _ in range(rounds + 1):
        _write(page, ENDLESS)
        page.keyboard.press("ControlOrMeta+Enter")
        page.locator(".tally").get_by_role("button", name="Cancel").click(timeout=20_000)
        ended = float(page.evaluate(SEEN, ".tally .status-cancelled"))
        ends.append((ended - float(page.evaluate("window.pressed"))) / 1000)
    return rows[1:], ends[1:]


def _write(page: Page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    # The estimate that follows a pause in typing is not what is measured.
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    sys.exit(main())
