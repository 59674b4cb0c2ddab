"""Where the clauses of a query begin, and how its nodes are divided: the grammar that laying out needs, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rat_engine.compile.tokens import Group, Node, Token, word_of

_HEADS = (
    ("WITH", "RECURSIVE"),
    ("WITH",),
    ("SELECT", "DISTINCT"),
    ("SELECT",),
    ("FROM",),
    ("WHERE",),
    ("GROUP", "BY"),
    ("HAVING",),
    ("QUALIFY",),
    ("ORDER", "BY"),
    ("LIMIT",),
    ("UNION", "ALL", "BY", "NAME"),
    ("UNION", "BY", "NAME"),
    ("UNION", "ALL"),
    ("UNION",),
    ("EXCEPT", "ALL"),
    ("EXCEPT",),
    ("INTERSECT", "ALL"),
    ("INTERSECT",),
)
_JOINERS = frozenset({"NATURAL", "ASOF", "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "SEMI", "ANTI", "POSITIONAL"})
_QUERIES = frozenset({"SELECT", "WITH", "FROM", "VALUES"})
LISTS = frozenset({"WITH", "SELECT", "GROUP", "ORDER", "FROM"})
CONDITIONS = frozenset({"WHERE", "HAVING", "QUALIFY"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: the words it begins with, and the rest. ``after`` are tags and comments that stand between it and the next one."""

    head: tuple[Token, ...]
    body: tuple[Node, ...]
    after: tuple[Token, ...]

    @property
    def word(self) -> str:
        """Its first word in capitals; empty for what stands before the first clause."""
        return self.head[0].word if self.head else ""


def clauses(nodes: Sequence[Node]) -> Iterator[Clause]:
    """The clauses of a query in their order."""
    starts = [(index, length) for index in range(len(nodes)) if (length := _head(nodes, index))]
    edges = [*(index for index, _ in starts), len(nodes)]
    if edges[0]:
        yield _clause(nodes[: edges[0]], 0)
    for (start, length), end in zip(starts, edges[1:], strict=True):
        yield _clause(nodes[start:end], length)


def is_query(group: Group) -> bool:
    """Whether a query stands in the brackets."""
    first = next((node for node in group.inside if isinstance(node, Group) or not (node.is_comment or node.is_tag)), None)
    return group.opening.text == "(" and isinstance(first, Token) and first.word in _QUERIES


def items(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """``nodes`` divided behind their commas; a comment on the line of a comma stays with it."""
    item: list[Node] = []
    for node in nodes:
        ended = bool(item) and _ends_item(item)
        if ended and not (isinstance(node, Token) and node.is_comment and not node.lines):
            yield tuple(item)
            item = []
        item.append(node)
    if item:
        yield tuple(item)


def conjuncts(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """``nodes`` divided before their ANDs and ORs; the AND of a BETWEEN does not count."""
    part: list[Node] = []
    between = cases = 0
    for index, node in enumerate(nodes):
        word = word_of(nodes, index)
        cases += (word == "CASE") - (word == "END")
        between += word == "BETWEEN"
        if word in ("AND", "OR") and not cases:
            if word == "AND" and between:
                between -= 1
            elif part:
                yield tuple(part)
                part = []
        part.append(node)
    if part:
        yield tuple(part)


def case_end(nodes: Sequence[Node], start: int) -> int:
    """The index behind the END of the CASE at ``start``; 0 when there is none."""
    depth = 0
    for index in range(start, len(nodes)):
        word = word_of(nodes, index)
        depth += (word == "CASE") - (word == "END")
        if not depth:
            return index + 1
    return 0


def _clause(nodes: Sequence[Node], length: int) -> Clause:
    end = len(nodes)
    while end > length and _stands_alone(nodes[end - 1]):
        end -= 1
    head = tuple(node for node in nodes[:length] if isinstance(node, Token))
    return Clause(head, tuple(nodes[length:end]), tuple(node for node in nodes[end:] if isinstance(node, Token)))


def _stands_alone(node: Node) -> bool:
    return isinstance(node, Token) and (node.is_tag or (node.is_comment and node.lines > 0))


def _ends_item(item: Sequence[Node]) -> bool:
    code = [index for index, node in enumerate(item) if not (isinstance(node, Token) and node.is_comment)]
    return bool(code) and word_of(item, code[-1]) == ","


def _head(nodes: Sequence[Node], index: int) -> int:
    """How many words a clause that begins at ``index`` begins with; 0 when none does."""
    word, before = word_of(nodes, index), word_of(nodes, index - 1)
    if word == "FROM" and before == "DISTINCT" and word_of(nodes, index - 2) in ("IS", "NOT"):
        return 0
    if word == "JOIN" or word in _JOINERS:
        return 0 if before in _JOINERS else _join(nodes, index)
    if word == "WITH" and index and before != ")" and before:
        return 0
    return next((len(words) for words in _HEADS if all(word_of(nodes, index + step) == each for step, each in enumerate(words))), 0)


def _join(nodes: Sequence[Node], index: int) -> int:
    length = 0
    while word_of(nodes, index + length) in _JOINERS:
        length += 1
    return length + 1 if word_of(nodes, index + length) == "JOIN" else 0
