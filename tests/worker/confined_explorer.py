"""A confined child of the tests: carries out the requests it reads as JSON lines, with or without the guard, and prints what came of each.

Started with the data folder and the descriptor of the result file as arguments.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from rat_engine.query.child import confine_child
from rat_engine.settings import Settings

RESULT = int(sys.argv[2])


def main() -> None:
    settings = Settings(data=Path(sys.argv[1]), query_memory_limit_mb=256)
    scratch = settings.scratch / "child"
    scratch.mkdir(exist_ok=True)
    held = confine_child(settings, scratch)
    print(json.dumps([held.level.value, held.why]), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = _raw(settings, scratch, request["raw"]) if "raw" in request else _ask(settings, scratch, request)
        print(json.dumps(answer), flush=True)


def _ask(settings: Settings, scratch: Path, request: dict[str, Any]) -> Any:
    # Only now: these start threads, which must be confined too.
    from rat_engine.errors import RatError
    from rat_engine.lakehouse.connection import Door
    from rat_engine.query.explorer import Explorer
    from rat_engine.query.request import QueryRequest

    os.truncate(RESULT, 0)
    os.lseek(RESULT, 0, os.SEEK_SET)
    try:
        with os.fdopen(RESULT, "wb", closefd=False) as sink:
            return Explorer(Door(settings), scratch, reads_files=True).execute(QueryRequest.of(request), sink).message()
    except RatError as error:
        return {"code": error.code, "message": error.message}


def _raw(settings: Settings, scratch: Path, sql: str) -> Any:
    """The statement in an instance that is not even locked: what the process itself forbids."""
    import duckdb

    try:
        return {"rows": duckdb.connect(config={"temp_directory": str(scratch)}).execute(sql).fetchmany(1)}
    except duckdb.Error as error:
        return {"code": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    main()
