"""The command line: what people type, what they and their programs get."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from rat_engine import Engine, Settings
from tests.behaviours.command import COMMAND, DEADLINE, ROOT, Ended, Rat, read_tree, write_tree

TREE = {
    "shop/pipelines/bronze/orders/pipeline.sql": "SELECT i AS id, i * 2.5 AS price, CASE WHEN i > 0 THEN 'x' END AS note FROM range(3) t(i)\n",
    "shop/pipelines/bronze/orders/tests/quality/has_id.sql": "SELECT * FROM {{ this }} WHERE id IS NULL\n",
    "shop/pipelines/gold/totals/pipeline.sql": "SELECT sum(price) AS total FROM {{ ref('bronze.orders') }}\n",
    "shop/pipelines/gold/refused/pipeline.sql": "SELECT -1 AS n\n",
    "shop/pipelines/gold/refused/tests/quality/positive.sql": "-- @remediation: Ask the shop\nSELECT * FROM {{ this }} WHERE n < 0\n",
}
ENDLESS = {"shop/pipelines/bronze/endless/pipeline.sql": "SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b\n"}


@pytest.fixture
def shop(rat: Rat, tmp_path: Path) -> Rat:
    """Released pipelines that never ran."""
    done = rat("apply", write_tree(tmp_path / "tree", TREE))
    assert done.status == 0, done.err
    return rat


@dataclass(frozen=True)
class Ran:
    """A shop where something happened, for tests that only look."""

    rat: Rat
    orders: Ended
    refused: Ended

    @property
    def run_id(self) -> str:
        """The run of the orders."""
        return self.orders.err.split()[1]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One pipeline published, one refused by its gate."""
    folder = tmp_path_factory.mktemp("history")
    rat = Rat(folder / "data", {})
    assert rat("apply", write_tree(folder / "tree", TREE)).status == 0
    return Ran(rat, rat("run", "shop.bronze.orders"), rat("run", "shop.gold.refused"))


def ran(rat: Rat, table: str = "shop.bronze.orders") -> dict[str, Any]:
    done = rat("run", table, "--json")
    assert done.status == 0, done.err
    return done.json


def only_error(done: Ended, status: int) -> str:
    """The message of a command that failed: no traceback, nothing on stdout."""
    assert done.status == status, (done.out, done.err)
    assert "Traceback" not in done.err
    assert done.out == ""
    assert done.err.strip()
    return done.err


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys\nsys.argv = ['rat', '--help']\nfrom rat_engine.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    status = end.code\n"
        "heavy = {'duckdb', 'pyarrow', 'pyiceberg', 'reflex', 'fastapi', 'sqlalchemy', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\nsys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in ("up", "demo", "land", "apply", "export", "run", "runs", "show", "logs", "cancel", "query", "tables", "doctor"):
        assert re.search(rf"^  {command}  ", done.stdout, re.MULTILINE)
    assert "0 done, 1 failed, 2 wrong\n  usage, 3 cancelled" in done.stdout


def test_every_command_takes_json_and_a_data_folder() -> None:
    import typer

    from rat_engine.cli.main import app

    commands: Any = typer.main.get_command(app)
    for name, command in commands.commands.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--data"} <= options, name
        assert command.help, name
        for parameter in command.params:
            assert parameter.help or parameter.name == "help", f"{name} {parameter.name}"


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
    assert re.search(r"failed after .*positive.*branch run-", history.refused.out, re.DOTALL)
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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "orders"), "namespace.layer.name"),
        (("run", "shop.bronze.My-Orders"), "my_orders"),
        (("run", "shop.iron.orders"), "bronze, silver or gold"),
        (("run",), "Missing argument"),
        (("rnu",), "No such command"),
        (("runs", "--status", "done"), "done"),
        (("runs", "--limit", "0"), "--limit"),
        (("land", "shop", "tree/README"), "README"),
        (("apply", "no/such/folder"), "no/such/folder"),
        (("up", "--port", "99999"), "--port"),
        (("up", "--host", "0.0.0.0"), "loopback"),
        (("query", "SELECT 1", "--format", "xml"), "xml"),
    ],
)
def test_wrong_usage_is_exit_status_two(rat: Rat, arguments: tuple[str, ...], told: str) -> None:
    assert told in only_error(rat(*arguments), 2)


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """P10-34."""
    assert "RAT_PORT" in only_error(Rat(tmp_path / "data", {"RAT_PORT": "many"})("runs"), 2)
    assert "RAT_WORKERS" in only_error(Rat(tmp_path / "data", {"RAT_WORKRES": "2"})("runs"), 2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "shop.bronze.nothing"), "not_found"),
        (("show", "nothing"), "not_found"),
        (("logs", "nothing"), "not_found"),
        (("logs", "nothing", "--follow"), "not_found"),
        (("cancel", "nothing"), "not_found"),
    ],
)
def test_a_failure_is_one_message_or_the_envelope(rat: Rat, arguments: tuple[str, ...], code: str) -> None:
    """P3-07."""
    assert "There is no" in only_error(rat(*arguments), 1)
    done = rat(*arguments, "--json")
    assert done.status == 1
    assert done.json["error"]["code"] == code
    assert done.err == ""


