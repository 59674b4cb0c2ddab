"""Changing a pipeline's files by program and leaving everything else in them as its author wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from rat_engine.compile.analysis import analyse
from rat_engine.compile.config import PIPELINE_FIELDS, pipeline_config, read_annotations
from rat_engine.compile.documents import MAX_YAML_CHARACTERS, read_mapping
from rat_engine.compile.source import Problems, Source
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import CONFIG_FILE, SOURCE_FILE, PipelineFiles
from rat_engine.domain.revision import PipelineSettings
from rat_engine.errors import CompileError, Problem

Value = str | Sequence[str]

_LONG_LINE = 10_000


def read_settings(table: TableName, files: PipelineFiles, revision: int) -> PipelineSettings:
    """What ``config.yaml`` says and which of it an annotation overrides. What cannot be read is left out: the editor tells of it."""
    problems = Problems()
    document = Source(CONFIG_FILE, files.texts.get(CONFIG_FILE, ""))
    config = pipeline_config(Source(SOURCE_FILE, ""), document, problems)
    given = {setting.key for setting in read_mapping(document, problems)}
    overridden = tuple((setting.key, str(setting.value)) for setting in read_annotations(Source(SOURCE_FILE, files.source), PIPELINE_FIELDS, problems))
    strategy = config.merge_strategy.value if "merge_strategy" in given else ""
    return PipelineSettings(table, revision, config.description, config.owner, config.tags, strategy, overridden)


def with_settings(files: PipelineFiles, values: Mapping[str, Value]) -> PipelineFiles:
    """``files`` with ``values`` written into ``config.yaml``, whose comments and order stay; an empty value takes its key away.

    Raises CompileError for a file that is not a valid mapping, and for values that are not possible.
    """
    text = files.texts.get(CONFIG_FILE, "")
    document = _document(text)
    for key, value in values.items():
        _put(document, key, value)
    changed = _written(document, text)
    problems = Problems()
    pipeline_config(Source(SOURCE_FILE, ""), Source(CONFIG_FILE, changed), problems)
    _refuse(problems)
    texts = {path: content for path, content in files.texts.items() if path != CONFIG_FILE}
    return PipelineFiles({**texts, CONFIG_FILE: changed} if changed.strip() else texts)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise CompileError(list(problems))


def _yaml() -> Any:
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = _LONG_LINE
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _document(text: str) -> Any:
    """The text as a mapping that remembers how it was written."""
    problems = Problems()
    if len(text) <= MAX_YAML_CHARACTERS:
        read_mapping(Source(CONFIG_FILE, text), problems)
    _refuse(problems)
    try:
        found = _yaml().load(text)
    except (YAMLError, ValueError, RecursionError):
        raise CompileError([Problem(CONFIG_FILE, 0, 0, "config.yaml cannot be changed by the form.", "Change it in Code.")]) from None
    return found if found is not None else CommentedMap()


def _put(document: Any, key: str, value: Value) -> None:
    if not value:
        document.pop(key, None)
    elif isinstance(value, str):
        if str(document.get(key, "")) != value:
            document[key] = LiteralScalarString(value) if "\n" in value else value
    elif list(document.get(key) or []) != list(value):
        document[key] = list(value)


def _written(document: Any, before: str) -> str:
    """The document as text. One without keys loses its comments when it is read; they are the author's, so they are put back."""
    comments = [line for line in before.splitlines() if line.lstrip().startswith("#")]
    if not document:
        return "".join(f"{line}\n" for line in comments)
    stream = StringIO()
    _yaml().dump(document, stream)
    text = stream.getvalue()
    return text if not comments or comments[0] in text else "".join(f"{line}\n" for line in comments) + text


def with_name_changed(reader: TableName, files: PipelineFiles, old: TableName, new: TableName) -> PipelineFiles:
    """``files`` of ``reader`` with every ``ref`` of ``old`` reading ``new``; the rest of the text stays."""
    return replace(files, texts={path: _renamed(reader, path, text, old, new) if path.endswith(".sql") else text for path, text in files.texts.items()})


def _renamed(reader: TableName, path: str, text: str, old: TableName, new: TableName) -> str:
    reads = [read for read in analyse(reader, path, text).reads if read.name == old]
    for read in sorted(reads, key=lambda read: read.offset, reverse=True):
        start = text.find(read.written, read.offset, read.offset + len(read.written) + 2)
        short = read.written.count(".") == 1 and new.namespace == reader.namespace
        if start >= 0:
            text = text[:start] + (f"{new.layer.value}.{new.name}" if short else str(new)) + text[start + len(read.written) :]
    return text
