"""Whatever is written into a pipeline's files, compiling gives problems and never raises."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rat_engine.compile import Compilation, compile_pipeline, render_traced
from rat_engine.domain.pipeline import PipelineFiles
from tests.unit.compile.pipelines import CATALOG, FIRST, LATER, TABLE

NAMES = ["ref", "this", "landing_zone", "is_incremental", "run_id", "x", "loop", "range", "namespace", "'bronze.flights'", "'departures'", "1", "none", "'a'"]
TEMPLATE = [
    *("{{", "}}", "{%", "%}", "{#", "#}", "{{-", "-}}", "{%-", "-%}", "{% raw %}", "{% endraw %}", "\n", " ", "--", "/*", "*/", "'", '"', ";", "$$"),
    *("if ", "else", "elif ", "endif", "for ", " in ", "endfor", "set ", "endset", "with ", "endwith", "macro ", "not ", " and ", " or ", " is ", "defined"),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        ":",
        "|",
        "upper",
        "join",
        "list",
        "map",
        "~",
        "+",
        "*",
        "**",
        "-",
        "/",
        "==",
        "<",
        "=",
        "SELECT ",
        "\ufeff",
        "é",
    ),
    *("-- @owner: ana\n", "-- @tags: a\n", "-- @", "{% if is_incremental() %}", "{% endif %}", "{{ this }}", "{% for x in [1] %}", "{% endfor %}", "\\", "²"),
    *NAMES,
]
YAML = [
    *("description", "columns", "tags", "owner", ": ", ":", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!str ", "? ", "|", ">", "'", '"', "#"),
    *("---\n", "...\n", "<<", "~", "1", "true", "a", "\t", ",", "name", "\x07", "é", "2013-01-01", "0x1f", "!", "@", "`", "%TAG ! x\n", "%YAML 1.1\n"),
]

TEMPLATES = st.one_of(
    st.lists(st.sampled_from(TEMPLATE), max_size=25).map("".join), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
)
DOCUMENTS = st.one_of(
    st.lists(st.sampled_from(YAML), max_size=20).map("".join), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
)
EXPRESSIONS = st.recursive(
    st.sampled_from([*NAMES, "2.5", "[]", "{}", "true"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "~", "==", "<", "in", "and", "or", "is not"]), inner).map(" ".join),
        st.tuples(inner, st.sampled_from(["abs", "join", "list", "upper", "first", "sort", "sum", "length", "int", "map('upper')", "replace('a', 'b')"])).map(
            "|".join
        ),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})[{pair[1]}]"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} if {three[1]} else {three[2]})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda expression: f"({expression})[1:]"),
        inner.map(lambda expression: f"(not {expression})"),
    ),
    max_leaves=8,
)


def _check(files: dict[str, str]) -> Compilation:
    pipeline = PipelineFiles(files)
    result = compile_pipeline(TABLE, pipeline, CATALOG)
    for problem in result.problems:
        lines = pipeline.texts.get(problem.file, "").split("\n")
        if problem.line:
            assert 1 <= problem.line <= len(lines), problem
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, problem
        assert problem.message
    return result


@given(source=TEMPLATES, test=TEMPLATES)
def test_no_template_makes_compiling_raise_and_every_problem_lies_in_its_file(source: str, test: str) -> None:
    """P10-52."""
    _check({"pipeline.sql": source, "tests/quality/a.sql": test})


@given(config=DOCUMENTS, table=DOCUMENTS)
def test_no_document_makes_compiling_raise_and_every_problem_lies_in_its_file(config: str, table: str) -> None:
    """P4-04."""
    _check({"pipeline.sql": "SELECT 1", "config.yaml": config, "table.yaml": table})


@settings(max_examples=200)
@given(EXPRESSIONS)
def test_no_expression_makes_compiling_raise(expression: str) -> None:
    """P10-41."""
    _check({"pipeline.sql": f"SELECT {{{{ {expression} }}}}{{% if {expression} %}}1{{% endif %}}{{% for i in {expression} %}}1{{% endfor %}}"})


@given(TEMPLATES)
def test_what_compiles_can_be_rendered_and_each_place_leads_back(source: str) -> None:
    """The same in preview, release and run: what has no errors renders, what has errors is refused."""
    result = _check({"pipeline.sql": source})
    for context in (FIRST, LATER):
        if result.errors:
            continue
        rendered = render_traced(TABLE, source, "pipeline.sql", context)
        lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for number, line in enumerate(rendered.sql.split("\n"), 1):
            origin_line, origin_column = rendered.origin(number, len(line))
            assert 1 <= origin_line <= len(lines)
            assert 1 <= origin_column <= len(lines[origin_line - 1]) + 1
