"""How long a line of a log takes to the screen."""

from __future__ import annotations

import threading
import time
from typing import Any

from playwright.sync_api import Page

from benchmarks.server import Server
from rat_engine.domain.log import LogLevel
from rat_engine.metadata.wake import Bus, log_topic
from rat_engine.observe.logs import LogWriter, log_path
from tests.browser.working_screens import ENDLESS

LINES = 5_000
PER_SECOND = 1_000
# Collects how old each line that says when it was written is, when it is drawn (milliseconds).
WATCH = """() => {
  window.ages = [];
  const known = new Set();
  new MutationObserver(() => requestAnimationFrame(() => {
    for (const row of document.querySelectorAll('.log-view-line')) {
      const said = row.textContent.match(/written (\\d+\\.\\d+)/);
      if (said && !known.has(said[1])) { known.add(said[1]); window.ages.push(Date.now() - Number(said[1]) * 1000); }
    }
  })).observe(document.querySelector('.log-view-box'), { childList: true, subtree: true, characterData: true });
}"""


def log_lines(page: Page, server: Server) -> list[float]:
    """Seconds from the writing of a line to its drawing, of those lines that were drawn while the log was followed."""
    run_id = _endless(server)
    page.goto(f"{server.address}/runs/{run_id}")
    page.locator(".log-view-line").first.wait_for()
    page.evaluate(WATCH)
    writer = threading.Thread(target=_write, args=(server, run_id))
    writer.start()
    while writer.is_alive():
        page.wait_for_timeout(100)
    page.wait_for_timeout(1_000)
    ages: list[Any] = page.evaluate("window.ages")
    server.send("POST", f"/runs/{run_id}/cancel")
    return [float(age) / 1000 for age in ages]


def _endless(server: Server) -> str:
    server.send("POST", "/pipelines", {"namespace": "bench", "layer": "bronze", "name": "endless", "files": {"pipeline.sql": ENDLESS}})
    server.send("POST", "/pipelines/bench/bronze/endless/publish", {})
    run_id = str(server.send("POST", "/runs", {"namespace": "bench", "layer": "bronze", "pipeline": "endless"})["run_id"])
    while server.get(f"/runs/{run_id}")["status"] == "pending":
        time.sleep(0.05)
    return run_id


def _write(server: Server, run_id: str) -> None:
    bus = Bus(server.data / "run")
    began = time.monotonic()
    with LogWriter(log_path(server.data / "logs", run_id, 1), lambda: bus.send([log_topic(run_id)])) as log:
        for number in range(LINES):
            time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
            log.write(LogLevel.INFO, f"line {number} written {time.time():.4f}")
    bus.close()
