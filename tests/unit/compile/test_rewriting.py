"""Changing a document keeps everything that was not changed, and what comes out says exactly what was wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rat_engine.compile import CompileCatalog, compile_pipeline, with_docs
from rat_engine.domain.names import TableName
from rat_engine.domain.pipeline import PipelineFiles

TABLE = TableName.parse("shop.silver.orders")
PRINTABLE = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=200)


def normal(text: str) -> str:
    """A text as the documentation service normalises it."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def read(text: str) -> tuple[str, dict[str, str]]:
    compilation = compile_pipeline(TABLE, PipelineFiles({"pipeline.sql": "SELECT 1", "table.yaml": text}), CompileCatalog())
    assert compilation.problems == ()
    return compilation.docs.description, {name: said for name, said in compilation.docs.columns.items() if said}


@given(description=PRINTABLE.map(normal), columns=st.dictionaries(PRINTABLE.map(normal).filter(bool), PRINTABLE.map(normal).filter(bool), max_size=4))
def test_whatever_is_written_is_read_back(description: str, columns: dict[str, str]) -> None:
    assert read(with_docs("", description, columns)) == (description, columns)
    again = with_docs("# kept\ncolumns:\n- name: a\n  description: b\n", description, columns)
    assert again.startswith("# kept\n")
    assert read(again) == (description, {"a": "b", **columns})


@pytest.mark.parametrize(
    "text", ["# only a comment\n", "# a\ndescription: x # why\n", "columns:\n    - name: a # deep\n", "columns: []\n", "columns:\n- {name: a}\n"]
)
def test_writing_what_is_there_changes_nothing(text: str) -> None:
    assert with_docs(text, None, {}) == text


def test_an_emptied_description_is_taken_out_and_the_column_stays() -> None:
    assert with_docs("description: x\ncolumns:\n  - name: a\n    description: y\n", "", {"a": ""}) == "columns:\n  - name: a\n"
