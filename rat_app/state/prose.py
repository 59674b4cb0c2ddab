"""Markdown that people wrote, as a tree of harmless elements for the browser."""

from __future__ import annotations

import functools
import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# The tree is a few times as long as its text, and a state variable has its limit.
MAX_CHARACTERS = 8_000
# Below the page's own heading and that of the section.
FIRST_HEADING = 3
ELEMENTS = frozenset(["a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul", "h3", "h4", "h5", "h6"])
_ADDRESS = re.compile(r"(https?://|mailto:|/(?!/)|#)", re.IGNORECASE)


def from_markdown(text: str) -> list[Any]:
    """Texts, and elements as [tag, attributes, children]. HTML stays text, pictures become their words, links lead to web, mail or portal addresses."""
    cut = text[:MAX_CHARACTERS]
    nodes = _Tree().children(SyntaxTreeNode(_parser().parse(cut)))
    return [*nodes, ["p", {}, ["… The rest is in table.yaml."]]] if len(text) > len(cut) else nodes


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


class _Tree:
    """One walk over a text; it remembers the last heading, so that no level is left out."""

    def __init__(self) -> None:
        self._level = FIRST_HEADING - 1

    def children(self, node: SyntaxTreeNode) -> list[Any]:
        return [part for child in node.children for part in self._parts(child)]

    def _parts(self, node: SyntaxTreeNode) -> list[Any]:
        """What a node becomes: none, one or several texts and elements."""
        if node.type in ("inline", "image"):
            return self.children(node)
        if node.type in ("text", "softbreak"):
            return [node.content or "\n"]
        if node.type in ("fence", "code_block"):
            return [["pre", {}, [node.content]]]
        if node.type == "code_inline":
            return [["code", {}, [node.content]]]
        return self._element(node)

    def _element(self, node: SyntaxTreeNode) -> list[Any]:
        tag = self._heading(int(node.tag[1])) if node.type == "heading" else node.tag
        attributes = {"href": str(node.attrs.get("href", ""))} if tag == "a" else {}
        children = self.children(node)
        if tag not in ELEMENTS or (tag == "a" and not _ADDRESS.match(attributes["href"])) or (tag == "p" and node.hidden):
            return children
        return [[tag, attributes, children]]

    def _heading(self, level: int) -> str:
        self._level = min(level + FIRST_HEADING - 1, self._level + 1, 6)
        return f"h{self._level}"
