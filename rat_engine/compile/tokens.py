"""The SQL of a template as tokens and as groups in parentheses: what laying it out works on. Nothing is left out but white space."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rat_engine.compile.statements import Kind, spans
from rat_engine.errors import FormatError

_PIECE = re.compile(r"[^\W\d]\w*|\d[\w.]*|[-+*/%<>=!~@#&|^?:]+|\S")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece. ``lines`` are the line ends before it; ``gap`` tells whether there is any white space before it."""

    text: str
    kind: Kind | None
    gap: bool
    lines: int

    @property
    def word(self) -> str:
        """The piece in capitals when it is plain SQL; empty otherwise."""
        return self.text.upper() if self.kind is None else ""

    @property
    def is_tag(self) -> bool:
        """Whether it is a Jinja statement, which stands on a line of its own."""
        return self.kind is Kind.JINJA and self.text.startswith("{%")

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment of SQL or of Jinja."""
        return self.kind in (Kind.COMMENT, Kind.NOTE)

    @property
    def ends_line(self) -> bool:
        """Whether nothing may follow it on its line."""
        return self.is_tag or (self.kind is Kind.COMMENT and self.text.startswith("--"))


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two brackets."""

    opening: Token
    inside: tuple[Node, ...]
    closing: Token


Node: TypeAlias = Token | Group


def tokens(text: str, template: bool = True) -> Iterator[Token]:
    """Every piece of ``text`` in its order."""
    end = 0
    for kind, start, stop in _pieces(text, template):
        white = text[end:start]
        yield Token(text[start:stop].rstrip() if kind is Kind.COMMENT else text[start:stop], kind, bool(white), white.count("\n"))
        end = stop


def tree(found: Sequence[Token]) -> tuple[Node, ...]:
    """The tokens with whatever is in brackets put into groups. Raises FormatError for brackets that do not match."""
    stack: list[tuple[Token | None, list[Node]]] = [(None, [])]
    for token in found:
        opening = stack[-1][0]
        if token.word in _PAIRS:
            stack.append((token, []))
        elif token.word in _PAIRS.values():
            if opening is None or _PAIRS[opening.text] != token.text:
                raise FormatError(f"It is not laid out: a {token.text!r} closes nothing.")
            _, inside = stack.pop()
            stack[-1][1].append(Group(opening, tuple(inside), token))
        else:
            stack[-1][1].append(token)
    opening = stack[-1][0]
    if opening is not None:
        raise FormatError(f"It is not laid out: a {opening.text!r} is never closed.")
    return tuple(stack[0][1])


def word_of(nodes: Sequence[Node], index: int) -> str:
    """The plain word at ``index`` in capitals; empty for anything else and outside."""
    node = nodes[index] if 0 <= index < len(nodes) else None
    return node.word if isinstance(node, Token) else ""


def _pieces(text: str, template: bool) -> Iterator[tuple[Kind | None, int, int]]:
    position = 0
    for span in spans(text, template):
        yield from ((None, match.start(), match.end()) for match in _PIECE.finditer(text, position, span.start))
        yield span.kind, span.start, span.end
        position = span.end
    yield from ((None, match.start(), match.end()) for match in _PIECE.finditer(text, position))