def test_an_error_cannot_steer_the_terminal(rat: Rat) -> None:
    assert "\x1b" not in only_error(rat("show", "\x1b[31mred"), 1)


def test_query_results_come_as_table_csv_and_json(history: Ran) -> None:
    shop = history.rat
    sql = "SELECT id, price, note, '' AS empty, 'null' AS word, 'a,\"b' || chr(10) || 'c' AS odd FROM shop.bronze.orders ORDER BY id"
    table = shop("query", sql)
    assert re.search(r"^ 0 +0\.0 +null +'' +'null' +a,\"b\\nc", table.out, re.MULTILINE)
    assert "3 rows in" in table.out
    as_csv = shop("query", sql, "--format", "csv")
    assert as_csv.out.splitlines()[0] == "id,price,note,empty,word,odd"
    assert '0,0.0,,"",null,"a,""b' in as_csv.out
    assert [row[-1] for row in csv.reader(io.StringIO(as_csv.out))][1:] == ['a,"b\nc'] * 3
    as_json = shop("query", sql, "--json").json
    assert as_json["rows"][0] == [0, "0.0", None, "", "null", 'a,"b\nc']
    assert (as_json["row_count"], as_json["truncated"]) == (3, False)
    from rat_engine import shapes

    assert set(as_json) == set(shapes.QueryResult.model_fields)
    assert shop("query", sql, "--format", "json").json["rows"] == as_json["rows"]
    assert shop("query", "-", "--json", given="SELECT 1 AS n").json["rows"] == [[1]]


def test_a_table_stops_at_a_hundred_rows_and_says_so_while_csv_is_whole(rat: Rat) -> None:
    sql = "SELECT i AS n FROM range(12000) t(i) ORDER BY i"
    table = rat("query", sql)
    assert "100 rows in" in table.out
    assert "there are more" in table.out
    assert rat("query", sql, "--format", "csv").out.split() == ["n", *map(str, range(12_000))]
    assert rat("query", sql, "--json", "--limit", "7").json["rows"] == [[n] for n in range(7)]


def test_a_kept_limit_of_rows_is_told(tmp_path: Path) -> None:
    done = Rat(tmp_path / "data", {"RAT_RESULT_LIMIT_ROWS": "10"})("query", "SELECT i FROM range(100) t(i)", "--format", "csv")
    assert len(done.out.splitlines()) == 11
    assert "RAT_RESULT_LIMIT_ROWS" in done.err


def test_a_wrong_query_shows_the_place(rat: Rat) -> None:
    message = only_error(rat("query", "SELECT 1,\n  nothing"), 1)
    assert "  nothing\n    ^" in message
    error = rat("query", "SELECT 1,\n  nothing", "--json").json["error"]
    assert (error["code"], error["details"]["line"], error["details"]["column"]) == ("query_failed", 2, 3)


def test_a_result_cannot_steer_the_terminal(rat: Rat) -> None:
    done = rat("query", "SELECT chr(27) || '[2J' || chr(155) || '31m' AS x, chr(27) AS \"\x1by\"")
    assert "\x1b" not in done.out
    assert "\x9b" not in done.out
    assert "\\x1b[2J" in done.out


