"""The design tokens keep their promises, and nothing else holds a colour or a type size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from rat_app import theme

ROOT = Path(__file__).resolve().parents[2]
SURFACES = ("bg", "surface", "raised")
COLOURS = ("muted", "purple", "cyan", "danger", "warn", "bronze", "silver", "gold", "accent")
LITERAL_COLOUR = re.compile(r"(?<![&\w])#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\b(?:rgb|rgba|hsl|hsla|oklch)\(", re.ASCII)
# After a slash stands the line height, which is not a type size.
LITERAL_SIZE = re.compile(r"font-size:\s*[\d.]|font:[^;]*?(?<![/\d.])\d+(?:px|rem|em)\b|fontSize:\s*(?:\d|[\"'](?!var\())")


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def style_sources() -> Iterator[Path]:
    yield from (ROOT / "assets").glob("*.css")
    for folder in ("components", "pages"):
        for kind in ("*.css", "*.jsx", "*.js", "*.py"):
            yield from (ROOT / "rat_app" / folder).rglob(kind)


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_text_and_colours_are_legible_on_every_surface(palette: Mapping[str, str]) -> None:
    for surface in SURFACES:
        assert contrast(palette["text"], palette[surface]) >= 7
        assert contrast(palette["border"], palette[surface]) >= 3
        for colour in COLOURS:
            assert contrast(palette[colour], palette[surface]) >= 5.5, (colour, surface)
    assert contrast(palette["on-accent"], palette["accent"]) >= 5.5


def test_both_themes_define_the_same_tokens_and_nothing_is_smaller_than_12_pixels() -> None:
    assert theme.DARK.keys() == theme.LIGHT.keys()
    assert min(theme.TYPE_SCALE.values()) == 12
    assert all(space % 4 == 0 for space in theme.SPACES)


@pytest.mark.parametrize("path", list(style_sources()), ids=lambda path: path.name)
def test_colours_and_type_sizes_come_only_from_tokens(path: Path) -> None:
    """P10-71, P10-72."""
    text = path.read_text("utf-8")
    assert not LITERAL_COLOUR.findall(text)
    assert not LITERAL_SIZE.findall(text)


def test_every_variable_that_a_stylesheet_uses_is_a_token() -> None:
    """P10-71: a misspelt token would silently be no colour at all."""
    texts = {path.name: path.read_text("utf-8") for path in style_sources()}
    known = {name for text in (theme.stylesheet(), *texts.values()) for name in re.findall(r"--([a-z0-9-]+)[\"'`]?\]?\s*[:,]", text)}
    for name, text in texts.items():
        assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) <= known, name


def test_the_wordmark_is_written_once() -> None:
    """P6-04."""
    holders = [path for path in (ROOT / "rat_app").rglob("*.py") if re.search(r"([\"'])RAT\1", path.read_text("utf-8"))]
    assert holders == [ROOT / "rat_app" / "theme.py"]
