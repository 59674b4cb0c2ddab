"""Laying out the SQL of a template: line ends and spaces change, nothing else does, and that is proven before the result is used."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rat_engine.compile.analysis import TRIALS, analyse
from rat_engine.compile.clauses import CONDITIONS, LISTS, Clause, case_end, clauses, conjuncts, is_query, items
from rat_engine.compile.model import RenderContext
from rat_engine.compile.statements import header
from rat_engine.compile.tokens import Group, Node, Token, tokens, tree, word_of
from rat_engine.domain.names import TableName
from rat_engine.errors import CompileError, FormatError

MAX_CHARACTERS = 100_000
WIDTH = 100
STEP = 4

_SPACED = frozenset({"=", "==", "<>", "!=", "<", ">", "<=", ">=", "||"})


def format_template(table: TableName, path: str, text: str) -> str:
    """``text`` laid out anew. Raises FormatError saying why it cannot be."""
    if not path.endswith(".sql"):
        raise FormatError(f"{path} is not laid out: only SQL is.")
    if len(text) > MAX_CHARACTERS:
        raise FormatError(f"{path} has more than {MAX_CHARACTERS:,} characters, too many to lay out.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    end = max((span.end for span in header(text)), default=0)
    body = text[end:]
    page = _Page()
    page.query(tree(list(tokens(body.strip()))), 0)
    apart = "\n\n" if body.startswith("\n\n") else "\n"
    result = apart.join(part for part in (text[:end].rstrip(), page.text) if part) + "\n"
    _prove(table, path, text, result)
    return result


class _Page:
    """What has been written so far; a line comment ends its line whatever comes next."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._indent = 0
        self._last: Token | None = None

    @property
    def text(self) -> str:
        """Everything written."""
        return "\n".join(line.rstrip() if line.isspace() else line for line in (*self._lines, self._line)).strip("\n")

    def query(self, nodes: Sequence[Node], indent: int) -> None:
        """Write a query, each clause on a line of its own."""
        for clause in clauses(nodes):
            self._begin(indent)
            self._clause(clause, indent)
            for token in clause.after:
                self._begin(indent)
                self._token(token)
            if clause.word == "WITH":
                self._begin(indent)
                self._lines.append("")

    def _clause(self, clause: Clause, indent: int) -> None:
        for token in clause.head:
            self._token(token)
        parts = list(items(clause.body)) if clause.word in LISTS else []
        if clause.word == "WITH":
            self._ctes(parts, indent)
        elif self._fits(clause.body) and not (len(parts) > 1 and any(token.lines for token in _flat(clause.body))):
            self._inline(clause.body, indent)
        elif parts:
            self._listed(parts, indent + STEP)
        elif clause.word in CONDITIONS or any(word_of(clause.body, index) == "ON" for index in range(len(clause.body))):
            self._condition(clause.body, indent + STEP)
        else:
            self._inline(clause.body, indent)

    def _ctes(self, parts: Sequence[tuple[Node, ...]], indent: int) -> None:
        for number, part in enumerate(parts):
            if number:
                self._begin(indent)
            for node in part:
                if isinstance(node, Group) and is_query(node):
                    self._opened(node, indent)
                else:
                    self._inline([node], indent)

    def _listed(self, parts: Sequence[Sequence[Node]], indent: int) -> None:
        for part in parts:
            self._begin(indent)
            self._inline(part, indent)

    def _condition(self, nodes: Sequence[Node], indent: int) -> None:
        """Write a condition, or a joined table with its condition, which is divided before AND, OR and ON."""
        on = next((index for index in range(len(nodes)) if word_of(nodes, index) == "ON"), 0)
        self._inline(nodes[:on], indent)
        if on:
            self._begin(indent)
        rest = nodes[on:]
        if self._fits(rest):
            self._inline(rest, indent)
            return
        for number, part in enumerate(conjuncts(rest)):
            if number:
                self._begin(indent)
            self._inline(part, indent)

    def _inline(self, nodes: Sequence[Node], indent: int) -> None:
        index = 0
        while index < len(nodes):
            node = nodes[index]
            end = case_end(nodes, index) if word_of(nodes, index) == "CASE" else 0
            if end and not self._fits(nodes[index:end]):
                self._case(nodes[index:end], indent)
                index = end
                continue
            if isinstance(node, Token):
                if node.is_tag or (node.is_comment and node.lines):
                    self._begin(indent)
                self._token(node)
            elif self._fits([node]):
                self._whole(node)
            else:
                self._opened(node, indent)
            index += 1

    def _case(self, nodes: Sequence[Node], indent: int) -> None:
        edges = [index for index in range(1, len(nodes)) if word_of(nodes, index) in ("WHEN", "ELSE") and not _inside_case(nodes, index)]
        edges = [*edges, len(nodes) - 1]
        self._inline(nodes[: edges[0]], indent) if edges[0] > 1 else self._tokens(nodes[:1])
        for start, end in pairwise(edges):
            self._begin(indent + STEP)
            self._inline(nodes[start:end], indent + STEP)
        self._begin(indent)
        self._tokens(nodes[-1:])

    def _opened(self, group: Group, indent: int) -> None:
        """Write a group with its brackets on different lines."""
        self._token(group.opening)
        if is_query(group):
            self.query(group.inside, indent + STEP)
        else:
            parts = list(items(group.inside))
            self._listed(parts if len(parts) > 1 else list(conjuncts(group.inside)), indent + STEP)
        self._begin(indent)
        self._token(group.closing)

    def _whole(self, group: Group) -> None:
        for token in _flat([group]):
            self._token(token)

    def _tokens(self, nodes: Sequence[Node]) -> None:
        for token in _flat(nodes):
            self._token(token)

    def _token(self, token: Token) -> None:
        if self._last is not None and self._last.ends_line and self._line.strip():
            self._begin(self._indent)
        space = bool(self._line.strip()) and self._last is not None and _apart(self._last, token)
        self._line += (" " if space else "") + token.text
        self._last = token

    def _begin(self, indent: int) -> None:
        """Go to the beginning of a line."""
        self._indent = indent
        if self._line.strip():
            self._lines.append(self._line)
        self._line = " " * indent

    def _fits(self, nodes: Sequence[Node]) -> bool:
        """Whether ``nodes`` have room on the line that is being written."""
        length = len(self._line) + 1
        last = self._last
        found = _flat(nodes)
        for number, token in enumerate(found):
            if "\n" in token.text or token.is_tag or (token.is_comment and (token.lines or number < len(found) - 1)):
                return False
            length += len(token.text) * (not token.is_comment) + (last is not None and _apart(last, token))
            last = token
        return length <= WIDTH