def test_a_reader_that_has_enough_ends_the_command_quietly(rat: Rat) -> None:
    query = subprocess.Popen(
        [*COMMAND, "query", "SELECT i FROM range(500000) t(i)", "--format", "csv"],
        env=rat.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert query.stdout
    assert query.stderr
    assert query.stdout.readline() == "i\n"
    query.stdout.close()
    assert "Traceback" not in query.stderr.read()
    query.stderr.close()
    assert query.wait(DEADLINE) == 1


def test_land_registers_files_for_pipelines(shop: Rat, tmp_path: Path) -> None:
    (tmp_path / "monday.csv").write_text("id,price\n1,2.5\n")
    (tmp_path / "tuesday.csv").write_text("id,price\n2,3.5\n")
    landed = shop("land", "shop.sales", tmp_path / "monday.csv", tmp_path / "tuesday.csv", "--json").json
    assert [file["filename"] for file in landed["files"]] == ["monday.csv", "tuesday.csv"]
    assert landed["total"] == 2
    (tmp_path / "notes.txt").write_text("x")
    assert ".csv or .parquet" in only_error(shop("land", "shop.sales", tmp_path / "notes.txt"), 1)
    source = {"shop/pipelines/bronze/sales/pipeline.sql": "SELECT id, _file FROM {{ landing_zone('sales') }}"}
    assert shop("apply", write_tree(tmp_path / "more", source)).status == 0
    assert ran(shop, "shop.bronze.sales")["rows_out"] == 2


def test_apply_says_what_it_did_and_then_that_nothing_is_left_to_do(rat: Rat, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "tree", TREE)
    rehearsed = rat("apply", folder, "--dry-run", "--json").json
    assert (rehearsed["total"], rehearsed["dry_run"]) == (3, True)
    assert rat("export", tmp_path / "empty", "--json").json["total"] == 0
    applied = rat("apply", folder, "--json").json
    assert applied["changes"] == rehearsed["changes"]
    assert "0 changed, 3 unchanged" in rat("apply", folder).out


def test_what_is_exported_is_what_was_applied(shop: Rat, tmp_path: Path) -> None:
    (tmp_path / "out" / ".git").mkdir(parents=True)
    assert shop("export", tmp_path / "out").status == 0
    assert read_tree(tmp_path / "out") == TREE
    assert shop("apply", tmp_path / "out", "--json").json["total"] == 0


def test_export_leaves_foreign_files_alone_unless_told_otherwise(shop: Rat, tmp_path: Path) -> None:
    stale = write_tree(tmp_path / "out", {"shop/pipelines/gold/old/pipeline.sql": "SELECT 1"})
    assert shop("export", stale, "--json").json["stale"] == ["shop/pipelines/gold/old/pipeline.sql"]
    assert (stale / "shop/pipelines/gold/old/pipeline.sql").exists()
    assert "deleted" in shop("export", stale, "--prune").out
    assert read_tree(stale) == TREE
    assert not (stale / "shop/pipelines/gold/old").exists()


def test_export_never_writes_through_a_link(shop: Rat, tmp_path: Path) -> None:
    """P1-05."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "shop").symlink_to(tmp_path / "elsewhere")
    assert "leads out of" in only_error(shop("export", tmp_path / "out"), 1)
    assert list((tmp_path / "elsewhere").rglob("*.sql")) == []


def test_apply_never_reads_through_a_link_and_names_what_has_no_place(rat: Rat, tmp_path: Path) -> None:
    """P1-05."""
    folder = write_tree(tmp_path / "tree", {**TREE, "README.md": "x", ".git/config": "x", "shop/.hidden": "x"})
    (folder / "shop/pipelines/bronze/orders/config.yaml").symlink_to("/etc/passwd")
    (folder / "zoo").symlink_to("/etc")
    (folder / "shop/pipelines/bronze/orders/table.yaml").write_bytes(b"\xff\xfe")
    message = only_error(rat("apply", folder), 1)
    for named in ("config.yaml", "zoo", "table.yaml"):
        assert named in message
    assert ".git" not in message
    (folder / "shop/pipelines/bronze/orders/config.yaml").unlink()
    (folder / "shop/pipelines/bronze/orders/table.yaml").unlink()
    (folder / "zoo").unlink()
    message = only_error(rat("apply", folder), 1)
    assert message.startswith("README.md: ")
    assert len(message.splitlines()) == 1


def test_a_broken_tree_is_refused_with_every_place(rat: Rat, tmp_path: Path) -> None:
    broken = {"shop/pipelines/gold/a/pipeline.sql": "SELECT {{ nothing }}", "shop/pipelines/gold/b/pipeline.sql": "SELECT *\nFROM {{ ref('bronze.ordres') }}"}
    message = only_error(rat("apply", write_tree(tmp_path / "tree", {**TREE, **broken})), 1)
    assert "shop/pipelines/gold/a/pipeline.sql:1:" in message
    assert "shop/pipelines/gold/b/pipeline.sql:2:" in message
    assert "bronze.orders" in message
    assert rat("export", tmp_path / "out", "--json").json["total"] == 0


def test_an_empty_folder_is_no_tree(rat: Rat, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    assert "There is no pipeline" in only_error(rat("apply", tmp_path / "tree", "--prune"), 1)


def test_doctor_lists_its_checks(rat: Rat) -> None:
    done = rat("doctor", "--json")
    assert {check["name"]: check["status"] for check in done.json["checks"]}["database"] == "ok"
    assert done.status == (1 if any(check["status"] == "fail" for check in done.json["checks"]) else 0)
    assert "database" in rat("doctor").out


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


SERVER = """
import sys
from rat_engine import Settings
from rat_engine.worker.local import local_engine
with local_engine(Settings.load()):
    print("up", flush=True)
    sys.stdin.read()
"""


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
