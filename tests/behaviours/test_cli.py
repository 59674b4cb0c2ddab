"""The command line: what people type, what they and their programs get."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.behaviours.command import COMMAND, DEADLINE, ROOT, Ran, Rat, only_error


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
    groups = {f"{name} {inner}": each for name, group in commands.commands.items() for inner, each in getattr(group, "commands", {}).items()}
    for name, command in {**{name: each for name, each in commands.commands.items() if not hasattr(each, "commands")}, **groups}.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--data"} <= options, name
        assert command.help, name
        for parameter in command.params:
            assert parameter.help or parameter.name == "help", f"{name} {parameter.name}"


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


def test_csv_is_harmless_to_a_spreadsheet_unless_one_wants_the_text_as_it_is(rat: Rat) -> None:
    sql = "SELECT '=1+1' AS x"
    assert rat("query", sql, "--format", "csv").out.splitlines() == ["x", "'=1+1"]
    assert rat("query", sql, "--format", "raw-csv").out.splitlines() == ["x", "=1+1"]


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


def test_doctor_lists_its_checks(rat: Rat) -> None:
    done = rat("doctor", "--json")
    assert {check["name"]: check["status"] for check in done.json["checks"]}["database"] == "ok"
    assert done.status == (1 if any(check["status"] == "fail" for check in done.json["checks"]) else 0)
    assert "database" in rat("doctor").out
