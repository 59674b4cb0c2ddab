"""Write strategies: how a result's rows enter a table. Each turns rows into a change, which the branch then commits as one snapshot."""

from __future__ import annotations

from typing import Protocol

from rat_engine.domain.pipeline import WriteStrategy
from rat_engine.errors import SchemaMismatchError
from rat_engine.lakehouse.branch import Branch
from rat_engine.lakehouse.datafiles import Rows
from rat_engine.lakehouse.schema import differences
from rat_engine.lakehouse.snapshots import Change
from rat_engine.plugins import Extensions

GROUP = "rat.strategies"


class Strategy(Protocol):
    """What a write strategy must be able to do; plugins offer theirs under the entry point group ``rat.strategies``."""

    @property
    def keeps_rows(self) -> bool:
        """Whether rows of earlier runs stay, so that the session must be able to read them."""
        ...

    def change(self, rows: Rows, branch: Branch) -> Change:
        """Write the rows' data files and say what is to become of the table. Raises SchemaMismatchError before anything is written."""
        ...


class FullRefresh:
    """The result is the table: rows, and columns too. No rows empty it."""

    keeps_rows = False

    def change(self, rows: Rows, branch: Branch) -> Change:
        """Replace everything."""
        schema = branch.schema_for(rows.columns)
        return Change(schema, branch.write_files(rows, schema), replaces=True)


class AppendOnly:
    """The result is added to the table, column by column name."""

    keeps_rows = True

    def change(self, rows: Rows, branch: Branch) -> Change:
        """Add the rows."""
        schema = branch.schema
        if schema is None:
            schema = branch.schema_for(rows.columns)
        elif lines := differences(rows.columns, schema):
            listed = "\n".join(f"- {line}" for line in lines)
            raise SchemaMismatchError(
                f"The result does not fit {branch.table}, so nothing was appended:\n{listed}\n"
                "Change the query to return the table's columns, or rebuild the table once with merge_strategy full_refresh.",
                details={"differences": lines},
            )
        return Change(schema, branch.write_files(rows, schema), replaces=False)


STRATEGIES: Extensions[Strategy] = Extensions(GROUP, {WriteStrategy.FULL_REFRESH.value: FullRefresh(), WriteStrategy.APPEND_ONLY.value: AppendOnly()})


def strategy(name: str) -> Strategy:
    """The write strategy called ``name``. Raises ValidationError naming the nearest."""
    return STRATEGIES.get(name)
