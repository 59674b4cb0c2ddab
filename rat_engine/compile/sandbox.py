"""The part of Jinja that pipelines may use: no loaders, no macros, a budget of work and memory per rendering.

A template is code of its author, rendered inside the portal and the workers. Nothing in it may hang or fill a process: each
value's size is bounded, and each loop turn, call and value is paid from a budget. Nodes carry the offset of their token
in place of Jinja's line number, so that every problem has an exact place.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS
from jinja2.lexer import Lexer
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

MAX_ITEMS = 10_000
MAX_CHARACTERS = 1_000_000
MAX_OUTPUT = 2_000_000
MAX_INTEGER_BITS = 128
MAX_TOKENS = 50_000
BUDGET = 1_000_000
_CHARACTERS_PER_STEP = 64

FILTER_NAMES = frozenset(
    {"abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "join", "last", "length", "list", "lower", "map"}
    | {"max", "min", "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "sort", "string", "sum", "title", "trim", "unique", "upper"}
)
TEST_NAMES = frozenset(
    {"boolean", "defined", "divisibleby", "even", "false", "float", "integer", "iterable"}
    | {"mapping", "none", "number", "odd", "sequence", "string", "true", "undefined"}
)
_METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset({"capitalize", "endswith", "isdigit", "lower", "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"}),
    dict: frozenset({"get", "items", "keys", "values"}),
    LoopContext: frozenset(
        {"changed", "cycle", "depth", "depth0", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex", "revindex0"}
    ),
}


class TemplateLimitError(SecurityError):
    """A template did more work, or made a larger value, than a template may."""


class _OffsetLexer(Lexer):
    """Jinja's lexer, giving offsets where Jinja has line numbers."""

    def tokeniter(self, source: str, name: str | None, filename: str | None = None, state: str | None = None) -> Iterator[tuple[int, str, str]]:
        """Tokens with their offset in ``source``, whose line ends must be ``\\n``."""
        start = offset = 0
        try:
            for number, (_, token, value) in enumerate(super().tokeniter(source, name, filename, state)):
                offset = _find(source, value, offset)
                if number > MAX_TOKENS:
                    raise TemplateSyntaxError(f"The template is too long: more than {MAX_TOKENS:,} words", offset)
                yield offset, token, value
                start, offset = offset, offset + len(value)
        except TemplateSyntaxError as error:
            message = error.message or ""
            raise TemplateSyntaxError(message, start if message.startswith("Missing end") else offset, name, filename) from None


def _find(source: str, value: str, offset: int) -> int:
    # Only white space before a tag with a minus sign is missing from the tokens.
    while offset < len(source) and source[offset].isspace() and not source.startswith(value, offset):
        offset += 1
    return offset


