"""Following a column through the scopes of one statement (subqueries, common table expressions, unions) to the tables it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from rat_engine.domain.columns import ColumnKind, ColumnRef
from rat_engine.domain.lineage import Place, place_id
from rat_engine.domain.names import LANDING_SCHEMA, Layer, TableName, ZoneName

MAX_EXPRESSION = 500
DIALECT = "duckdb"

_STRENGTH = (ColumnKind.CONSTANT, ColumnKind.COPIED, ColumnKind.COMPUTED, ColumnKind.AGGREGATED)
_CLAUSES = ("joins", "where", "group", "having", "qualify", "distinct", "laterals")


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of an expression: the columns of tables its value comes from, how, and why not all of it is known."""

    sources: frozenset[ColumnRef] = frozenset()
    kind: ColumnKind = ColumnKind.CONSTANT
    expression: str = ""
    reason: str = ""


class Tracer:
    """The scopes of one statement; every question is answered once."""

    def __init__(self, root: Scope, schemas: Mapping[Place, Collection[str]]) -> None:
        self._root = root
        self._schemas = {place: {column.lower() for column in columns} for place, columns in schemas.items()}
        self._known: dict[tuple[int, str], Found] = {}

    def outputs(self, scope: Scope) -> tuple[str, ...] | None:
        """The names of a scope's columns, lower-case; None when a star hides them."""
        expression: Any = scope.expression
        if isinstance(expression, exp.SetOperation):
            first = self.outputs(scope.set_operation_scopes[0])
            other = self.outputs(scope.set_operation_scopes[1]) if expression.args.get("by_name") else ()
            return None if first is None or other is None else tuple(dict.fromkeys((*first, *other)))
        if any(_is_star(projection) or _is_columns(projection) for projection in expression.expressions if isinstance(expression, exp.Select)):
            return None
        return tuple(name.lower() for name in expression.named_selects)

    def output(self, scope: Scope, name: str) -> Found:
        """Where the column ``name`` of a scope comes from."""
        key = (id(scope), name)
        if key not in self._known:
            # A recursive common table expression asks for itself: what it adds to itself is nothing new.
            self._known[key] = Found()
            self._known[key] = self._output(scope, name)
        return self._known[key]

    def deciding(self) -> frozenset[ColumnRef]:
        """The columns that decide which rows there are: of filters, joins, groups, and of orders that a limit cuts."""
        found: set[ColumnRef] = set()
        for scope in self._root.traverse():
            expression: Any = scope.expression
            for clause in _clauses(expression) if isinstance(expression, exp.Select) else ():
                found |= self.of(scope, clause).sources
            if isinstance(expression, exp.Except | exp.Intersect):
                found |= _joined([self.output(scope.set_operation_scopes[1], name) for name in self.outputs(scope.set_operation_scopes[1]) or ()]).sources
        return frozenset(found)

    def of(self, scope: Scope, expression: Any) -> Found:
        """Where the value of an expression comes from."""
        parts: list[Found] = []
        for node in expression.walk(prune=_is_query):
            if isinstance(node, exp.Column):
                parts.append(_starred(node) if isinstance(node.this, exp.Star) else self._column(scope, node))
            elif _is_query(node):
                parts += self._subquery(scope, node)
        return _joined(parts)

    def _output(self, scope: Scope, name: str) -> Found:
        expression: Any = scope.expression
        if isinstance(expression, exp.SetOperation):
            return self._united(scope, name)
        if not isinstance(expression, exp.Select):
            return self._made(scope, expression)
        if expression.args.get("pivots") or any(source.args.get("pivots") for source in scope.tables):
            return Found(reason="PIVOT makes columns from values, which are not known before it runs.")
        projection = next((each for each in expression.expressions if not _is_star(each) and each.alias_or_name.lower() == name), None)
        if projection is None:
            return self._from_star(scope, name)
        return self._projected(scope, projection.unalias())

    def _projected(self, scope: Scope, value: Any) -> Found:
        while isinstance(value, exp.Paren):
            value = value.this
        found = self.of(scope, value)
        text = _text(value)
        if isinstance(value, exp.Column):
            return found if found.expression else Found(found.sources, found.kind, text, found.reason)
        own = ColumnKind.AGGREGATED if value.find(exp.AggFunc) is not None else ColumnKind.COMPUTED if found.sources else ColumnKind.CONSTANT
        if own is ColumnKind.CONSTANT and not found.reason and _asks(value):
            own = ColumnKind.COMPUTED
        return Found(found.sources, _stronger(own, found.kind), text, found.reason)

    def _united(self, scope: Scope, name: str) -> Found:
        """A column of a union: the same place, or with BY NAME the same name, on both sides."""
        left, right = scope.set_operation_scopes
        if isinstance(scope.expression, exp.Except):
            return self.output(left, name)
        if scope.expression.args.get("by_name"):
            sides = [self.output(side, name) for side in (left, right) if name in (self.outputs(side) or (name,))]
            return _joined(sides, sides[0].expression if sides else "")
        names, others = self.outputs(left), self.outputs(right)
        if names is None or others is None or len(names) != len(others):
            return _joined([self.output(left, name), self.output(right, name)])
        first = self.output(left, name)
        return _joined([first, self.output(right, others[names.index(name)])], first.expression)

    def _made(self, scope: Scope, expression: Any) -> Found:
        """A column of a table function, UNNEST or VALUES."""
        parts = [self._column(scope, column) for column in expression.find_all(exp.Column)]
        found = _joined(parts)
        return Found(found.sources, ColumnKind.COMPUTED if parts else ColumnKind.CONSTANT, _text(expression), found.reason)

    def _from_star(self, scope: Scope, name: str) -> Found:
        """A column that only a star can have brought along."""
        stars = [projection for projection in scope.expression.expressions if _is_star(projection)]
        if any(_is_columns(projection) for projection in scope.expression.expressions):
            return Found(reason="COLUMNS(…) makes columns from a pattern.")
        if not stars:
            return Found(reason=f"The SQL makes no column {name}.")
        for star in stars:
            for replacement in _parts_of(star, "replace"):
                if replacement.alias.lower() == name:
                    return self._projected(scope, replacement.unalias())
        original = next((each.this.name.lower() for star in stars for each in _parts_of(star, "rename") if each.alias.lower() == name), name)
        wanted = {star.table for star in stars if isinstance(star, exp.Column) and star.table}
        chosen = {alias: source for alias, (_, source) in scope.selected_sources.items() if not wanted or alias in wanted}
        return self._brought(scope, chosen, original)

    def _brought(self, scope: Scope, chosen: dict[str, Any], name: str) -> Found:
        hidden = [source for source in chosen.values() if not isinstance(source, Scope) or self.outputs(source) is None]
        for source in chosen.values():
            if isinstance(source, Scope) and name in (self.outputs(source) or ()):
                return self.output(source, name)
        if len(hidden) == 1:
            return self._leaf(hidden[0], name)
        return Found(reason=f"{name} comes from a *, and it is not known which of {len(hidden) or len(chosen)} relations has it.")

    def _subquery(self, scope: Scope, query: exp.Query) -> list[Found]:
        inner = query.unnest() if isinstance(query, exp.Subquery) else query
        for child in scope.subquery_scopes:
            if child.expression is inner or child.expression is query:
                names = self.outputs(child)
                return [self.output(child, name) for name in names] if names is not None else [Found(reason="A * stands in a subquery.")]
        return [Found(reason="A subquery could not be followed.")]

    def _column(self, scope: Scope, column: exp.Column) -> Found:
        name, alias = column.name.lower(), column.table
        at: Scope | None = scope
        while at is not None:
            if alias and alias in at.sources:
                return self._leaf(at.sources[alias], name)
            at = at.parent
        sources = [source for _, source in scope.selected_sources.values()]
        if not alias and len(sources) == 1:
            if name in _computed_aliases(scope.expression) and not _names_itself(column, name):
                return Found(reason=f"It is not known whether {name} means a column of the files or the expression of that name.")
            return self._leaf(sources[0], name)
        if not scope.sources:
            # The first part of a recursive expression, seen from the part that adds to it: nothing new.
            return Found(kind=ColumnKind.COPIED)
        if not alias:
            return Found(reason=f"It is not known which of {len(sources)} relations has the column {name}: their columns are not all known.")
        return Found(reason=f"{alias}.{name} could not be resolved.")

    def _leaf(self, source: Any, name: str) -> Found:
        if isinstance(source, Scope):
            return self.output(source, name)
        place = place_of(source)
        if place is None:
            # A table function or a file: what it gives comes from no table.
            return Found(kind=ColumnKind.COMPUTED, expression=_text(source))
        if place in self._schemas and name not in self._schemas[place]:
            return Found(reason=f"{place_id(place)} has no column {name} now.")
        return Found(frozenset({ColumnRef(place, name)}), ColumnKind.COPIED)


