"""Names validate in their constructors and quote themselves."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rat_engine import Layer, TableName, ZoneName, new_id
from rat_engine.domain.names import nearest, quote_identifier, quote_literal
from rat_engine.errors import InvalidNameError

HOSTILE = ["", " ", "a b", "a-b", "A", "1a", "_a", "é", "a.b", 'a"b', "a'b", "a;b", "a\x00", "a\n", "a/../b", "a" * 64, "\u202ea", "ａ"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_name_cannot_exist(name: str) -> None:
    """P0-02."""
    with pytest.raises(InvalidNameError):
        TableName("shop", Layer.GOLD, name)
    with pytest.raises(InvalidNameError):
        ZoneName("shop", name)
    with pytest.raises(InvalidNameError):
        TableName(name, Layer.GOLD, "orders")


@pytest.mark.parametrize(
    ("text", "namespace", "expected"),
    [("shop.gold.x", None, "shop.gold.x"), ("gold.x", "shop", "shop.gold.x"), ("other.gold.x", "shop", "other.gold.x"), (" gold.x ", "shop", "shop.gold.x")],
)
def test_two_parts_mean_the_current_namespace(text: str, namespace: str | None, expected: str) -> None:
    """P10-46: one parser for ns.layer.name."""
    assert str(TableName.parse(text, namespace)) == expected


@pytest.mark.parametrize("text", ["x", "gold.x", "a.b.c.d", "shop.golden.x", "", "..", "shop..x"])
def test_another_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError):
        TableName.parse(text)


def test_a_misspelt_layer_offers_the_nearest() -> None:
    with pytest.raises(InvalidNameError, match="Did you mean 'silver'"):
        TableName.parse("shop.sliver.x")


@pytest.mark.parametrize("name", ["memory", "system", "temp", "main", "information_schema", "pg_catalog", "gold", "landing"])
def test_a_namespace_may_not_be_called_like_a_catalog_of_the_engine(name: str) -> None:
    with pytest.raises(InvalidNameError, match="reserved"):
        TableName(name, Layer.GOLD, "x")


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=50))
def test_a_quoted_identifier_and_literal_come_back_unchanged_from_the_engine(text: str) -> None:
    """P4-05: any name or value placed in SQL is quoted through one helper."""
    with duckdb.connect() as connection:
        result = connection.execute(f"select {quote_literal(text)} as {quote_identifier(text)}")
        assert result.description[0][0] == text
        assert result.fetchone() == (text,)


def test_a_quoted_name_may_not_hold_nul() -> None:
    with pytest.raises(InvalidNameError):
        quote_identifier("a\x00b")
    with pytest.raises(InvalidNameError):
        quote_literal("a\x00b")


def test_the_nearest_name_is_offered_or_none() -> None:
    assert nearest("ordres", ["orders", "customers"]) == "Did you mean 'orders'?"
    assert nearest("xyz", ["orders"]) == ""


def test_ids_of_one_process_sort_by_creation_even_within_a_millisecond() -> None:
    """Lists are paged by id: what was asked for first must not come after what was asked for later."""
    ids = [new_id() for _ in range(5_000)]
    assert ids == sorted(set(ids))
