"""The files a new pipeline starts with: they compile, release and run as they are."""

from __future__ import annotations

from rat_engine.compile.from_query import described
from rat_engine.domain.names import Layer, TableName
from rat_engine.domain.pipeline import SOURCE_FILE, PipelineFiles

_HINTS = {
    Layer.BRONZE: "Bronze holds data as it arrived. Read a landing zone: select * from {{ landing_zone('my_zone') }}",
    Layer.SILVER: "Silver holds cleaned, typed data. Read another table: select * from {{ ref('bronze.my_table') }}",
    Layer.GOLD: "Gold answers a question. Read silver tables: select … from {{ ref('silver.my_table') }} group by …",
}


_TEST = """\
-- @severity: error
-- @description: Every row has an id.
-- @remediation: Find the rows without id in the source.
select * from {{ this }} where id is null
"""


def starter_files(table: TableName, description: str = "") -> PipelineFiles:
    """A pipeline of one row, with a comment on what its layer is for and one quality test."""
    hint = _HINTS[table.layer]
    source = f"{described(description)}-- @merge_strategy: full_refresh\n-- {hint}\nselect\n    1 as id,\n    'hello' as message\n"
    return PipelineFiles({SOURCE_FILE: source, "tests/quality/id_not_null.sql": _TEST})