def place_of(table: Any) -> Place | None:
    """The table or landing zone that a name in compiled SQL means; None for anything else."""
    if not isinstance(table, exp.Table) or not (table.catalog and table.db and table.name):
        return None
    if table.db == LANDING_SCHEMA:
        return ZoneName(table.catalog, table.name)
    return TableName(table.catalog, Layer(table.db), table.name) if table.db in list(Layer) else None


def refs_of(sources: Iterable[ColumnRef]) -> tuple[ColumnRef, ...]:
    """References in a steady order."""
    return tuple(sorted(sources, key=lambda ref: ref.id))


def _clauses(select: exp.Select) -> Iterator[Any]:
    for name in _CLAUSES:
        value = select.args.get(name)
        yield from value if isinstance(value, list) else [value] if value is not None else []
    group = select.args.get("group")
    if group is not None and group.args.get("all"):
        yield from (each for each in select.expressions if each.find(exp.AggFunc) is None and not _is_star(each))
    if select.args.get("limit") is not None and select.args.get("order") is not None:
        yield select.args["order"]


def _names_itself(column: exp.Column, name: str) -> bool:
    """Whether ``column`` stands in the expression that is called ``name``: nothing can mean itself, so it is a column of what is read."""
    around: exp.Alias | None = column.find_ancestor(exp.Alias)
    return around is not None and around.alias.lower() == name


