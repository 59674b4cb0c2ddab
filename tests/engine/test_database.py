"""Transactions, migrations and wake-ups."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from rat_engine import LOCAL_USER, DatabaseUnavailableError, Engine, EventKind, PageRequest, Settings
from rat_engine.domain.event import NewEvent
from rat_engine.errors import DatabaseTooNewError, DataFolderOwnedError, UnavailableError
from rat_engine.metadata import database
from rat_engine.metadata.migrate import scripts
from rat_engine.metadata.wake import Bus

HOLDER = """
import sys
from pathlib import Path
from rat_engine.worker import lock
held = lock.own(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_data_folder_is_closed_to_others(engine: Engine, settings: Settings) -> None:
    assert settings.data.stat().st_mode & 0o777 == 0o700


def test_a_data_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match="RAT_DATA"), Engine.open(Settings(data=tmp_path / "file" / "data")):
        pass


def test_an_older_program_refuses_a_newer_database(engine: Engine, settings: Settings) -> None:
    with engine.database.write() as transaction:
        transaction.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match="9999"), Engine.open(settings):
        pass


def test_a_database_that_is_locked_too_long_is_a_clear_error_and_nothing_was_changed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """P10-75."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    with Engine.open(settings) as engine:
        with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailableError, match="locked"):
                engine.namespaces.create(LOCAL_USER, "shop")
            other.execute("ROLLBACK")
        assert engine.namespaces.list(LOCAL_USER, PageRequest()).total == 0


def test_what_our_own_statement_does_wrong_is_not_blamed_on_the_database(engine: Engine) -> None:
    with pytest.raises(OperationalError, match="no such table"), engine.database.read() as connection:
        connection.execute(text("SELECT * FROM missing"))


def test_a_database_that_another_works_on_is_not_upgraded(engine: Engine, settings: Settings) -> None:
    """P10-122: the older program would fail with everything from then on."""
    with engine.database.write() as transaction:
        transaction.connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(settings.data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "held\n"
        with pytest.raises(DataFolderOwnedError, match=rf"\(pid {owner.pid}\)"), Engine.open(settings):
            pass
        owner.communicate()
    with engine.database.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"


def test_several_starters_migrate_once(settings: Settings) -> None:
    """P5-13, P10-122: migrations run under a lock; a second start changes nothing."""
    program = f"from rat_engine import Engine, Settings\nwith Engine.open(Settings(data={str(settings.data)!r})): print('ok')"
    children = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [child.communicate(timeout=120)[0].strip() for child in children] == ["ok"] * 4


def test_a_migration_that_fails_leaves_the_database_as_it_was(settings: Settings) -> None:
    settings.data.mkdir(mode=0o700)
    broken = create_engine(f"sqlite:///{settings.database_path}")
    with broken.begin() as connection:
        # In the way of the migration's own table of this name.
        connection.execute(text("CREATE TABLE run (id TEXT)"))
    with pytest.raises(Exception, match="run"), Engine.open(settings):
        pass
    assert set(inspect(broken).get_table_names()) <= {"run", "alembic_version"}


# What the first release stored of every run.
FIRST_RUN = {
    **dict.fromkeys(("code_hash", "request_id", "branch", "error_code", "error_message"), ""),
    **dict.fromkeys(("draft", "rows_in", "rows_out", "rows_total", "bytes_written", "files_written", "cancel_requested", "fence"), 0),
    "pipeline_id": "p",
    "namespace": "shop",
    "layer": "gold",
    "name": "totals",
    "status": "success",
    "actor": "local",
    "parameters": "{}",
    "created_at": "2026-01-01 09:00:00.000000",
    "started_at": "2026-01-01 10:00:00.000000",
}
FIRST_PIPELINE = {
    "id": "p",
    "namespace": "shop",
    "layer": "gold",
    "name": "totals",
    "type": "sql",
    "description": "",
    "owner": "",
    "draft_hash": "",
    **dict.fromkeys(("created_at", "updated_at"), "2026-01-01 08:00:00.000000"),
}


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


def test_runs_of_the_first_release_keep_their_trigger_and_their_duration(settings: Settings) -> None:
    """Migration 0002 gives old runs what lists are sorted and narrowed by."""
    settings.data.mkdir(mode=0o700)
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    with create_engine(f"sqlite:///{settings.database_path}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        insert(connection, "pipeline", FIRST_PIPELINE)
        insert(connection, "run", {**FIRST_RUN, "id": "a", "trigger": "manual", "finished_at": "2026-01-01 10:00:01.234567"})
        insert(connection, "run", {**FIRST_RUN, "id": "b", "trigger": "rerun:01xyz", "finished_at": None})
    with Engine.open(settings) as engine, engine.database.read() as connection:
        found = [tuple(row) for row in connection.execute(text("SELECT id, trigger_kind, took_ms FROM run ORDER BY id"))]
        assert engine.runs.list(LOCAL_USER).total == 2
    assert found == [("a", "manual", 1235), ("b", "rerun", -1)]


def fail_after_waking(engine: Engine) -> None:
    def write() -> None:
        with engine.database.write() as transaction:
            transaction.record(NewEvent(EventKind.NAMESPACE_CREATED, "x", "local"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()


def test_an_event_exists_exactly_when_its_change_does(engine: Engine) -> None:
    """Principle 15: history is appended in the transaction of the change."""
    fail_after_waking(engine)
    with engine.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar() == 0


def test_listeners_are_woken_after_the_commit_and_not_without_one(engine: Engine) -> None:
    """P5-02, P3-18: waiting is event-driven."""
    with engine.database.bus.listen() as listener:
        with engine.database.write() as transaction:
            transaction.wake("job")
            assert listener.drain() == frozenset()
        assert listener.wait(10) == {"job"}
        fail_after_waking(engine)
        assert listener.drain() == frozenset()


def test_a_wake_up_reaches_other_processes(engine: Engine, settings: Settings) -> None:
    program = f"from pathlib import Path\nfrom rat_engine.metadata.wake import Bus\nBus(Path({str(settings.data / 'run')!r})).send(['event'])"
    with engine.database.bus.listen() as listener:
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
        assert listener.wait(10) == {"event"}


def test_a_dead_listener_is_forgotten_and_a_full_one_does_not_block(tmp_path: Path) -> None:
    bus = Bus(tmp_path / "run")
    with bus.listen() as listener:
        (tmp_path / "run" / "dead").touch()
        for number in range(5_000):
            bus.send([f"topic-{number}"])
        assert listener.drain()
    bus.close()


def test_what_was_committed_has_happened_also_when_nobody_can_be_woken(engine: Engine) -> None:
    """The sockets' folder may be gone, where it lies among temporary files."""
    shutil.rmtree(engine.database.bus.folder)
    engine.namespaces.create(LOCAL_USER, "shop")
    assert [found.name for found in engine.namespaces.list(LOCAL_USER).items] == ["shop"]


def test_a_data_folder_whose_path_is_too_long_for_a_socket_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    bus = Bus(deep / "run")
    with bus.listen() as listener:
        bus.send(["event"])
        assert listener.wait(10) == {"event"}
    bus.close()


def test_readers_see_one_snapshot_while_writers_go_on(engine: Engine) -> None:
    with engine.database.read() as reader:
        before = reader.execute(text("SELECT count(*) FROM event")).scalar()

        def write() -> None:
            with engine.database.write() as transaction:
                transaction.record(NewEvent(EventKind.NAMESPACE_CREATED, "x", "local"))

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(timeout=60)
        assert not writer.is_alive()
        assert reader.execute(text("SELECT count(*) FROM event")).scalar() == before
