"""The command line: runs from their start to their end, also with Ctrl+C and beside a server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from rat_engine import Engine, Settings
from tests.behaviours.command import DEADLINE, Ran, Rat, only_error, ran, write_tree

ENDLESS = {"shop/pipelines/bronze/endless/pipeline.sql": "SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b\n"}
SERVER = """
import sys
from rat_engine import Settings
from rat_engine.worker.local import local_engine
with local_engine(Settings.load()):
    print("up", flush=True)
    sys.stdin.read()
"""


def wait_until_running(rat: Rat, table: str) -> str:
    """The id of the one run or query, once it is carried out."""
    end = time.monotonic() + DEADLINE
    with Engine.open(Settings(data=rat.data)) as engine, engine.database.bus.listen() as listener:
        while time.monotonic() < end:
            with engine.database.read() as connection:
                found = connection.execute(text(f"SELECT id FROM {table} WHERE status = 'running'")).scalar()
            if found:
                return found
            listener.wait(0.5)
    raise AssertionError(f"the {table} does not start")


def test_run_streams_the_log_and_says_how_it_ended(history: Ran) -> None:
    done = history.orders
    assert done.status == 0, done.err
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} INFO ", done.out, re.MULTILINE)
    assert re.search(r"success in .*: 3 rows, .* written to shop\.bronze\.orders \(now 3 rows\)", done.out)


def test_run_shows_exactly_the_lines_of_the_log(history: Ran) -> None:
    """P10-98: to the end, none lost and none twice."""
    shop, run_id = history.rat, history.run_id
    logged = shop("logs", run_id)
    assert history.orders.out.splitlines()[:-1] == logged.out.splitlines()
    followed = shop("logs", run_id, "--follow")
    assert followed.out == logged.out
    as_json = shop("logs", run_id, "--json").json
    assert (as_json["run_id"], as_json["attempt"], as_json["complete"], as_json["next"]) == (run_id, 1, True, len(as_json["logs"]))
    lines = [json.loads(line) for line in shop("logs", run_id, "--json", "--follow").out.splitlines()]
    assert lines == as_json["logs"]


def test_a_failed_gate_is_exit_status_one_and_names_the_branch(history: Ran) -> None:
    shop = history.rat
    assert history.refused.status == 1
    assert re.search(r"failed after .*branch run-\S+\.\n- positive: 1 ", history.refused.out, re.DOTALL)
    run = shop("runs", "--json", "--status", "failed").json["runs"][0]
    shown = shop("show", run["id"])
    assert "Bad rows of positive (Ask the shop):" in shown.out
    assert shop("show", run["id"], "--json").json["tests"][0]["sample_rows"] == [["-1"]]
    assert only_error(shop("query", "SELECT * FROM shop.gold.refused"), 1)


def test_runs_and_show_speak_the_fields_of_the_rest_api(history: Ran) -> None:
    """P10-92."""
    from rat_engine import shapes

    shop = history.rat
    assert set(shop("show", history.run_id, "--json").json) == set(shapes.RunDetail.model_fields)
    listed = shop("runs", "--json").json
    assert set(listed) == {"runs", "total", "next"}
    assert [run["pipeline"] for run in listed["runs"]] == ["refused", "orders"]
    assert set(listed["runs"][0]) == set(shapes.Run.model_fields)
    assert "2 of 2 runs" in shop("runs").out
    tables = shop("tables", "--json").json
    assert (tables["total"], set(tables["tables"][0])) == (1, set(shapes.Table.model_fields))
    assert tables["tables"][0]["run_id"] == history.run_id
    assert "shop.bronze.orders" in shop("tables").out


def test_show_tells_the_plan_and_prints_the_sql_alone(history: Ran) -> None:
    shop = history.rat
    shown = shop("show", history.run_id)
    assert re.search(r"^strategy +full_refresh", shown.out, re.MULTILINE)
    sql = shop("show", history.run_id, "--sql", "--attempt", "1").out.strip()
    assert sql == shop("show", history.run_id, "--json").json["plan"]["sql"].strip()
    assert only_error(shop("show", history.run_id, "--attempt", "7"), 1)


def test_run_prints_its_end_as_json_and_its_log_beside(shop: Rat) -> None:
    done = shop("run", "shop.bronze.orders", "--json")
    shown = shop("show", done.json["id"], "--json").json
    # When the child is back from its work, the attempt's end is added.
    assert {**done.json, "attempts": shown["attempts"]} == shown
    assert done.err.splitlines()[0] == f"Run {shown['id']}"
    assert " INFO " in done.err


def test_a_draft_run_publishes_nothing(shop: Rat) -> None:
    done = shop("run", "shop.bronze.orders", "--draft")
    assert done.status == 0, done.err
    assert "not published" in done.out
    assert shop("tables", "--json").json["total"] == 0


def test_control_c_cancels_the_run(rat: Rat, tmp_path: Path) -> None:
    """P0-09: exit status 3, the run is cancelled, nothing is published, no process is left."""
    assert rat("apply", write_tree(tmp_path / "tree", ENDLESS)).status == 0
    running = rat.start("run", "shop.bronze.endless")
    run_id = wait_until_running(rat, "run")
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=DEADLINE)
    assert running.returncode == 3, (out, err)
    assert "Traceback" not in err
    assert re.search(r"^cancelled after", out, re.MULTILINE)
    assert rat("show", run_id, "--json").json["status"] == "cancelled"
    assert rat("tables", "--json").json["total"] == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_cancel_ends_a_run_that_another_command_waits_for(rat: Rat, tmp_path: Path) -> None:
    assert rat("apply", write_tree(tmp_path / "tree", ENDLESS)).status == 0
    running = rat.start("run", "shop.bronze.endless")
    run_id = wait_until_running(rat, "run")
    assert rat("cancel", run_id).status == 0
    running.communicate(timeout=DEADLINE)
    assert running.returncode == 3
    assert "ended as cancelled" in only_error(rat("cancel", run_id), 1)


def test_control_c_cancels_a_query(rat: Rat) -> None:
    running = rat.start("query", "SELECT count(*) FROM range(1000000000) a, range(1000000000) b")
    wait_until_running(rat, "query")
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=DEADLINE)
    assert running.returncode == 3, err
    assert "Traceback" not in err


def test_with_a_server_running_its_children_do_the_work(shop: Rat) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER], env=shop.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    assert server.stdin
    try:
        assert server.stdout.readline() == "up\n"
        assert ran(shop)["status"] == "success"
        pids = [ran(shop)["attempts"][0]["pid"] for _ in range(2)]
        # The child outlives the command that asked: it belongs to the server.
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
        assert shop("query", "SELECT count(*) FROM shop.bronze.orders", "--json").json["rows"] == [[3]]
    finally:
        server.stdin.close()
        assert server.wait(DEADLINE) == 0
