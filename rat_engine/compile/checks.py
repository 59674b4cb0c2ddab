"""What is wrong with a template before it is rendered, and which tables and zones it reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from jinja2 import nodes

from rat_engine.compile.sandbox import FILTER_NAMES, TEST_NAMES
from rat_engine.compile.source import Problems, Source
from rat_engine.compile.statements import Kind, blank, spans
from rat_engine.domain.names import MAX_NAME, TableName, ZoneName, nearest
from rat_engine.errors import InvalidNameError, Problem

FUNCTIONS = ("ref", "landing_zone", "is_incremental")
VALUES = ("this", "run_id", "run_started_at")
_RESERVED = frozenset((*FUNCTIONS, *VALUES))
_BUILTINS = frozenset({"range", "namespace"})


@dataclass
class _Scope:
    """Names bound so far, and whether the place is reached only on incremental runs."""

    names: set[str]
    incremental: bool

    def inner(self, *names: str, incremental: bool = False) -> _Scope:
        return _Scope(self.names | set(names), self.incremental or incremental)


@dataclass(frozen=True, slots=True)
class Read:
    """A table or landing zone that a template names, as it was ``written`` there, at an offset."""

    name: TableName | ZoneName
    written: str
    offset: int


@dataclass
class Checker:
    """Walks a template once. In a quality test ``this`` may stand anywhere."""

    source: Source
    table: TableName
    is_test: bool
    problems: Problems = field(default_factory=Problems)
    reads: list[Read] = field(default_factory=list[Read])

    def check(self, tree: nodes.Template) -> None:
        """Fill ``problems`` and ``reads``."""
        self._body(tree.body, _Scope(set(_BUILTINS | _RESERVED), self.is_test))
        self.problems.add(*_outside_tags(self.source))

    def _body(self, body: Iterable[nodes.Node], scope: _Scope) -> None:
        for node in body:
            self._statement(node, scope)

    def _statement(self, node: nodes.Node, scope: _Scope) -> None:
        handlers: dict[type[nodes.Node], Callable[..., None]] = {
            nodes.For: self._for,
            nodes.If: self._if,
            nodes.Assign: self._assign,
            nodes.AssignBlock: self._assign_block,
            nodes.With: self._with,
        }
        handler = handlers.get(type(node))
        if handler:
            handler(node, scope)
        elif isinstance(node, nodes.Output):
            for child in node.nodes:
                self._expression(child, scope)
        else:
            what = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
            self._problem(node, f"A template may not use {what!r}.", "There are {{ … }}, {% if %}, {% for %}, {% set %}, {% with %} and {% raw %}.")

    def _for(self, node: nodes.For, scope: _Scope) -> None:
        self._expression(node.iter, scope)
        if node.recursive:
            self._problem(node, "A loop may not be recursive.")
        inner = scope.inner("loop", *self._targets(node.target))
        if node.test:
            self._expression(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, scope.inner())

    def _if(self, node: nodes.If, scope: _Scope) -> None:
        self._expression(node.test, scope)
        taken = _Scope(scope.names, scope.incremental or _implies(node.test, True))
        self._body(node.body, taken)
        other = _Scope(scope.names, scope.incremental or _implies(node.test, False))
        for branch in node.elif_:
            self._if(branch, other)
            other = _Scope(scope.names, other.incremental or _implies(branch.test, False))
        self._body(node.else_, other)

    def _assign(self, node: nodes.Assign, scope: _Scope) -> None:
        self._expression(node.node, scope)
        scope.names.update(self._targets(node.target))

    def _assign_block(self, node: nodes.AssignBlock, scope: _Scope) -> None:
        if node.filter:
            self._expression(node.filter, scope)
        self._body(node.body, scope.inner())
        scope.names.update(self._targets(node.target))

    def _with(self, node: nodes.With, scope: _Scope) -> None:
        for value in node.values:
            self._expression(value, scope)
        self._body(node.body, scope.inner(*(name for target in node.targets for name in self._targets(target))))

    def _targets(self, target: nodes.Node) -> list[str]:
        names = [node for node in (target, *target.find_all(nodes.Name)) if isinstance(node, nodes.Name)]
        for node in names:
            if node.name in _RESERVED | _BUILTINS:
                self._problem(node, f"{node.name!r} is RAT's own name and cannot be set.", "Choose another name.")
        return [node.name for node in names]

    def _expression(self, node: nodes.Node, scope: _Scope) -> None:
        if self.problems.full:
            return
        if isinstance(node, nodes.Name):
            self._name(node, scope)
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS:
            self._helper(node, node.node, scope)
        elif isinstance(node, nodes.CondExpr):
            self._conditional(node, scope)
        elif isinstance(node, nodes.And):
            self._expression(node.left, scope)
            self._expression(node.right, scope.inner(incremental=_implies(node.left, True)))
        else:
            self._check_call(node)
            for child in node.iter_child_nodes():
                self._expression(child, scope)

    def _check_call(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Filter) and node.name not in FILTER_NAMES:
            self._problem(node, f"There is no filter {node.name[:MAX_NAME]!r}.", nearest(node.name[:MAX_NAME], FILTER_NAMES))
        if isinstance(node, nodes.Test) and node.name not in TEST_NAMES:
            self._problem(node, f"There is no test {node.name[:MAX_NAME]!r}.", nearest(node.name[:MAX_NAME], TEST_NAMES))
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in VALUES:
            self._problem(node.node, f"{node.node.name} is a value, not a function.", f"Write {node.node.name} without parentheses.")

    def _conditional(self, node: nodes.CondExpr, scope: _Scope) -> None:
        self._expression(node.test, scope)
        self._expression(node.expr1, scope.inner(incremental=_implies(node.test, True)))
        if node.expr2:
            self._expression(node.expr2, scope.inner(incremental=_implies(node.test, False)))

    def _name(self, node: nodes.Name, scope: _Scope) -> None:
        if node.name not in scope.names:
            shown = node.name[:MAX_NAME]
            self._problem(node, f"There is no {shown!r} here.", nearest(shown, scope.names) or f"RAT knows {', '.join(sorted(_RESERVED))}.")
        elif node.name in FUNCTIONS:
            argument = "" if node.name == "is_incremental" else "'…'"
            self._problem(node, f"{node.name} is a function.", f"Write {node.name}({argument}).")
        elif node.name == "this" and not scope.incremental:
            hint = "Put it under {% if is_incremental() %}."
            self._problem(node, "`this` does not exist on the first run, so it stands only where is_incremental() is true.", hint)

    def _helper(self, node: nodes.Call, name: nodes.Name, scope: _Scope) -> None:
        arguments = [*node.args, *node.kwargs, *filter(None, (node.dyn_args, node.dyn_kwargs))]
        if name.name == "is_incremental":
            if arguments:
                self._problem(name, "is_incremental() takes no arguments.")
            return
        if len(arguments) != 1 or not node.args:
            given = str(len(arguments)) if len(node.args) == len(arguments) else "a named or unpacked one"
            self._problem(name, f"{name.name}() takes exactly one name, not {given}.", f"Write {name.name}('{_example(name.name)}').")
            return
        argument = node.args[0]
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            self._reads(name.name, argument, argument.value)
        else:
            self._problem(argument, f"{name.name}() takes a name in quotes, nothing computed.", f"Write {name.name}('{_example(name.name)}').")

    def _reads(self, function: str, node: nodes.Const, text: str) -> None:
        try:
            name = TableName.parse(text, self.table.namespace) if function == "ref" else ZoneName(self.table.namespace, text)
        except InvalidNameError as error:
            self._problem(node, error.message)
            return
        if name != self.table:
            self.reads.append(Read(name, text, node.lineno))
        elif not self.is_test:
            self._problem(node, "A pipeline cannot read its own table by ref().", "Use `this` under {% if is_incremental() %}.")

    def _problem(self, node: nodes.Node, message: str, hint: str = "") -> None:
        self.problems.add(self.source.problem(node.lineno, message, hint))


def _example(function: str) -> str:
    return "layer.name" if function == "ref" else "zone"


def _implies(test: nodes.Node, outcome: bool) -> bool:
    """Whether ``test`` having that outcome means that is_incremental() is true."""
    if isinstance(test, nodes.Call):
        return outcome and isinstance(test.node, nodes.Name) and test.node.name == "is_incremental"
    if isinstance(test, nodes.Not):
        return _implies(test.node, not outcome)
    if isinstance(test, nodes.And | nodes.Or):
        sides = (_implies(test.left, outcome), _implies(test.right, outcome))
        return any(sides) if isinstance(test, nodes.And) is outcome else all(sides)
    return False


_PLAIN_CALL = re.compile(r"(?<![\w.$\"])(?P<name>ref|landing_zone)\s*\(\s*(?P<quote>['\"])(?P<argument>[\w.]*)(?P=quote)\s*\)", re.IGNORECASE)
_HELPER_TAG = re.compile(r"\{\{[-+]?\s*(?P<name>ref|landing_zone)\s*\(|\{\{[-+]?\s*(?P<this>this)\s*[-+]?\}\}")


def _outside_tags(source: Source) -> Iterator[Problem]:
    """Helpers that stand in plain SQL, where nothing calls them, and helpers inside a SQL string, where they are no relation."""
    visible = blank(source.text, dict.fromkeys((Kind.COMMENT, Kind.NOTE, Kind.JINJA, Kind.RAW), " "))
    code = blank(source.text, dict.fromkeys(Kind, " "))
    for call in _PLAIN_CALL.finditer(visible):
        if code[call.start()] != " ":
            written = f"{call['name'].lower()}('{call['argument']}')"
            yield source.problem(call.start(), f"{written} stands outside of {{{{ }}}}, so it is plain SQL.", f"Write {{{{ {written} }}}}.")
    for span in spans(source.text):
        found = _HELPER_TAG.search(source.text, span.start, span.end) if span.kind is Kind.STRING else None
        if found:
            name = found["name"] or found["this"]
            message = f"{name} stands in quotes, so it is a text and not a relation."
            yield source.problem(found.start(), message, "Remove the quotes, and a reader function around them.", "warning")
