"""A landing zone as a relation over an exact list of files, each row with the name of the file it came from."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rat_engine.domain.lake import FileFormat
from rat_engine.domain.names import LANDING_SCHEMA, ZoneName, quote_literal
from rat_engine.domain.run import FilePin
from rat_engine.errors import MissingInputError, QueryFailedError, RunFailedError
from rat_engine.lakehouse.connection import Session, text_list
from rat_engine.lakehouse.scan import Relation
from rat_engine.settings import MEBIBYTE

FILE_COLUMN = "_file"

# CSV columns get their types from every row while that is quick, and beyond it from the first rows.
FULL_LOOK_BYTES = 64 * MEBIBYTE
LOOK_ROWS = 200_000

_DELIMITERS = (",", ";", "\t", "|")
_HEADER_BYTES = 1 << 16
_PATH_COLUMN = "_rat_path"


@dataclass(frozen=True, slots=True)
class ZoneRelation(Relation):
    """The files of a zone, all of one ``format``; ``names`` maps each path to the name the user gave."""

    format: FileFormat = FileFormat.CSV
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    size_bytes: int = 0

    def resolved(self, session: Session) -> Relation:
        """The relation with the types of its columns looked up once; errors of ``session`` tell the users' file names from here on.

        Raises RunFailedError for files with a column ``_file`` of their own, QueryFailedError for files that cannot be read.
        """
        session.name_paths(self.names)
        columns = self._look(session)
        self._refuse_ragged(session, columns)
        if any(name.lower() == FILE_COLUMN for name, _ in columns):
            raise RunFailedError(f"A file in the landing zone {self.name} has a column {FILE_COLUMN!r}, which RAT adds itself. Rename it in the file.")
        return Relation(self.path, self._sql(columns), self.files)

    def _look(self, session: Session) -> Sequence[tuple[str, Any]]:
        if self.format is FileFormat.CSV:
            rows = -1 if self.size_bytes <= FULL_LOOK_BYTES else LOOK_ROWS
            # A broken line spoils a look at all of them. The statement that reads the zone then tells which line it is.
            with contextlib.suppress(QueryFailedError):
                return session.columns_of(f"SELECT * FROM {self._read(f', sample_size = {rows}')}")
        return session.columns_of(f"SELECT * FROM {self._read('')}")

    def _refuse_ragged(self, session: Session, columns: Sequence[tuple[str, Any]]) -> None:
        """Raise QueryFailedError, with the line, for a CSV file whose header has several names while its lines could not be split into as many values.

        DuckDB then takes each whole line for one value, and the header for one name.
        """
        if self.format is FileFormat.CSV:
            for name, delimiter in [(name, delimiter) for name, _ in columns for delimiter in _DELIMITERS if delimiter in name]:
                for file in [file for file in self.files if _first_line(file) == name]:
                    names = ", ".join(f"c{number}: 'VARCHAR'" for number in range(name.count(delimiter) + 1))
                    strictly = f"auto_detect = false, header = true, delim = {quote_literal(delimiter)}, columns = {{{names}}}"
                    session.run(f"SELECT count(*) FROM read_csv({quote_literal(file)}, {strictly})")

    def _sql(self, columns: Sequence[tuple[str, Any]]) -> str:
        # A view is bound anew in each statement; with the types told, it no longer looks for them.
        types = ", ".join(f"{quote_literal(name)}: {quote_literal(str(kind))}" for name, kind in columns)
        read = self._read(f", filename = '{_PATH_COLUMN}'" + (f", types = {{{types}}}" if self.format is FileFormat.CSV else ""))
        names = f"MAP({text_list(self.files)}, {text_list([self.names[path] for path in self.files])})"
        return f"SELECT * EXCLUDE ({_PATH_COLUMN}), {names}[{_PATH_COLUMN}] AS {FILE_COLUMN} FROM {read}"

    def _read(self, options: str) -> str:
        # Lines at the beginning that fit no table are an error, never left out.
        whole = ", skip = 0" if self.format is FileFormat.CSV else ""
        return f"read_{self.format.value}({text_list(self.files)}, union_by_name = true{whole}{options})"


def _first_line(file: str) -> str:
    with Path(file).open("rb") as stream:
        return stream.readline(_HEADER_BYTES).decode("utf-8-sig", "replace").rstrip("\r\n")


def landing_relation(zone: ZoneName, files: Sequence[FilePin], folder: Path) -> ZoneRelation:
    """The pinned files of a zone, whose paths are relative to ``folder``: columns by name, and ``_file``, the user's file name.

    Raises MissingInputError for a zone without files, RunFailedError for one that mixes formats.
    """
    if not files:
        raise MissingInputError(f"The landing zone {zone} has no files. Land one with `rat land {zone} FILE`.")
    formats = {FileFormat(Path(file.path).suffix.removeprefix(".")): file.filename for file in files}
    if len(formats) > 1:
        shown = " and ".join(f"{kind.value} ({name!r})" for kind, name in sorted(formats.items()))
        raise RunFailedError(f"The landing zone {zone} mixes formats: {shown}. Keep one format per zone.")
    names = {str(folder / file.path): file.filename for file in files}
    path = (zone.namespace, LANDING_SCHEMA, zone.name)
    return ZoneRelation(path, "", tuple(names), format=next(iter(formats)), names=names, size_bytes=sum(file.size_bytes for file in files))
