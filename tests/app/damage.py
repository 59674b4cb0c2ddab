"""A metadata database that cannot be read, for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rat_app.engine import Portal

SUFFIXES = ("", "-wal", "-shm")


@contextlib.contextmanager
def damaged(portal: Portal) -> Iterator[None]:
    """Something else lies where ``portal``'s database was, for the time of the block."""
    pool, path = portal.engine.database.engine, portal.engine.settings.database_path
    files = [path.with_name(path.name + suffix) for suffix in SUFFIXES]
    pool.dispose()
    kept = {file: file.rename(file.with_name(f"{file.name}.kept")) for file in files if file.exists()}
    path.write_bytes(b"This is not a database. " * 1000)
    try:
        yield
    finally:
        pool.dispose()
        for file in files:
            file.unlink(missing_ok=True)
        for file, aside in kept.items():
            aside.rename(file)