def _computed_aliases(select: Any) -> frozenset[str]:
    """The names that a SELECT gives to expressions, which may hide columns of the same name."""
    named = [each for each in select.expressions if isinstance(each, exp.Alias)] if isinstance(select, exp.Select) else []
    return frozenset(each.alias.lower() for each in named if each.unalias().name.lower() != each.alias.lower())


def _joined(parts: Sequence[Found], expression: str = "") -> Found:
    """Several values that become one."""
    kinds = [part.kind for part in parts]
    strongest = max(kinds, key=_STRENGTH.index, default=ColumnKind.CONSTANT)
    reason = next((part.reason for part in parts if part.reason), "")
    text = expression or (parts[0].expression if len(parts) == 1 else "")
    return Found(frozenset[ColumnRef]().union(*(part.sources for part in parts)), strongest, text, reason)


def _stronger(one: ColumnKind, other: ColumnKind) -> ColumnKind:
    return max(one, other, key=_STRENGTH.index)


def _starred(column: exp.Column) -> Found:
    return Found(reason=f"{column.sql(dialect=DIALECT)} stands inside an expression.")


def _is_query(node: Any) -> bool:
    return isinstance(node, exp.Query) and not isinstance(node, exp.Table)


def _is_star(projection: Any) -> bool:
    return isinstance(projection, exp.Star) or (isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star))


def _is_columns(projection: Any) -> bool:
    return projection.find(exp.Columns) is not None


def _parts_of(star: Any, argument: str) -> list[Any]:
    bare = star.this if isinstance(star, exp.Column) else star
    return bare.args.get(argument) or []


def _asks(value: Any) -> bool:
    """Whether a value without any column still depends on when or where it is computed."""
    return value.find(exp.Func) is not None and value.find(exp.Cast) is None


def _text(value: Any) -> str:
    text = value.sql(dialect=DIALECT, comments=False)
    return text if len(text) <= MAX_EXPRESSION else text[: MAX_EXPRESSION - 1] + "…"
