"""Changing a YAML document of a pipeline and nothing else in it: comments, order and the style of what stays are kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_NO_WRAP = 100_000
_INDENT = 2


def with_docs(text: str, description: str | None, columns: Mapping[str, str]) -> str:
    """``table.yaml`` with these descriptions; an empty one is taken out, None stays. ``text`` must be a document that compiles, or empty."""

    def change(document: Any) -> None:
        if description is not None:
            _set(document, "description", description, first=True)
        items: Any = document.get("columns", CommentedSeq())
        known: dict[str, Any] = {str(item["name"]): item for item in items}
        for name, said in columns.items():
            if name in known:
                _set(known[name], "description", said)
            elif said:
                items.append(CommentedMap({"name": name, "description": _styled(said)}))
        if len(items) and "columns" not in document:
            document["columns"] = items

    return _changed(text, change)


def _changed(text: str, change: Callable[[Any], None]) -> str:
    yaml: Any = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _NO_WRAP
    found = _ITEM.search(text)
    offset = len(found[1]) if found else _INDENT
    yaml.indent(mapping=_INDENT, sequence=offset + _INDENT, offset=offset)
    document = yaml.load(text)
    # A document of comments alone has nothing that could carry them.
    head = text.rstrip("\n") + "\n" if document is None and text.strip() else ""
    if document is None:
        document = CommentedMap()
    change(document)
    if not document:
        return head
    written = io.StringIO()
    yaml.dump(document, written)
    return head + written.getvalue()


def _set(mapping: Any, key: str, value: Any, *, first: bool = False) -> None:
    if mapping.get(key, "") == value:
        return
    if not value:
        mapping.pop(key, None)
    elif first and key not in mapping:
        mapping.insert(0, key, _styled(value))
    else:
        mapping[key] = _styled(value)


def _styled(value: Any) -> Any:
    """Several lines as a block; a list as a list; a text that reads like a number or a date is quoted by the writer itself."""
    if isinstance(value, str):
        return LiteralScalarString(value) if "\n" in value else value
    return CommentedSeq(value)