class Sandbox(ImmutableSandboxedEnvironment):
    """One template's environment, with the budget of its present rendering."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    _lexer: ClassVar[Lexer | None] = None

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, finalize=_printed, optimized=False, keep_trailing_newline=True, cache_size=0)
        self.spent = 0
        self.globals = {"range": _bounded_range, "namespace": Namespace}
        filters: dict[str, Callable[..., Any]] = {name: FILTERS[name] for name in FILTER_NAMES} | {"join": _join, "replace": _replace, "string": _string}
        self.filters = {name: self._charging(function) for name, function in filters.items()}
        self.tests = {name: TESTS[name] for name in TEST_NAMES}

    @property
    def lexer(self) -> Lexer:
        """The offset lexer, shared by all environments since all have the same syntax."""
        if Sandbox._lexer is None:
            Sandbox._lexer = _OffsetLexer(self)
        return Sandbox._lexer

    def charge(self, value: Any) -> Any:
        """``value`` itself, paid for by its size. A generator becomes a list. Raises TemplateLimitError."""
        if isinstance(value, Iterator):
            return self.charge(list(itertools.islice(value, MAX_ITEMS + 1)))  # pyright: ignore[reportUnknownArgumentType]
        self.spend(1 + _size(value))
        return value

    def spend(self, steps: int) -> None:
        """Pay ``steps``. Raises TemplateLimitError when the budget is used up."""
        self.spent += steps
        if self.spent > BUDGET:
            raise TemplateLimitError(f"The template does too much work: more than {BUDGET:,} steps.")

    def turns(self, items: Any, weight: int) -> list[Any]:
        """What a loop whose body has ``weight`` nodes goes over, paid for in advance."""
        if not isinstance(items, Iterable):
            raise TypeError(f"{_kind(items)} cannot be looped over")
        listed: list[Any] = self.charge(list(itertools.islice(items, MAX_ITEMS + 1)))  # pyright: ignore[reportUnknownArgumentType]
        self.spend(len(listed) * weight)
        return listed

    def concat(self, parts: Iterable[str]) -> str:
        """The parts of a ``{% set %}`` block as one text."""
        return self.joined(*parts)

    def joined(self, *parts: Any) -> str:
        """What ``~`` makes."""
        texts = [_scalar_text(part) for part in parts]
        _check_length(sum(map(len, texts)))
        return str(self.charge("".join(texts)))

    def call(self, context: Context, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the template and pay for its result."""
        return self.charge(super().call(context, function, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers; ``+`` also on two texts or two lists."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        same = operator == "+" and ((isinstance(left, str) and isinstance(right, str)) or (isinstance(left, list) and isinstance(right, list)))
        if not numbers and not same:
            raise TypeError(f"{operator} does not work on {_kind(left)} and {_kind(right)}")
        if operator == "**" and isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MAX_INTEGER_BITS:
            raise TemplateLimitError("The number is too large.")
        return self.charge(super().call_binop(context, operator, self.charge(left), self.charge(right)))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only the methods listed above, and what the template itself put into a namespace."""
        if isinstance(obj, Namespace):
            return not attr.startswith("_")
        return any(isinstance(obj, kind) and attr in methods for kind, methods in _METHODS.items())

    def wrap_str_format(self, value: Any) -> None:
        """``str.format`` can make a text of any length, so it is refused like other methods."""

    def _charging(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def charged(*args: Any, **kwargs: Any) -> Any:
            return self.charge(function(*args, **kwargs))

        return charged


class Metered(NodeTransformer):
    """Rewrites a template so that what Jinja does by itself is paid for, too."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        """Loops pay for their turns."""
        weight = 1 + sum(1 for child in (*node.body, *([node.test] if node.test else [])) for _ in (child, *child.find_all(nodes.Node)))
        self.generic_visit(node)
        node.iter = _environment_call(Sandbox.turns, [node.iter, nodes.Const(weight)], node.iter.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """``~`` has a bounded result."""
        self.generic_visit(node)
        return _environment_call(Sandbox.joined, node.nodes, node.lineno)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        """A comparison costs what its sides weigh."""
        self.generic_visit(node)
        node.expr = _charged(node.expr)
        for operand in node.ops:
            operand.expr = _charged(operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        """A slice is a new value. What is sliced is a call even where it is a constant, of which Python would warn."""
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        node.node = _environment_call(Sandbox.charge, [node.node], node.lineno)
        return _charged(node)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        """A list may not nest beyond the limit of a value."""
        return _charged(self.generic_visit(node))

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        """As a list."""
        return _charged(self.generic_visit(node))

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        """As a list, unless it is what a loop or assignment fills."""
        return _charged(self.generic_visit(node)) if node.ctx == "load" else node


def _charged(node: Any) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _environment_call(Sandbox.charge, [node], node.lineno)


def _environment_call(method: Callable[..., Any], arguments: Sequence[Any], lineno: int) -> nodes.Call:
    attribute = nodes.EnvironmentAttribute(method.__name__, lineno=lineno)
    return nodes.Call(attribute, list(arguments), [], None, None, lineno=lineno)


def _size(value: Any) -> int:
    """Steps that a value costs: one per item at any depth and one per 64 characters. Raises TemplateLimitError beyond the limits."""
    size = 0
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        size += 1
        if size > MAX_ITEMS:
            raise TemplateLimitError(f"The template makes a value of more than {MAX_ITEMS:,} items.")
        if isinstance(item, str):
            _check_length(len(item))
            size += len(item) // _CHARACTERS_PER_STEP
        elif isinstance(item, int) and item.bit_length() > MAX_INTEGER_BITS:
            raise TemplateLimitError("The number is too large.")
        elif isinstance(item, Mapping):
            waiting.extend(itertools.chain.from_iterable(itertools.islice(item.items(), MAX_ITEMS)))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(item, range):
            size += len(item)
        elif isinstance(item, list | tuple | set | frozenset):
            waiting.extend(itertools.islice(item, MAX_ITEMS + 1))  # pyright: ignore[reportUnknownArgumentType]
    return size


def _check_length(characters: int) -> None:
    if characters > MAX_CHARACTERS:
        raise TemplateLimitError(f"The template makes a text of more than {MAX_CHARACTERS:,} characters.")


_KINDS: Mapping[Any, str] = {
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    type(None): "none",
}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "such a value")


def _scalar_text(value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)
    if value is None or not isinstance(value, str | int | float):
        hint = "Join its items: {{ … | join(', ') }}." if isinstance(value, list | tuple | Iterator | range) else "Write what you mean as SQL text."
        raise TypeError(f"{_kind(value)} cannot become SQL text. {hint}")
    text = str(value)
    if "\x00" in text:
        raise ValueError("NUL cannot become SQL text")
    return text


@pass_context
def _printed(_context: Context, value: Any) -> str:
    """What ``{{ value }}`` prints. It takes the context only to keep Jinja from folding it at compile time."""
    return _scalar_text(value)


def _bounded_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_ITEMS:
        raise TemplateLimitError(f"range() may have at most {MAX_ITEMS:,} numbers, not {len(numbers):,}.")
    return numbers


def _join(items: Any, separator: str = "", attribute: str | None = None) -> str:
    """Jinja's ``join`` with a bounded result. ``attribute`` names a key of each item."""
    texts = [_scalar_text(item[attribute] if attribute else item) for item in items]
    _check_length(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    """Jinja's ``replace`` with a bounded result."""
    _check_length(len(text) + text.count(old) * len(new))
    return text.replace(old, new, count)


def _string(value: Any) -> str:
    """Jinja's ``string`` for values that may be printed."""
    return _scalar_text(value)
