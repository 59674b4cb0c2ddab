"""A landing zone as a relation over an exact list of files, each row with the name of the file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rat_engine.domain.lake import FileFormat
from rat_engine.domain.names import LANDING_SCHEMA, ZoneName, quote_literal
from rat_engine.domain.run import FilePin
from rat_engine.errors import MissingInputError, RunFailedError
from rat_engine.lakehouse.connection import Session, text_list
from rat_engine.lakehouse.scan import Relation

FILE_COLUMN = "_file"

_PATH_COLUMN = "_rat_path"
_READERS = {FileFormat.CSV: "read_csv", FileFormat.PARQUET: "read_parquet"}


def landing_relation(zone: ZoneName, files: Sequence[FilePin], folder: Path) -> Relation:
    """The files of a zone, whose paths are relative to ``folder``, as one relation: columns by name, and ``_file``, the user's file name.

    Raises MissingInputError for a zone without files, RunFailedError for one that mixes formats.
    """
    if not files:
        raise MissingInputError(f"The landing zone {zone} has no files. Land one with `rat land {zone} FILE`.")
    paths = {str(folder / file.path): file.filename for file in files}
    return Relation((zone.namespace, LANDING_SCHEMA, zone.name), _sql(_common_format(zone, files), paths), tuple(paths))


def file_names(files: Sequence[FilePin], folder: Path) -> dict[str, str]:
    """What to show instead of each landing file's path."""
    return {str(folder / file.path): file.filename for file in files}


def check_columns(session: Session, relation: Relation) -> None:
    """Refuse files with a column of the name that we add, which would hide ours. The relation must be attached. Raises RunFailedError."""
    database, schema, name = map(quote_literal, relation.path)
    where = f"database_name = {database} AND schema_name = {schema} AND table_name = {name}"
    last = session.run(f"SELECT column_name FROM duckdb_columns() WHERE {where} ORDER BY column_index DESC LIMIT 1")
    if last != [(FILE_COLUMN,)]:
        raise RunFailedError(f"A file in the landing zone {relation.name} has a column {FILE_COLUMN!r}, which RAT adds itself. Rename it in the file.")


def _common_format(zone: ZoneName, files: Sequence[FilePin]) -> FileFormat:
    formats = {FileFormat(Path(file.path).suffix.removeprefix(".")): file.filename for file in files}
    if len(formats) > 1:
        shown = " and ".join(f"{kind.value} ({name!r})" for kind, name in sorted(formats.items()))
        raise RunFailedError(f"The landing zone {zone} mixes formats: {shown}. Keep one format per zone.")
    return next(iter(formats))


def _sql(kind: FileFormat, paths: dict[str, str]) -> str:
    files = text_list(tuple(paths))
    names = f"MAP({files}, {text_list(tuple(paths.values()))})"
    read = f"{_READERS[kind]}({files}, union_by_name = true, filename = {quote_literal(_PATH_COLUMN)})"
    return f"SELECT * EXCLUDE ({_PATH_COLUMN}), {names}[{_PATH_COLUMN}] AS {FILE_COLUMN} FROM {read}"
