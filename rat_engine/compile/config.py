"""A pipeline's settings: annotations at the top of a SQL file, ``config.yaml`` and ``table.yaml``.

Annotations and YAML keys are the same settings in two spellings; per setting the annotation wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rat_engine.compile.documents import Setting, is_mapping, items_of, kind_of, offset_of, read_mapping, settings_of, text_of
from rat_engine.compile.model import PipelineConfig, TableDocs
from rat_engine.compile.source import Problems, Source
from rat_engine.compile.statements import header, spans
from rat_engine.domain.names import nearest
from rat_engine.domain.pipeline import MAX_DESCRIPTION, WriteStrategy
from rat_engine.domain.quality import QualityTest, Severity
from rat_engine.errors import Problem, ValidationError

MAX_OWNER = 200
MAX_TAG = 63
MAX_TAGS = 50

_NOT_A_COLON = re.compile("[=\uff1a]")
_ANNOTATION = re.compile(r"--\s*@(?P<key>[^\s:]+)(?P<colon>\s*:)?[^\S\n]*(?P<value>.*?)\s*\Z")


def _text(limit: int) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(f"must be text, not {kind_of(value)}. Put it in quotes")
        if len(value) > limit:
            raise ValidationError(f"has {len(value):,} characters; at most {limit:,} are accepted")
        return value

    return parse


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few texts; ``aliases`` are other spellings that are accepted."""

    choices: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])

    def __call__(self, value: Any) -> str:
        """The choice that ``value`` is. Raises ValidationError."""
        text = _text(200)(value)
        text = self.aliases.get(text, text)
        if text in self.choices:
            return text
        wanted = self.choices[0] if len(self.choices) == 1 else f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        raise ValidationError(f"{text!r} is not possible: choose {wanted}. {nearest(text.lower(), self.choices)}".rstrip(". "))


def _tags(value: Any) -> tuple[str, ...]:
    parts: Iterable[str | None] = value.split(",") if isinstance(value, str) else map(text_of, _listed(value))
    tags = dict.fromkeys(_tag(part) for part in parts if part is None or part.strip())
    if len(tags) > MAX_TAGS:
        raise ValidationError(f"has {len(tags)} tags; at most {MAX_TAGS} are accepted")
    return tuple(tags)


def _listed(value: Any) -> list[Any]:
    items = items_of(value)
    if items is None:
        raise ValidationError(f"must be a list of texts, not {kind_of(value)}")
    return items


def _tag(part: str | None) -> str:
    if part is None:
        raise ValidationError("must be a list of texts. Put each in quotes")
    if len(part.strip()) > MAX_TAG:
        raise ValidationError(f"has a tag of {len(part.strip())} characters; at most {MAX_TAG} are accepted")
    return part.strip().lower()


_Fields = Mapping[str, Callable[[Any], Any]]

PIPELINE_FIELDS: _Fields = {
    "description": _text(MAX_DESCRIPTION),
    "materialized": Choice(("table",)),
    "merge_strategy": Choice(tuple(WriteStrategy)),
    "owner": _text(MAX_OWNER),
    "tags": _tags,
}
TEST_FIELDS: _Fields = {
    "description": _text(MAX_DESCRIPTION),
    "severity": Choice(tuple(Severity), {"warning": "warn"}),
    "remediation": _text(MAX_DESCRIPTION),
    "tags": _tags,
}
TABLE_KEYS = ("description", "columns")
COLUMN_KEYS = ("name", "description")


def pipeline_config(source: Source, document: Source | None, problems: Problems) -> PipelineConfig:
    """The settings of a pipeline from its SQL file and its ``config.yaml`` (None when there is none)."""
    values = _values(read_mapping(document, problems), PIPELINE_FIELDS, "setting", problems) if document else {}
    values |= _values(read_annotations(source, PIPELINE_FIELDS, problems), PIPELINE_FIELDS, "annotation", problems)
    if "merge_strategy" in values:
        values["merge_strategy"] = WriteStrategy(values["merge_strategy"])
    return PipelineConfig(**values)


def quality_test(name: str, source: Source, problems: Problems) -> QualityTest:
    """A quality test with the settings of its annotations."""
    values = _values(read_annotations(source, TEST_FIELDS, problems), TEST_FIELDS, "annotation", problems)
    values["severity"] = Severity(values.get("severity", Severity.ERROR))
    return QualityTest(name=name, path=source.file, sql=source.text, **values)


def table_docs(document: Source, problems: Problems) -> TableDocs:
    """The descriptions of a table and its columns from ``table.yaml``."""
    settings = {setting.key: setting for setting in _known(read_mapping(document, problems), TABLE_KEYS, "key", problems)}
    description = _parsed(settings["description"], _text(MAX_DESCRIPTION), problems) if "description" in settings else None
    columns = _columns(settings["columns"], problems) if "columns" in settings else {}
    return TableDocs(description or "", columns)


