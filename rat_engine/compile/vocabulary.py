"""The words that compiling knows, with what they mean: what an editor completes and explains. Names and values come from the compiler's own tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rat_engine.compile.checks import FUNCTIONS, VALUES
from rat_engine.compile.config import COLUMN_KEYS, PIPELINE_FIELDS, TABLE_KEYS, TEST_FIELDS, Choice
from rat_engine.compile.sandbox import FILTER_NAMES
from rat_engine.domain.authoring import Vocabulary, Word

HELPERS: Mapping[str, tuple[str, str]] = {
    "ref": ("The table that another pipeline fills; what it names becomes a dependency.", "ref('')"),
    "landing_zone": ("The files that lie in a landing zone, as rows.", "landing_zone('')"),
    "is_incremental": ("Whether the table has rows already and the write strategy keeps them.", "is_incremental()"),
    "this": ("The table that this pipeline fills. Only where is_incremental() is true, and in quality tests.", ""),
    "run_id": ("The id of the run.", ""),
    "run_started_at": ("When the run began, as a text in ISO 8601 with zone.", ""),
}
MEANINGS: Mapping[str, str] = {
    "description": "What the table is for, or what a quality test makes sure of.",
    "materialized": "What the pipeline becomes.",
    "merge_strategy": "How a run's rows get into the table.",
    "owner": "Who cares about it.",
    "tags": "Words to find it by, with commas between them.",
    "severity": "error: bad rows forbid the publish; warn: they are only reported.",
    "remediation": "What to do when the test finds bad rows.",
    "columns": "The columns, each with a name and a description.",
    "name": "A column's name.",
}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Every word."""
    return Vocabulary(
        helpers=tuple(Word(name, HELPERS[name][0], insert=HELPERS[name][1]) for name in (*FUNCTIONS, *VALUES)),
        filters=tuple(Word(name, "") for name in sorted(FILTER_NAMES)),
        annotations=_words(PIPELINE_FIELDS),
        test_annotations=_words(TEST_FIELDS),
        config_keys=_words(PIPELINE_FIELDS),
        table_keys=_words(dict.fromkeys((*TABLE_KEYS, *COLUMN_KEYS), None)),
    )


def _words(fields: Mapping[str, object]) -> tuple[Word, ...]:
    return tuple(Word(name, MEANINGS[name], _values(parser)) for name, parser in fields.items())


def _values(parser: object) -> tuple[str, ...]:
    return tuple(str(choice) for choice in parser.choices) if isinstance(parser, Choice) else ()
