"""The reference says what the program does: settings, REST routes, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rat_engine.settings import Settings, variable
from tests.architecture.sources import DOCS, ROOT, files
from tools.reference import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_says_what_the_program_says(name: str) -> None:
    assert (DOCS / "reference" / name).read_text(encoding="utf-8") == PAGES[name](), "`make docs` writes the reference anew"


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_has_a_default_and_a_meaning_in_the_reference(field: str) -> None:
    row = next(line for line in PAGES["settings.md"]().splitlines() if line.startswith(f"| `{variable(field)}` |"))
    assert Settings.model_fields[field].description
    assert row.endswith(f"| {Settings.model_fields[field].description} |")


def test_links_between_documents_lead_somewhere() -> None:
    pages = [path for path in files() if path.suffix == ".md"]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()) if "://" not in target]
    assert [f"{page.relative_to(ROOT)} -> {target}" for page, target in links if not Path(page.parent, target).exists()] == []


def test_every_guarantee_that_a_test_names_is_listed_and_every_listed_one_is_tested() -> None:
    named: set[str] = set()
    for path in [path for path in files() if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"]:
        named |= set(re.findall(r"\bP\d{1,2}-\d{2,3}\b", path.read_text()))
    listed = set(re.findall(r"^\| (P\d{1,2}-\d{2,3}) \|", (DOCS / "reference" / "guarantees.md").read_text(), re.MULTILINE))
    assert (sorted(named - listed), sorted(listed - named)) == ([], [])


def test_every_decision_has_a_number_of_its_own_and_a_place_in_the_list() -> None:
    pages = sorted(page.name for page in (DOCS / "decisions").glob("0*.md"))
    listed = re.findall(r"^\| \[(\d{4})\]\((\S+)\)", (DOCS / "decisions" / "README.md").read_text(), re.MULTILINE)
    assert [target for _, target in listed] == pages
    assert [number for number, _ in listed] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert [page for page in pages if not (DOCS / "decisions" / page).read_text().startswith(f"# {page[:4]} ")] == []
