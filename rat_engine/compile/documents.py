"""YAML documents as settings with positions. Nothing is ever constructed from a tag; aliases are not followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from rat_engine.compile.source import Problems, Source
from rat_engine.errors import Problem

MAX_YAML_CHARACTERS = 100_000
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key with its value and where both stand. ``value`` is a text, or the YAML node when the document has no text there."""

    source: Source
    key: str
    value: Any
    key_offset: int
    value_offset: int

    def problem(self, message: str, hint: str = "") -> Problem:
        """A problem at the value."""
        return self.source.problem(self.value_offset, message, hint)


def read_mapping(source: Source, problems: Problems) -> list[Setting]:
    """The top-level keys of a YAML document; a document that cannot be read gives problems and no keys."""
    node = _compose(source, problems)
    if node is None or kind_of(node) == "nothing":
        return []
    if not is_mapping(node):
        problems.add(source.problem(offset_of(source, node), f"{source.file} must hold keys with values.", "Write for example `description: …`."))
        return []
    return settings_of(source, node, problems)


def settings_of(source: Source, node: Any, problems: Problems) -> list[Setting]:
    """The keys of a mapping; a key that repeats an earlier one is a problem."""
    settings: dict[str, Setting] = {}
    for key, value in node.value:
        offset = offset_of(source, key)
        name = text_of(key)
        if name is None:
            problems.add(source.problem(offset, "A key must be text."))
        elif name in settings:
            line = source.position(settings[name].key_offset)[0]
            problems.add(source.problem(offset, f"{name!r} is given twice: first on line {line}.", "Remove one of them."))
        else:
            text = text_of(value)
            settings[name] = Setting(source, name, value if text is None else text, offset, offset_of(source, value))
    return list(settings.values())


def text_of(node: Any) -> str | None:
    """The text of a scalar that YAML takes for text; None for a number, a date, true, null, a list or a mapping."""
    return str(node.value) if _is(node, ScalarNode) and str(node.tag) == f"{_TAG}str" else None


def items_of(node: Any) -> list[Any] | None:
    """The nodes of a list; None for anything else."""
    return list(node.value) if _is(node, SequenceNode) else None


def is_mapping(node: Any) -> bool:
    """Whether a node holds keys with values."""
    return _is(node, MappingNode)


def _is(node: Any, kind: type) -> bool:
    # A function of its own, so that ruamel's untyped attributes stay Any for the type checker.
    return isinstance(node, kind)


def kind_of(node: Any) -> str:
    """What a node or a text is, for a message: ``a list``, ``a mapping``, ``nothing``, ``a number`` and so on."""
    if isinstance(node, str):
        return "text"
    if _is(node, SequenceNode):
        return "a list"
    if is_mapping(node):
        return "a mapping"
    names = {"null": "nothing", "int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date", "str": "text"}
    return names.get(str(node.tag).removeprefix(_TAG), "a tagged value")


def offset_of(source: Source, node: Any) -> int:
    """Where a node begins."""
    return source.offset(node.start_mark.line + 1, node.start_mark.column + 1)


def _compose(source: Source, problems: Problems) -> Any:
    if len(source.text) > MAX_YAML_CHARACTERS:
        problems.add(source.whole(f"{source.file} has {len(source.text):,} characters; at most {MAX_YAML_CHARACTERS:,} are accepted."))
        return None
    try:
        reader: Any = YAML(typ="safe", pure=True)
        reader.composer.warn_double_anchors = False
        return reader.compose(source.text)
    except MarkedYAMLError as error:
        problems.add(_marked(source, error))
    except ReaderError as error:
        problems.add(source.problem(_refused_character(source, error), "This character cannot stand in YAML.", "Remove it."))
    except RecursionError:
        problems.add(source.whole(f"{source.file} is nested too deeply."))
    except (YAMLError, ValueError, LookupError, AttributeError, TypeError, AssertionError) as error:
        problems.add(source.whole(f"{source.file} cannot be read as YAML: {error}"))
    return None


def _refused_character(source: Source, error: Any) -> int:
    character = error.character
    return source.text.find(chr(character) if isinstance(character, int) else str(character))


def _marked(source: Source, error: Any) -> Problem:
    mark = error.problem_mark or error.context_mark
    offset = source.offset(mark.line + 1, mark.column + 1) if mark else 0
    return source.problem(offset, f"{source.file} is not valid YAML: {error.problem or error.context}.")
