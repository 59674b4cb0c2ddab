"""The reference page of pipelines says what compiling does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rat_engine.compile import sandbox
from rat_engine.compile.checks import FUNCTIONS, VALUES
from rat_engine.compile.config import PIPELINE_FIELDS, TEST_FIELDS
from tests.unit.compile.pipelines import compiled, problems

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "reference" / "pipelines.md").read_text(encoding="utf-8")
PROBLEMS = re.findall(r"^\| `(.+?)` \| (\d+:\d+: .+) \|$", PAGE, re.MULTILINE)


def _words(start: str) -> set[str]:
    paragraph = PAGE.split(f"\n{start}", 1)[1].split(".\n", 1)[0]
    return set(re.findall(r"`(\w+)`", paragraph))


def _keys(heading: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", PAGE.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0], re.MULTILINE)


def test_every_annotation_is_on_the_page() -> None:
    assert (_keys("Of a pipeline"), _keys("Of a quality test")) == (list(PIPELINE_FIELDS), list(TEST_FIELDS))


def test_every_filter_and_test_of_the_sandbox_is_on_the_page() -> None:
    assert _words("Filters:") == sandbox.FILTER_NAMES
    assert _words("Tests (`is …`):") == sandbox.TEST_NAMES


@pytest.mark.parametrize("name", [*FUNCTIONS, *VALUES])
def test_every_helper_is_on_the_page(name: str) -> None:
    assert re.search(rf"^\| `\{{[{{%] (if )?{name}\b", PAGE, re.MULTILINE)


@pytest.mark.parametrize("limit", [sandbox.MAX_ITEMS, sandbox.MAX_CHARACTERS, sandbox.MAX_OUTPUT, sandbox.MAX_TOKENS, sandbox.BUDGET])
def test_every_limit_is_on_the_page(limit: int) -> None:
    assert f"| {limit:,} " in PAGE


@pytest.mark.parametrize(("written", "said"), PROBLEMS)
def test_each_example_of_a_problem_is_said_so(written: str, said: str) -> None:
    assert problems(written if written.startswith("SELECT") else f"{written}\nSELECT 1") == [f"pipeline.sql:{said}"]


def test_there_are_examples() -> None:
    assert len(PROBLEMS) > 10


@pytest.mark.parametrize("sql", re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL))
def test_each_example_of_a_pipeline_compiles(sql: str) -> None:
    assert compiled(sql.replace("landing_zone('flights')", "landing_zone('departures')")).problems == ()