def _columns(setting: Setting, problems: Problems) -> dict[str, str]:
    items = items_of(setting.value)
    if items is None:
        problems.add(setting.problem(f"columns must be a list, not {kind_of(setting.value)}.", "Write `- name: …` and `description: …` for each column."))
        return {}
    columns: dict[str, str] = {}
    for item in items:
        _add_column(setting.source, item, columns, problems)
    return columns


def _add_column(source: Source, item: Any, columns: dict[str, str], problems: Problems) -> None:
    offset = offset_of(source, item)
    if not is_mapping(item):
        problems.add(source.problem(offset, f"A column must have a name, not be {kind_of(item)}.", "Write `- name: …`."))
        return
    settings = {found.key: found for found in _known(settings_of(source, item, problems), COLUMN_KEYS, "key", problems)}
    if "name" not in settings:
        problems.add(source.problem(offset, "This column has no name.", "Write `name: …`."))
        return
    name = _parsed(settings["name"], _text(200), problems)
    description = _parsed(settings["description"], _text(MAX_DESCRIPTION), problems) if "description" in settings else None
    if name in columns:
        problems.add(settings["name"].problem(f"The column {name!r} is described twice.", "Remove one of the two."))
    elif name is not None:
        columns[name] = description or ""


def _values(settings: Iterable[Setting], fields: _Fields, what: str, problems: Problems) -> dict[str, Any]:
    values = {setting.key: _parsed(setting, fields[setting.key], problems) for setting in _known(settings, fields, what, problems)}
    return {key: value for key, value in values.items() if value is not None}


def _known(settings: Iterable[Setting], names: Iterable[str], what: str, problems: Problems) -> list[Setting]:
    names = list(names)
    known: list[Setting] = []
    for setting in settings:
        if setting.key in names:
            known.append(setting)
        elif not problems.full:
            problems.add(setting.source.problem(setting.key_offset, *_unknown(setting.key, names, what)))
    return known


def _unknown(key: str, names: list[str], what: str) -> tuple[str, str]:
    shown = key[:MAX_TAG]
    if key.lower() in names:
        return f"{shown!r} has the wrong case.", f"Write {key.lower()!r}."
    article = "an" if what[0] in "aeiou" else "a"
    return f"{shown!r} is not {article} {what}.", nearest(shown.lower(), names) or f"There are {', '.join(names)}."


def _parsed(setting: Setting, parse: Callable[[Any], Any], problems: Problems) -> Any:
    if setting.value == "" or (not isinstance(setting.value, str) and kind_of(setting.value) == "nothing"):
        problems.add(setting.problem(f"{setting.key} has no value.", "Give one, or remove it."))
        return None
    try:
        return parse(setting.value)
    except ValidationError as error:
        problems.add(setting.problem(f"{setting.key} {error.message}" + ("" if error.message.endswith("?") else ".")))
        return None


def read_annotations(source: Source, names: Iterable[str], problems: Problems) -> list[Setting]:
    """The ``-- @key: value`` lines of the comment header, each key once; a repeated one is a problem.

    A line comment further down that looks like one of ``names`` is a warning, since it has no effect there.
    """
    names = set(names)
    settings: dict[str, Setting] = {}
    top = list(header(source.text))
    for span in top:
        setting = _annotation(source, span.start, span.end, names, problems)
        if setting and setting.key in settings:
            line = source.position(settings[setting.key].key_offset)[0]
            problems.add(source.problem(setting.key_offset, f"@{setting.key} is given twice: first on line {line}.", "Remove one of them."))
        elif setting:
            settings[setting.key] = setting
    problems.add(*_misplaced(source, top[-1].end if top else 0, names))
    return list(settings.values())


def _annotation(source: Source, start: int, end: int, names: set[str], problems: Problems) -> Setting | None:
    match = _ANNOTATION.match(source.text[start:end])
    if not match:
        return None
    key, offset = match["key"], start + match.start("key")
    if match["colon"] is None:
        name = _NOT_A_COLON.split(key.lower())[0]
        if name in names:
            problems.add(source.problem(offset, f"@{name} has no colon.", f"Write `-- @{name}: …`."))
        return None
    return Setting(source, key, match["value"], offset, start + match.start("value"))


def _misplaced(source: Source, after: int, names: set[str]) -> Iterable[Problem]:
    for span in spans(source.text):
        match = _ANNOTATION.match(source.text[span.start : span.end]) if span.start >= after else None
        if match and match["colon"] and match["key"] in names:
            message = f"@{match['key']} has no effect here: annotations stand at the top of the file, before the first SQL."
            yield source.problem(span.start + match.start("key"), message, "Move it up, or remove the @.", "warning")


def annotation_lines(source: Source) -> list[tuple[int, int]]:
    """Start and end of each annotation in the header, to be blanked in the compiled SQL."""
    found = [(span.start, span.end) for span in header(source.text)]
    return [(start, end) for start, end in found if (match := _ANNOTATION.match(source.text[start:end])) and match["colon"]]
