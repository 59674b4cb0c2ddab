"""A file's Jinja template: parsed once with exact places, checked, rendered with a map back to the source."""

from __future__ import annotations

import bisect
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2 import nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from rat_engine.compile.config import annotation_lines
from rat_engine.compile.model import RenderContext
from rat_engine.compile.sandbox import MAX_OUTPUT, Metered, Sandbox, TemplateLimitError
from rat_engine.compile.source import Problems, Source
from rat_engine.compile.statements import code_only, inert_comments, restore_comments, without_semicolon
from rat_engine.domain.names import TableName, ZoneName
from rat_engine.domain.pipeline import MAX_SQL_BYTES
from rat_engine.errors import CompileError, Problem, ValidationError

_BLANK_LINE = re.compile(r"(?m)^[ \t]+$")
_MARK = re.compile("\x00(\\d+)\x00")
_FAILURES = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, ValidationError)
# Python refuses to read or write an integer of more than 4,300 digits.
_TOO_LARGE = "A number in the template is too large."
TOO_DEEP = "The template is nested too deeply."


@dataclass(frozen=True, slots=True)
class Rendered:
    """Compiled SQL and the way back: which place of the source each place of the SQL came from.

    ``text`` is what the template gave: the same lines, with white space where the annotations were and the semicolons at the end.
    """

    sql: str
    text: str
    source: Source
    marks: tuple[tuple[int, int], ...]

    def origin(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in the source, from 1, of a line and column in ``sql``."""
        return self.source.position(self._source_offset(Source("", self.text).offset(line, column)))

    def problem(self, offset: int, message: str, hint: str = "") -> Problem:
        """A problem in the source for an offset in ``text``."""
        return self.source.problem(self._source_offset(offset), message, hint)

    def _source_offset(self, offset: int) -> int:
        index = bisect.bisect_right(self.marks, (offset, len(self.source.text))) - 1
        if index < 0:
            return 0
        start, origin = self.marks[index]
        return origin + offset - start if origin >= 0 else -origin - 1


class Template:
    """One file's compiled template; threads may share it."""

    def __init__(self, source: Source, tree: nodes.Template, environment: Sandbox) -> None:
        """Compile ``tree``, which is used up by that. Raises CompileError."""
        self.source = source
        self._environment = environment
        self._lock = threading.Lock()
        try:
            code = environment.compile(Metered().visit(_Marked().visit(tree)))
            self._compiled = JinjaTemplate.from_code(environment, code, environment.globals)
        except TemplateSyntaxError as error:
            raise CompileError([source.problem(error.lineno, _syntax(error.message or ""))]) from None
        except ValueError:
            raise CompileError([source.whole(_TOO_LARGE)]) from None
        except (RecursionError, SyntaxError, MemoryError):
            raise CompileError([source.whole(TOO_DEEP)]) from None

    def render(self, table: TableName, context: RenderContext) -> Rendered:
        """The SQL for ``context``, without annotations and without a semicolon at its end.

        Raises CompileError, also for SQL that is empty or more than one statement.
        """
        with self._lock:
            self._environment.spent = 0
            try:
                output = _output(self._compiled, _values(table, context))
            except _FAILURES as error:
                raise CompileError([self._failure(self._compiled, error)]) from None
        return self._traced(output)

    def _failure(self, template: JinjaTemplate, error: BaseException) -> Problem:
        message = TOO_DEEP if isinstance(error, RecursionError) else _sentence(str(error) or type(error).__name__)
        return self.source.problem(_failed_at(template, error.__traceback__), message)

    def _traced(self, output: str) -> Rendered:
        pieces = _MARK.split(output)
        marks: list[tuple[int, int]] = []
        texts = [pieces[0]]
        length = len(pieces[0])
        for number, text in zip(pieces[1::2], pieces[2::2], strict=True):
            place = int(number)
            marks.append((length, place // 2 if place % 2 else -(place // 2) - 1))
            texts.append(text)
            length += len(text)
        text = "".join(texts)
        return _statement(Rendered("", text, self.source, tuple(marks)))


def parse(source: Source, environment: Sandbox, problems: Problems) -> nodes.Template | None:
    """The syntax tree of a file, whose line numbers are offsets; a syntax error is added to ``problems`` and gives None."""
    if "\x00" in source.text:
        problems.add(source.problem(source.text.index("\x00"), "NUL cannot stand in a pipeline's file.", "Remove it."))
        return None
    try:
        return Parser(environment, inert_comments(_without_annotations(source))).parse()
    except TemplateSyntaxError as error:
        problems.add(_unclosed(source, error) or source.problem(error.lineno, _syntax(error.message or "The template cannot be read")))
    except RecursionError:
        problems.add(source.whole(TOO_DEEP))
    except ValueError:
        problems.add(source.whole(_TOO_LARGE))
    return None


def _statement(rendered: Rendered) -> Rendered:
    """``rendered`` with its SQL. Raises CompileError for what can be seen without a SQL engine: nothing there, or more than one statement."""
    code = code_only(rendered.text)
    text = without_semicolon(rendered.text, code)
    code = code.rstrip("; \t\n\f\v")
    if not code.strip("\ufeff \t\n\f\v"):
        raise CompileError([rendered.source.whole(f"{rendered.source.file} has no SQL.", "Write one SELECT.")])
    if ";" in code:
        hint = "Keep one SELECT and remove the semicolon and what follows."
        raise CompileError([rendered.problem(code.index(";"), "There is more than one statement.", hint)])
    top = len(code) - len(code.lstrip())
    sql = _BLANK_LINE.sub("", text[:top]) + text[top:]
    if len(sql.encode()) > MAX_SQL_BYTES:
        message = f"{rendered.source.file} compiles to {len(sql.encode()):,} bytes of SQL; a statement may have {MAX_SQL_BYTES:,}."
        raise CompileError([rendered.source.whole(message, "Make it smaller: put long lists into a table or a landing zone.")])
    return replace(rendered, sql=sql)


def _without_annotations(source: Source) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in annotation_lines(source):
        pieces += source.text[position:start], " " * (end - start)
        position = end
    return "".join((*pieces, source.text[position:])).replace("\ufeff", " ", 1 if source.text.startswith("\ufeff") else 0)


def _values(table: TableName, context: RenderContext) -> dict[str, Any]:
    return {
        "ref": lambda name: TableName.parse(name, table.namespace).sql,  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        "landing_zone": lambda name: ZoneName(table.namespace, name).sql,  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        "is_incremental": lambda: context.incremental,
        "this": table.sql,
        "run_id": context.run_id,
        "run_started_at": context.run_started_at,
    }


def _output(template: JinjaTemplate, values: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    length = 0
    for piece in template.root_render_func(template.new_context(dict(values))):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_OUTPUT:
            raise TemplateLimitError(f"The compiled SQL has more than {MAX_OUTPUT:,} characters.")
    return "".join(pieces)


def _failed_at(template: JinjaTemplate, traceback: TracebackType | None) -> int:
    """The offset of the template's statement that was being carried out."""
    offset = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            offset = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return offset


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."


_BLOCK = re.compile(r"\{%[-+]?\s*(?P<end>end)?(?P<name>if|for|set|with)\b(?P<rest>(?:(?!%\}|\{%).)*+)", re.DOTALL)


_PLAIN_WORDS = (
    (re.compile(r"'?\b(end of print statement|variable_end)\b'?"), "'}}'"),
    (re.compile(r"'?\b(end of statement block|block_end)\b'?"), "'%}'"),
    (re.compile(r"unexpected end of template, expected"), "the template ends here, but there should be"),
    (re.compile(r"expected token (.*), got (.*)"), r"\1 should stand here, not \2"),
    (re.compile(r"unexpected char (['\"])(['\"])\1 at \d+"), r"this quote is never closed"),
    (re.compile(r"unexpected char (.*) at \d+"), r"\1 cannot stand here"),
    (re.compile(r"Encountered unknown tag (.*?)\..* closed is '(\w+)'\."), r"There is no tag \1 here, before {% \2 %} is closed."),
    (re.compile(r"Encountered unknown tag (.*?)\."), r"There is no tag \1 here."),
    (re.compile(r"Missing end of (.*?)( tag| directive)?$"), r"This \1 is never closed"),
)


def _syntax(message: str) -> str:
    """Jinja's message in the words of someone who writes templates."""
    for pattern, plain in _PLAIN_WORDS:
        message = pattern.sub(plain, message)
    return _sentence(message[:1].upper() + message[1:])


def _unclosed(source: Source, error: TemplateSyntaxError) -> Problem | None:
    """A problem at the beginning of the block that is never closed, when that is what is wrong."""
    opened: list[tuple[str, int]] = []
    for tag in _BLOCK.finditer(inert_comments(source.text)) if (error.message or "").startswith("Unexpected end of template") else ():
        if tag["end"]:
            opened = opened[:-1]
        elif tag["name"] != "set" or "=" not in tag["rest"]:
            opened.append((tag["name"], tag.start()))
    if not opened:
        return None
    name, offset = opened[-1]
    commented = re.search(rf"\x00%[-+]?\s*end{name}\b", inert_comments(source.text))
    return source.problem(
        offset, f"{{% {name} %}} is never closed.", f"Add {{% end{name} %}}" + ("; the one in a SQL comment does not count." if commented else ".")
    )


class _Marked(NodeTransformer):
    """Puts a mark before each piece of output, telling the offset in the source: odd for text, even for an expression."""

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        """Mark the children of a ``{{ … }}`` and the text around it."""
        children: Sequence[nodes.Expr] = node.nodes
        node.nodes = [part for child in children for part in _marked(child)]
        return node

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802
        """What a variable captures is no output: no marks, but commented braces are restored."""
        for data in node.find_all(nodes.TemplateData):
            data.data = restore_comments(data.data)
        return node


def _marked(child: nodes.Expr) -> list[nodes.Expr]:
    offset = min(child.lineno, *(node.lineno for node in child.find_all(nodes.Expr)), child.lineno)
    if isinstance(child, nodes.TemplateData):
        return [nodes.TemplateData(f"\x00{offset * 2 + 1}\x00{restore_comments(child.data)}", lineno=offset)]
    return [nodes.TemplateData(f"\x00{offset * 2}\x00", lineno=offset), child]
