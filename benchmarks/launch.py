"""How long from the wish to the work: a run's launch beside peers, the cold start, the memory, the first page.

``make bench`` writes the figures to ``docs/performance.md``. ``--rounds`` says how often each contender takes its turn.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Response, sync_playwright

from benchmarks.peers import MODEL, Dbt, cold_import
from benchmarks.report import Figure, report, spread, store
from benchmarks.server import Server, running
from tests.chromium import launch

PIPELINE = "/pipelines/bench/bronze/numbers"
SOURCE = f"-- @merge_strategy: full_refresh\n{MODEL}\n"
TEST = "select * from {{ this }} where id is null\n"
IDLE_SECONDS = 20.0
FINAL = ("success", "failed", "cancelled", "skipped")


def main() -> int:
    """Measure everything and write the page. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--dry-run", action="store_true", help="print the figures, leave the page as it is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rat-bench-") as name:
        folder = Path(name)
        starts = [cold_start(folder / f"cold{number}") for number in range(3)]
        figures = [*page_figures(starts), *launch_figures(folder, options.rounds)]
    turns = f"{options.rounds} turns of each contender after one to warm up, median (fastest to slowest); cold starts: 3, median"
    text = report(figures, turns)
    print(text)
    if not options.dry_run:
        store("launch", text)
    return 0


def cold_start(data: Path) -> dict[str, float]:
    """Start on an empty data folder. Seconds to a usable first page, MiB when idle, KiB of JavaScript."""
    with sync_playwright() as playwright, launch(playwright) as browser, running(data) as server:
        page = browser.new_page()
        scripts: dict[str, Response] = {}
        page.on("response", lambda response: scripts.update({response.url: response}) if response.url.endswith(".js") else None)
        usable = _open(page, server)
        compressed = sum(len(gzip.compress(response.body(), 6)) for response in scripts.values()) / 1024
        server.wait_until_ready()
        ready = time.time() - server.started
        page.close()
        time.sleep(IDLE_SECONDS)
        return {"usable": usable - server.started, "ready": ready, "memory": sum(server.memory().values()), "scripts": compressed}


def _open(page: Any, server: Server) -> float:
    # Not the browser asks whether somebody is there: each of its failures costs more than the start itself.
    server.wait_until_listening()
    page.goto(server.address)
    page.get_by_role("button", name="Load the demo").wait_for()
    return time.time()


def page_figures(starts: list[dict[str, float]]) -> Iterable[Figure]:
    """The rows of the cold start: what, figure, aim."""
    middle = {key: statistics.median(start[key] for start in starts) for key in starts[0]}
    yield "`rat up` on an empty folder, until a waiting Chromium shows Home with its data", f"{middle['usable']:.2f} s", "≤ 4 s"
    yield "`rat up` on an empty folder, until `/health/ready` answers and Home was shown", f"{middle['ready']:.2f} s", ""
    yield "memory of all processes when idle (proportional set size)", f"{middle['memory']:.0f} MiB", "≤ 450 MiB"
    yield "JavaScript of Home (gzip)", f"{middle['scripts']:.0f} KiB", "≤ 450 KiB"


def launch_figures(folder: Path, rounds: int) -> Iterable[Figure]:
    """The rows of the launch, RAT and its peers in turns: what, figure, aim."""
    dbt = Dbt(folder / "dbt")
    taken: dict[str, list[float]] = {"sql": [], "published": [], "import": [], "dbt": []}
    with running(folder / "data") as server:
        server.wait_until_ready()
        _release(server)
        for warm_up in (True, *[False] * rounds):
            turn = {**run_once(server), "import": cold_import(), "dbt": dbt.build()}
            for name, seconds in turn.items():
                taken[name] += [] if warm_up else [seconds]
    yield "RAT: request sent until the pipeline's SQL starts", spread(taken["sql"]), "≤ 15 ms"
    yield "RAT: request sent until the tested table is published", spread(taken["published"]), "≤ 150 ms"
    yield 'peer: `python -c "import duckdb, pyarrow, pyiceberg"`', spread(taken["import"]), ""
    yield "peer: `dbt build` of the same model and test (dbt-duckdb)", spread(taken["dbt"]), ""


def _release(server: Server) -> None:
    files = {"pipeline.sql": SOURCE, "tests/quality/id_not_null.sql": TEST}
    server.send("POST", "/pipelines", {"namespace": "bench", "layer": "bronze", "name": "numbers"})
    revision = server.get(f"{PIPELINE}/files")["revision"]
    server.send("PUT", f"{PIPELINE}/files", {"files": files, "revision": revision})
    server.send("POST", f"{PIPELINE}/publish", {})


def run_once(server: Server) -> dict[str, float]:
    """Seconds from the request until the SQL starts and until the table is published."""
    sent = time.time()
    run_id = server.send("POST", "/runs", {"namespace": "bench", "layer": "bronze", "pipeline": "numbers"})["run_id"]
    # One look after everything is over, so that looking does not slow down what is measured.
    time.sleep(0.5)
    while (run := server.get(f"/runs/{run_id}"))["status"] not in FINAL:
        time.sleep(0.2)
    if run["status"] != "success":
        raise RuntimeError(f"the run ended as {run['status']}: {run['error']}")
    steps = {step["name"]: step for step in run["steps"]}
    return {"sql": moment(steps["execute"]["started_at"]) - sent, "published": moment(run["finished_at"]) - sent}


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 moment."""
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    sys.exit(main())
