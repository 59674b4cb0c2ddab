"""config.yaml and table.yaml: every key checked, every problem with its place, nothing constructed."""

from __future__ import annotations

import pytest

from rat_engine.compile import PipelineConfig, TableDocs
from rat_engine.domain.pipeline import WriteStrategy
from tests.unit.compile.pipelines import compiled, problems


def test_every_setting_of_config_yaml_is_read() -> None:
    config = "description: Flights, cleaned\nmaterialized: table\nmerge_strategy: append_only\nowner: ana\ntags: [Daily, core]\n"
    assert compiled(config=config).config == PipelineConfig("Flights, cleaned", "table", WriteStrategy.APPEND_ONLY, "ana", ("daily", "core"))


def test_an_annotation_wins_over_config_yaml_field_by_field() -> None:
    config = compiled("-- @owner: bo\nSELECT 1", config="owner: ana\ndescription: kept\n").config
    assert (config.owner, config.description) == ("bo", "kept")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n...\n"])
def test_an_empty_document_means_the_defaults(text: str) -> None:
    result = compiled(config=text, table=text)
    assert (result.config, result.docs, result.problems) == (PipelineConfig(), TableDocs(), ())


def test_tags_may_be_a_comma_separated_text() -> None:
    assert compiled(config="tags: a, b,, a").config.tags == ("a", "b")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("merge_stategy: append_only", "config.yaml:1:1: 'merge_stategy' is not a setting. Did you mean 'merge_strategy'?"),
        ("Owner: ana", "config.yaml:1:1: 'Owner' has the wrong case. Write 'owner'."),
        ("owner: ana\nowner: bo", "config.yaml:2:1: 'owner' is given twice: first on line 1. Remove one of them."),
        ("owner: 5", "config.yaml:1:8: owner must be text, not a number. Put it in quotes."),
        ("owner: true", "config.yaml:1:8: owner must be text, not true or false. Put it in quotes."),
        ("owner: 2013-01-01", "config.yaml:1:8: owner must be text, not a date. Put it in quotes."),
        ("owner: [ana]", "config.yaml:1:8: owner must be text, not a list. Put it in quotes."),
        ("owner:\n  first: ana", "config.yaml:2:3: owner must be text, not a mapping. Put it in quotes."),
        ("owner:", "config.yaml:1:7: owner has no value. Give one, or remove it."),
        ("owner: ''", "config.yaml:1:8: owner has no value. Give one, or remove it."),
        ("owner: !!python/name:os.system x", "config.yaml:1:8: owner must be text, not a tagged value. Put it in quotes."),
        ("tags: {a: b}", "config.yaml:1:7: tags must be a list of texts, not a mapping."),
        ("tags: [a, 1]", "config.yaml:1:7: tags must be a list of texts. Put each in quotes."),
        ("merge_strategy: incremental", "config.yaml:1:17: merge_strategy 'incremental' is not possible: choose full_refresh or append_only."),
        ("- owner", "config.yaml:1:1: config.yaml must hold keys with values. Write for example `description: …`."),
        ("just text", "config.yaml:1:1: config.yaml must hold keys with values. Write for example `description: …`."),
        ("? [a]\n: b", "config.yaml:1:3: A key must be text."),
        ("5: b", "config.yaml:1:1: A key must be text."),
        ("owner: [ana", "config.yaml:1:12: config.yaml is not valid YAML: expected ',' or ']', but got '<stream end>'."),
        ("owner: a: b", "config.yaml:1:9: config.yaml is not valid YAML: mapping values are not allowed here."),
        ("owner: *nobody", "config.yaml:1:8: config.yaml is not valid YAML: found undefined alias 'nobody'."),
        ("a: 1\n--- \nb: 2", None),
        ("owner: a\x07b", "config.yaml:1:9: This character cannot stand in YAML. Remove it."),
        ("[" * 5_000, "config.yaml: config.yaml is nested too deeply."),
        (f"# {'x' * 100_000}", "config.yaml: config.yaml has 100,002 characters; at most 100,000 are accepted."),
    ],
)
def test_a_wrong_config_is_named_with_its_place(text: str, problem: str | None) -> None:
    """P4-04, P10-28: unknown keys, wrong types and broken YAML are each one problem with line and column."""
    found = problems(config=text)
    assert len(found) == 1
    assert problem is None or found == [problem]


def test_an_alias_bomb_is_not_expanded() -> None:
    levels = "\n".join(f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]" for level in range(1, 40))
    found = problems(config=f"l0: &l0 boom\n{levels}\ntags: *l39\n")
    assert found[-1] == "config.yaml:40:6: tags must be a list of texts. Put each in quotes."


def test_a_list_that_contains_itself_is_refused() -> None:
    assert problems(config="tags: &tags [*tags]") == ["config.yaml:1:7: tags must be a list of texts. Put each in quotes."]


def test_table_yaml_describes_the_table_and_its_columns_in_order() -> None:
    docs = compiled(table="description: One row per flight\ncolumns:\n  - name: tailnum\n    description: The aircraft\n  - name: Dep Delay\n").docs
    assert docs == TableDocs("One row per flight", {"tailnum": "The aircraft", "Dep Delay": ""})
    assert list(docs.columns) == ["tailnum", "Dep Delay"]


def test_a_table_without_a_description_has_its_pipelines() -> None:
    assert compiled("-- @description: of the pipeline\nSELECT 1", table="columns: [{name: a}]").docs == TableDocs("of the pipeline", {"a": ""})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("descripton: x", "table.yaml:1:1: 'descripton' is not a key. Did you mean 'description'?"),
        ("description: 5", "table.yaml:1:14: description must be text, not a number. Put it in quotes."),
        ("columns: {a: b}", "table.yaml:1:10: columns must be a list, not a mapping. Write `- name: …` and `description: …` for each column."),
        ("columns: tailnum", "table.yaml:1:10: columns must be a list, not text. Write `- name: …` and `description: …` for each column."),
        ("columns: [a]", "table.yaml:1:11: A column must have a name, not be text. Write `- name: …`."),
        ("columns:\n  - description: x", "table.yaml:2:5: This column has no name. Write `name: …`."),
        ("columns:\n  - name: a\n    typ: x", "table.yaml:3:5: 'typ' is not a key. There are name, description."),
        ("columns:\n  - name: a\n  - name: a", "table.yaml:3:11: The column 'a' is described twice. Remove one of the two."),
        ("columns:\n  - name: a\n    name: b", "table.yaml:3:5: 'name' is given twice: first on line 2. Remove one of them."),
        ("columns:\n  - name: 5", "table.yaml:2:11: name must be text, not a number. Put it in quotes."),
    ],
)
def test_a_wrong_table_description_is_named_with_its_place(text: str, problem: str) -> None:
    """P4-04, P10-28."""
    assert problems(table=text) == [problem]


def test_problems_come_in_the_order_of_files_and_places() -> None:
    found = problems("-- @nope: 1\nSELECT {{ x }}", config="ownr: ana", table="nme: x", late="{% if %}")
    assert [problem.split(": ")[0] for problem in found] == [
        "pipeline.sql:1:5",
        "pipeline.sql:2:11",
        "config.yaml:1:1",
        "table.yaml:1:1",
        "tests/quality/late.sql:1:7",
    ]