def _flat(nodes: Sequence[Node]) -> list[Token]:
    found: list[Token] = []
    for node in nodes:
        found += [node] if isinstance(node, Token) else [node.opening, *_flat(node.inside), node.closing]
    return found


def _apart(before: Token, after: Token) -> bool:
    """Whether a space stands between two neighbours: as it was written, apart from brackets, commas, comparisons and casts."""
    if after.is_comment or before.is_comment:
        return True
    if after.word in (",", ";", ")", "]", "::") or before.word in ("(", "[", "::"):
        return False
    if before.word == "," or before.word in _SPACED or after.word in _SPACED:
        return True
    return after.gap


def _inside_case(nodes: Sequence[Node], index: int) -> bool:
    return sum((word_of(nodes, each) == "CASE") - (word_of(nodes, each) == "END") for each in range(1, index)) > 0


def _prove(table: TableName, path: str, before: str, after: str) -> None:
    """Raise FormatError unless both texts have the same tokens, as they are written and as they become SQL on a first and on a later run."""
    if _texts(before) != _texts(after):
        raise FormatError("It is not laid out: the result would not say the same.")
    for context in TRIALS:
        first, second = (_rendered(table, path, text, context) for text in (before, after))
        if _texts(first, template=False) != _texts(second, template=False):
            raise FormatError("It is not laid out: a tag stands inside a word, where no line may end.")


def _texts(text: str, template: bool = True) -> list[str]:
    return [token.text for token in tokens(text, template)]


def _rendered(table: TableName, path: str, text: str, context: RenderContext) -> str:
    try:
        template = analyse(table, path, text).template
        if template is None:
            raise FormatError(f"{path} does not compile. Look at its problems first.")
        return template.render(table, context).sql
    except CompileError as error:
        raise FormatError(f"{path} does not compile: {error.problems[0].message}") from None
